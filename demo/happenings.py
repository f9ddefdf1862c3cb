"""What a happening is, and chance that is the same for the same day. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event

# Every resource of the demo's company begins so: by this it is found and removed again.
PREFIX = "larch."


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, and when the door is to receive it."""

    received: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time [start, end) to tell of. `today` is the day that special days are counted from.

    With `pace` 20, twenty times as much happens, and what follows follows twenty times as soon.
    """

    start: datetime
    end: datetime
    today: date
    random: Random
    pace: float = 1.0

    def days_ago(self, moment: datetime) -> int:
        return (self.today - moment.date()).days

    def after(self, seconds: float) -> timedelta:
        return timedelta(seconds=seconds / self.pace)

    def arrivals(self, per_hour: Sequence[float]) -> Iterator[datetime]:
        """Moments by chance; `per_hour` holds 24 rates, one for each hour of the day (UTC)."""
        moment = self.start
        most = max(per_hour) * self.pace / 3600
        while (moment := moment + timedelta(seconds=self.random.expovariate(most))) < self.end:
            if self.random.random() < per_hour[moment.hour] / max(per_hour):
                yield moment

    def daily(self, key: str, hour: int, minute: int, jitter_minutes: float) -> Iterator[datetime]:
        """The moment of each day at about this hour; the same whatever the stretch."""
        day = self.start.date() - timedelta(days=1)
        while day <= self.end.date():
            jitter = Random(f"{key}/{day}").uniform(0, jitter_minutes * 60)
            moment = datetime.combine(day, time(hour, minute, tzinfo=UTC))
            moment += timedelta(seconds=jitter)
            if self.start <= moment < self.end:
                yield moment
            day += timedelta(days=1)


def rhythm(a_day: float, *, peaks: Sequence[int], night: float = 0.05) -> list[float]:
    """24 rates per hour that add up to `a_day`, high around the peaks and low at night."""
    raw = [
        night + sum(math.exp(-(((hour - peak + 12) % 24 - 12) ** 2) / 8) for peak in peaks)
        for hour in range(24)
    ]
    return [rate * a_day / sum(raw) for rate in raw]


def happening(
    stretch: Stretch,
    received: datetime,
    name: str,
    resource: str,
    labels: Mapping[str, str] | None = None,
    *,
    related: Mapping[str, str] | None = None,
    payload: Mapping[str, Any] | None = None,
    occurred: datetime | None = None,
    follows: UUID | None = None,
) -> Happening:
    """One event of the company. `related` maps roles to resource ids, all without PREFIX."""
    event = Event(
        id=UUID(int=stretch.random.getrandbits(128), version=4),
        occurred=occurred or received - timedelta(milliseconds=stretch.random.randint(2, 90)),
        event=name,
        resource={RESOURCE_ID: PREFIX + resource, **(labels or {})},
        related=[
            {RESOURCE_ID: PREFIX + id_, RESOURCE_ROLE: role}
            for role, id_ in (related or {}).items()
        ],
        payload=msgspec.Raw(msgspec.json.encode(payload or {})),
        follows=follows,
    )
    return Happening(received, event)
