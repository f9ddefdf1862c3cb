"""Recorded events as the API asks for them: a page at a time, and counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core import signing
from django.db import OperationalError, transaction
from psycopg.errors import QueryCanceled

from events_app.domain.event import from_us, to_us
from events_app.domain.filters import EventFilter, OccurredFilter
from events_app.domain.position import Position
from events_app.domain.spans import Count, TimeSteps, filled
from events_app.storage import browsing
from events_app.storage.browsing import Key, StoredEvent
from project.lib.problems import Invalid, Problem

SECONDS_PER_QUESTION = 5.0
MAX_COUNTS = 1_000
_SALT = "events_app.page"


class Countable(StrEnum):
    DAY = "day"
    TIME = "time"
    EVENT = "event"
    RESOURCE = "resource"


class TimeUnit(StrEnum):
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class EventPage:
    """`next_token` leads to the page after this one; None on the last."""

    events: list[StoredEvent]
    total: int
    next_token: str | None


class UnknownPage(Exception):
    """There is no such page."""


def first_page(filter: EventFilter, *, limit: int) -> EventPage:
    """The first events of the filter, and how many there are in all (2 queries and a limit).

    Raises Invalid when the question takes too long.
    """
    with _in_time():
        total = browsing.total(filter)
        return _page(filter, limit=limit, after=None, total=total)


def next_page(token: str) -> EventPage:
    """The page behind the one that gave the token. `total` is as it was for the first page.

    Raises Invalid, and UnknownPage for a token that this server did not make.
    """
    try:
        content = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, UnicodeError):
        raise UnknownPage from None
    filter = EventFilter.model_validate(content["filter"])
    us, *position = content["after"]
    after = Key(from_us(us), Position(*position))
    with _in_time():
        return _page(filter, limit=content["limit"], after=after, total=content["total"])


def _page(filter: EventFilter, *, limit: int, after: Key | None, total: int) -> EventPage:
    found = browsing.matching(filter, limit=limit + 1, after=after)
    shown = found[:limit]
    token = _token(filter, limit, shown[-1].key, total) if shown and len(found) > limit else None
    return EventPage(shown, total, token)


def _token(filter: EventFilter, limit: int, last: Key, total: int) -> str:
    content: dict[str, Any] = {
        "filter": filter.model_dump(mode="json", exclude_none=True),
        "limit": limit,
        "after": [to_us(last.occurred), *last.position],
        "total": total,
    }
    return signing.dumps(content, salt=_SALT, compress=True)


def count_by(
    countable: Countable,
    filter: EventFilter,
    *,
    unit: TimeUnit,
    interval: float,
    now: datetime,
) -> list[Count]:
    """Matching events by step of time, name or resource. Raises Invalid.

    At most 1,000 counts: more steps of time are refused, of names and resources the most
    frequent are given. TimeSteps without events count 0: from `since` on and up to `until` or now
    where the filter says them, else between the first and the last event.
    """
    if countable in (Countable.EVENT, Countable.RESOURCE):
        by_event = countable is Countable.EVENT
        counting = browsing.count_by_event if by_event else browsing.count_by_resource
        with _in_time():
            return counting(filter, limit=MAX_COUNTS)
    if countable is Countable.DAY:
        unit, interval = TimeUnit.DAY, 1.0
    return _count_by_time(filter, TimeSteps(timedelta(**{f"{unit}s": interval})), now=now)


def _count_by_time(filter: EventFilter, steps: TimeSteps, *, now: datetime) -> list[Count]:
    asked = filter.occurred or OccurredFilter()
    first = None if asked.since is None else steps.number(asked.since)
    ends = asked.since or asked.until
    last = None if ends is None else steps.number(min(asked.until or now, now))
    if first is not None and last is not None:
        _check_steps([first, last])
    with _in_time():
        found = browsing.count_by_time(filter, steps.step, limit=MAX_COUNTS + 1)
    counts = {int(each.value): each for each in found}
    if not counts and first is None:
        return []
    _check_steps([*counts, *(each for each in (first, last) if each is not None)])
    return list(filled(counts, steps, first=first, last=last))


def _check_steps(numbers: list[int]) -> None:
    if max(numbers) - min(numbers) >= MAX_COUNTS:
        sentence = f"This makes more than {MAX_COUNTS:,} steps; ask for longer steps or less time."
        raise Invalid([Problem(("time_interval",), sentence)])


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        with transaction.atomic():
            browsing.limit_time(SECONDS_PER_QUESTION)
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        sentence = (
            f"Answering took more than {SECONDS_PER_QUESTION:.0f} s;"
            " narrow the filter by time, name or resource."
        )
        raise Invalid([Problem(("filter",), sentence, "too_slow")]) from None
