"""When a schedule occurs: every so often, by a cron expression, or by an iCalendar rule. Pure.

Two readings of the clock meet where it is changed. A wall time that does not exist is read with
the offset before the change (2:30 becomes 3:30); one that exists twice is the first. Intervals
shorter than a day are counted in elapsed time, all else in wall time.
Source: documentation of schedules of Prefect 3.9.1; docs/prefect.md.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter
from croniter.croniter import CroniterError

from project.lib.problems import Invalid, Problem
from runs_app.domain.recurrence import Recurrence

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=3660)
FEWEST_AHEAD = 3
MOST_AHEAD = 100
AHEAD = timedelta(hours=1)
FARTHEST = timedelta(days=100)
_SPARE = timedelta(minutes=15)  # so that not every look has to make one
_SOONEST = timedelta(minutes=1)
_IDLE = timedelta(days=1)
TIMING = ("interval", "cron", "rrule", "timezone", "anchor_date", "day_or")
_DAY = timedelta(days=1)
_LATELY = timedelta(hours=3)
# From here until a few years on, a schedule has to occur at least once.
_FIRST_YEAR, _LAST_YEAR = 1900, 2300
_SEARCHED_YEARS = 50  # 29 February is a Monday every 28 years, or 40
_MAX_CHARACTERS = 6500


class Schedule(Protocol):
    def occurrences(self, after: datetime) -> Iterator[datetime]:
        """In UTC, strictly later than `after` (any zone), in order; endless or not."""


@dataclass(frozen=True, slots=True)
class Interval:
    every: timedelta
    anchor: datetime
    zone: ZoneInfo

    def occurrences(self, after: datetime) -> Iterator[datetime]:
        if self.every < _DAY:
            count = math.floor((after - self.anchor) / self.every) + 1
            while True:
                yield (self.anchor + count * self.every).astimezone(UTC)
                count += 1
        wall = _wall(self.anchor, self.zone)
        # One earlier than by the wall clock, which may be off by a change of it.
        count = math.floor((_wall(after, self.zone) - wall) / self.every) - 1
        last = after
        while True:
            moment = _moment(wall + count * self.every, self.zone)
            if moment > last:
                yield moment
                last = moment
            count += 1


@dataclass(frozen=True, slots=True)
class Cron:
    expression: str
    zone: ZoneInfo
    day_or: bool = True

    def occurrences(self, after: datetime) -> Iterator[datetime]:
        walls = croniter(
            self.expression,
            _begin(after, self.zone),
            day_or=self.day_or,
            max_years_between_matches=_SEARCHED_YEARS,
        )
        return _later(walls.all_next(datetime), after, self.zone)


@dataclass(frozen=True, slots=True)
class Rule:
    recurrence: Recurrence
    zone: ZoneInfo

    def occurrences(self, after: datetime) -> Iterator[datetime]:
        walls = self.recurrence.walls(_begin(after, self.zone))
        return _later(walls, after, self.zone)


def with_anchor(document: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The schedule's document as it is kept: what its phase depends on is written down."""
    kept = dict(document)
    if "interval" in kept:
        kept["anchor_date"] = kept.get("anchor_date") or now.isoformat()
        kept.setdefault("timezone", None)
    elif "cron" in kept:
        kept = {"timezone": None, "day_or": True} | _given(kept)
    elif "rrule" in kept:
        kept["timezone"] = kept.get("timezone") or "UTC"
        rule = kept["rrule"]
        if isinstance(rule, str) and "DTSTART" not in rule.upper():
            zone = _known_zone(kept["timezone"]) or ZoneInfo("UTC")
            start = _wall(now, zone).replace(microsecond=0)
            kept["rrule"] = f"DTSTART:{start:%Y%m%dT%H%M%S}\n{rule}"
    return kept


def keeping_anchor(document: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the anchor of one that is kept, where it names none itself."""
    if "interval" in document and document.get("anchor_date") is None:
        return {**document, "anchor_date": kept.get("anchor_date")}
    start, _, rule = str(kept.get("rrule")).partition("\n")
    if start.startswith("DTSTART") and rule == document.get("rrule"):
        return {**document, "rrule": kept["rrule"]}
    return dict(document)


def words(document: Mapping[str, Any]) -> str:
    """When it occurs, short: `Every 1:30:00`, `cron 0 2 * * *`, `FREQ=DAILY`."""
    if document.get("interval") is not None:
        return f"Every {timedelta(seconds=document['interval'])}"
    if document.get("cron") is not None:
        return f"cron {document['cron']}"
    return str(document.get("rrule")).rpartition("\n")[2]


def parts(document: Mapping[str, Any]) -> tuple[str, str]:
    """Its kind (interval, cron or rrule), and what it says in a text of its own."""
    kind = _kind(_given(document))
    value = document[kind]
    return kind, f"{value:g}" if kind == "interval" else str(value)


def parse(document: Mapping[str, Any]) -> Schedule:
    """Read a schedule as `with_anchor` returns it, and see that it occurs. Raises Invalid.

    What never occurs, and what would occur more often than once a second, is refused.
    """
    schedule = read(document)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    try:
        if next(schedule.occurrences(start), None) is None and not _is_over(schedule, start):
            raise _refused(_kind(document), "This never occurs.")
    except (CroniterError, ValueError, TypeError, KeyError, IndexError) as error:
        message = f"This is not a valid cron expression: {str(error).rstrip('.')}."
        raise _refused(_kind(document), message) from None
    return schedule


def read(document: Mapping[str, Any]) -> Schedule:
    """The same of a schedule that `parse` has accepted before."""
    given = _given(document)
    kind = _kind(given)
    zone = _zone(given.get("timezone"))
    value = given[kind]
    if kind == "interval":
        every = _every(value)
        anchor = _anchor(given.get("anchor_date"), zone)
        return Interval(every, anchor, zone or ZoneInfo("UTC"))
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_CHARACTERS:
        raise _refused(kind, f"This must be a text of at most {_MAX_CHARACTERS:,} characters.")
    if kind == "cron":
        return _cron(value, zone or ZoneInfo("UTC"), given.get("day_or", True))
    try:
        return Rule(Recurrence.parse(value), zone or ZoneInfo("UTC"))
    except ValueError as error:
        raise _refused(kind, f"This is not a valid rule: {error}.") from None


def upcoming(schedule: Schedule, *, now: datetime, most: int | None = None) -> list[datetime]:
    """The times for which runs are made ahead: three at least, and all of an hour and some more.

    At most 100, or `most`, and none that is more than 100 days away.
    """
    limit = min(most or MOST_AHEAD, MOST_AHEAD)
    times: list[datetime] = []
    for moment in schedule.occurrences(now):
        enough = len(times) >= FEWEST_AHEAD and moment > now + AHEAD + _SPARE
        if enough or moment > now + FARTHEST:
            break
        times.append(moment)
        if len(times) == limit:
            break
    return times


def next_look(ahead: Sequence[datetime], *, now: datetime, most: int | None = None) -> datetime:
    """When to ask `upcoming` again after it has answered this: before few are left, or an hour."""
    fewest = min(FEWEST_AHEAD, most or MOST_AHEAD)
    wishes = [now + _IDLE]
    if ahead:
        wishes.append(ahead[-fewest] if len(ahead) >= fewest else ahead[0])
    if len(ahead) > fewest:
        wishes.append(ahead[-1] - AHEAD)
    return max(now + _SOONEST, min(wishes))


def is_over(schedule: Schedule, *, now: datetime) -> bool:
    """Whether it will never occur again."""
    return isinstance(schedule, Rule) and next(schedule.occurrences(now), None) is None


def _is_over(schedule: Schedule, moment: datetime) -> bool:
    """What has an end, and is past it, is no mistake."""
    return isinstance(schedule, Rule) and schedule.recurrence.ended(moment.replace(tzinfo=None))


def _kind(given: Mapping[str, Any]) -> str:
    kinds = [each for each in ("interval", "cron", "rrule") if each in given]
    if len(kinds) != 1:
        message = "A schedule has exactly one of `interval`, `cron` and `rrule`."
        raise Invalid([Problem((), message)])
    return kinds[0]


def _every(value: Any) -> timedelta:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not SHORTEST.total_seconds() <= value <= LONGEST.total_seconds():
        raise _refused("interval", "An interval is between 1 second and 10 years, in seconds.")
    return timedelta(seconds=value)


def _anchor(value: Any, zone: ZoneInfo | None) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        message = "This must be a date and time such as 2026-01-31T09:00:00Z."
        raise _refused("anchor_date", message) from None
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        raise _refused("anchor_date", f"The year must be {_FIRST_YEAR} to {_LAST_YEAR - 1}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)


def _cron(expression: str, zone: ZoneInfo, day_or: Any) -> Cron:
    words = expression.split()
    if any(word.upper()[:1] in ("R", "H") for word in words):
        raise _refused("cron", "Random and hashed expressions are not supported.")
    if len(words) not in (1, 5, 6):
        raise _refused("cron", "A cron expression has five fields, or six with seconds.")
    return Cron(expression, zone, bool(day_or))


def _zone(name: Any) -> ZoneInfo | None:
    if name is None:
        return None
    zone = _known_zone(name)
    if zone is None:
        raise _refused("timezone", f"{name!r} is not a time zone such as America/New_York.")
    return zone


def _known_zone(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)  # which keeps the zones that it has read
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
        return None


def _given(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _refused(name: str, message: str) -> Invalid:
    return Invalid([Problem((name,), message)])


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _begin(after: datetime, zone: ZoneInfo) -> datetime:
    """From which wall time on to look for moments after this one.

    What a change of the clock has skipped lately comes later than its wall time says.
    """
    wall = _wall(after, zone)
    changed_by = wall - _wall(after - _LATELY, zone) - _LATELY
    return wall - max(changed_by, timedelta(0))


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _later(walls: Iterator[datetime], after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    last = after
    for wall in walls:
        moment = _moment(wall, zone)
        if moment > last:
            yield moment
            last = moment
