"""Recorded events as the API asks for them: a page at a time, and counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.core import signing
from django.db import OperationalError, transaction
from psycopg.errors import QueryCanceled

from events_app.domain.event import from_us, to_us
from events_app.domain.filters import EventFilter
from events_app.domain.position import Position
from events_app.storage import browsing
from events_app.storage.browsing import Count, Key, StoredEvent
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


def first_page(filter: EventFilter, *, limit: int) -> EventPage:
    """The first events of the filter, and how many there are in all (2 queries and a limit).

    Raises Invalid when the question takes too long.
    """
    with _in_time():
        total = browsing.total(filter)
        return _page(filter, limit=limit, after=None, total=total)


def next_page(token: str) -> EventPage:
    """The page behind the one that gave the token. `total` is as it was for the first page.

    Raises Invalid, also for a token that this server did not make.
    """
    try:
        content = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, UnicodeError):
        problem = Problem(("page-token",), "This page does not exist; start with the filter again.")
        raise Invalid([problem]) from None
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
    countable: Countable, filter: EventFilter, *, unit: TimeUnit, interval: float
) -> list[Count]:
    """Matching events by step of time, name or resource. Raises Invalid.

    At most 1,000 counts: more steps of time are refused, of names and resources the most
    frequent are given.
    """
    with _in_time():
        if countable is Countable.EVENT:
            return browsing.count_by_event(filter, limit=MAX_COUNTS)
        if countable is Countable.RESOURCE:
            return browsing.count_by_resource(filter, limit=MAX_COUNTS)
        if countable is Countable.DAY:
            unit, interval = TimeUnit.DAY, 1.0
        step = timedelta(**{f"{unit}s": interval})
        counts = browsing.count_by_time(filter, step, limit=MAX_COUNTS + 1)
    if len(counts) > MAX_COUNTS:
        sentence = f"This makes more than {MAX_COUNTS:,} steps; ask for longer steps or less time."
        raise Invalid([Problem(("time_interval",), sentence)])
    return counts


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
