"""Recorded events as the API asks for them: a page at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core import signing

from events_app.domain.event import from_us, to_us
from events_app.domain.filters import EventFilter, Order
from events_app.domain.position import Position
from events_app.reads import event_counts
from events_app.reads.time_limits import QueryTooSlow, time_limit
from events_app.storage.filter_sql import where
from events_app.storage.stored_events import COLUMNS, Key, StoredEvent, query_rows, recorded_of
from project.lib.problems import Invalid, Problem

SECONDS_PER_QUESTION = 5.0

_SALT = "events_app.page"
_KEY = "occurred {0}, log_ms {0}, log_seq {0}, frame_index {0}"


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
    with within_time():
        total = event_counts.total(filter)
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
    with within_time():
        return _page(filter, limit=content["limit"], after=after, total=content["total"])


def matching(filter: EventFilter, *, limit: int, after: Key | None) -> list[StoredEvent]:
    """The newest (or oldest, as the filter's order says) events, behind `after`."""
    descending = filter.order is not Order.ASC
    condition = where(filter)
    source, params = f"event WHERE {condition.text}", condition.params
    order = _KEY.format("DESC" if descending else "ASC")
    if filter.distinct:
        distinct = f"SELECT DISTINCT ON (resource_id) {COLUMNS} FROM {source}"
        source = f"({distinct} ORDER BY resource_id, {order}) AS event WHERE TRUE"
    if after is not None:
        sign = "<" if descending else ">"
        # The first half says to an index on `occurred` alone where to begin.
        source += f" AND occurred {sign}= %s AND"
        source += f" (occurred, log_ms, log_seq, frame_index) {sign} (%s, %s, %s, %s)"
        params = [*params, after.occurred, after.occurred, *after.position]
    query = f"SELECT {COLUMNS} FROM {source} ORDER BY {order} LIMIT %s"
    return [recorded_of(row) for row in query_rows(query, [*params, limit])]


def _page(filter: EventFilter, *, limit: int, after: Key | None, total: int) -> EventPage:
    matches = matching(filter, limit=limit + 1, after=after)
    events = matches[:limit]
    token = (
        _token(filter, limit, events[-1].key, total) if events and len(matches) > limit else None
    )
    return EventPage(events, total, token)


def _token(filter: EventFilter, limit: int, last: Key, total: int) -> str:
    content: dict[str, Any] = {
        "filter": filter.model_dump(mode="json", exclude_none=True),
        "limit": limit,
        "after": [to_us(last.occurred), *last.position],
        "total": total,
    }
    return signing.dumps(content, salt=_SALT, compress=True)


@contextmanager
def within_time() -> Iterator[None]:
    """Raises Invalid when answering takes too long."""
    try:
        with time_limit(SECONDS_PER_QUESTION):
            yield
    except QueryTooSlow:
        sentence = (
            f"Answering took more than {SECONDS_PER_QUESTION:.0f} s;"
            " narrow the filter by time, name or resource."
        )
        raise Invalid([Problem(("filter",), sentence, "too_slow")]) from None
