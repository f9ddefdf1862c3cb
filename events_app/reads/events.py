"""Recorded events, as pages show them and as the API lists them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Func, IntegerField, QuerySet

from events_app.domain.event import from_ms, to_us
from events_app.domain.filters import EventFilter
from events_app.domain.position import Position
from events_app.domain.search_filters import SearchFilter
from events_app.models import Event
from events_app.reads.time_limits import time_limit
from events_app.storage.filter_sql import where
from events_app.storage.stored_events import Key, query_rows
from project.lib.paging import Page, page_of


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of a list."""

    position: Position
    id: UUID
    event: str
    resource_id: str
    related_total: int

    @property
    def received(self) -> datetime:
        return from_ms(self.position.ms)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event with everything in it."""

    position: Position
    id: UUID
    event: str
    resource_id: str
    occurred: datetime
    resource: dict[str, str]
    related: list[dict[str, str]]
    payload: dict[str, Any]
    follows: UUID | None

    @property
    def received(self) -> datetime:
        return from_ms(self.position.ms)


@dataclass(frozen=True, slots=True)
class OccurredEvent:
    """A line of a list in the order of happening."""

    position: Position
    id: UUID
    event: str
    resource_id: str
    related_total: int
    occurred: datetime

    @property
    def received(self) -> datetime:
        return from_ms(self.position.ms)

    @property
    def key(self) -> Key:
        return Key(self.occurred, self.position)


PATIENCE_SECONDS = 3.0


# The ORM could neither page by a row of columns nor take the API's conditions.
_MATCHING = """
    SELECT log_ms, log_seq, frame_index, id, event, resource_id, jsonb_array_length(related),
           occurred
    FROM event WHERE {condition}
    ORDER BY occurred DESC, log_ms DESC, log_seq DESC, frame_index DESC LIMIT %s
"""

# The first half says to an index on `occurred` alone where to begin.
_BEHIND = " AND occurred <= %s AND (occurred, log_ms, log_seq, frame_index) < (%s, %s, %s, %s)"


def newest(*, size: int) -> Page[EventRow]:
    """The events that were received last. One query."""
    rows = newest_rows(limit=size + 1)
    return page_of(rows, size=size, key=lambda row: row.position)


def page(filter: EventFilter, *, size: int, after: Key | None = None) -> Page[OccurredEvent]:
    """A page of events, those that happened last first. One query. Raises QueryTooSlow."""
    with limited(filter):
        rows = rows_of_page(filter, limit=size + 1, after=after)
    return page_of(rows, size=size, key=_place, first=after is None)


def newest_rows(*, limit: int) -> Sequence[EventRow]:
    """The events that were received last. One query."""
    rows = Event.objects.order_by("-log_ms", "-log_seq", "-frame_index")
    length = Func(F("related"), function="jsonb_array_length", output_field=IntegerField())
    lines = rows.annotate(related_total=length).values_list(
        "log_ms", "log_seq", "frame_index", "id", "event", "resource_id", "related_total"
    )[:limit]
    return [EventRow(Position(*row[:3]), *row[3:]) for row in lines]


def rows_of_page(filter: EventFilter, *, limit: int, after: Key | None) -> Sequence[OccurredEvent]:
    """The events that happened last, those behind a place. One query."""
    condition, params = where(filter)
    if after is not None:
        condition += _BEHIND
        params = [*params, after.occurred, after.occurred, *after.position]
    lines = query_rows(_MATCHING.format(condition=condition), [*params, limit])
    return [OccurredEvent(Position(*row[:3]), *row[3:]) for row in lines]


def is_cheap(filter: EventFilter) -> bool:
    """Whether an index leads to the events, so that no time limit is needed."""
    more = isinstance(filter, SearchFilter) and filter.more
    unaided = filter.text or filter.related or filter.any_resource or more
    return not (unaided or _labels(filter))


def by_id(event_id: UUID) -> RecordedEvent | None:
    """The newest event with this id; ids repeat only when they are sent again much later."""
    return _first(Event.objects.filter(id=event_id))


def before(event: RecordedEvent) -> RecordedEvent | None:
    """The event of the same name that happened last before this one. Two queries."""
    named = EventFilter.model_validate({"event": {"name": [event.event]}})
    rows = rows_of_page(named, limit=1, after=Key(event.occurred, event.position))
    return at(rows[0].position) if rows else None


def at(position: Position) -> RecordedEvent | None:
    return _first(Event.objects.filter(pk=tuple(position)))


def _first(rows: "QuerySet[Event]") -> RecordedEvent | None:
    row = rows.order_by("-log_ms", "-log_seq", "-frame_index").first()
    if row is None:
        return None
    return RecordedEvent(
        position=Position(row.log_ms, row.log_seq, row.frame_index),
        id=row.id,
        event=row.event,
        resource_id=row.resource_id,
        occurred=row.occurred,
        resource=row.resource,
        related=row.related,
        payload=json.loads(row.payload),
        follows=row.follows,
    )


def _labels(filter: EventFilter) -> bool:
    return filter.resource is not None and bool(filter.resource.labels)


def _place(row: OccurredEvent) -> str:
    return f"{to_us(row.occurred)}-{row.position}"


@contextmanager
def limited(filter: EventFilter) -> Iterator[None]:
    """Only what no index leads to can take long. Raises QueryTooSlow."""
    if is_cheap(filter) and filter.occurred is None:
        yield
        return
    with time_limit(PATIENCE_SECONDS):
        yield
