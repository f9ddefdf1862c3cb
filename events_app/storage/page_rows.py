"""Recorded events as the workbench's pages show them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Func, IntegerField, QuerySet

from events_app.domain.event import from_ms
from events_app.domain.filters import EventFilter
from events_app.domain.position import Position, StreamId
from events_app.models import Event
from events_app.storage.browsing import Key
from events_app.storage.filter_sql import TRUE, name_condition, where


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


def newest_events(*, limit: int) -> Sequence[EventRow]:
    """The events that were received last. One query."""
    rows = Event.objects.order_by("-log_ms", "-log_seq", "-frame_index")
    length = Func(F("related"), function="jsonb_array_length", output_field=IntegerField())
    found = rows.annotate(related_total=length).values_list(
        "log_ms", "log_seq", "frame_index", "id", "event", "resource_id", "related_total"
    )[:limit]
    return [EventRow(Position(*row[:3]), *row[3:]) for row in found]


def event_by_id(event_id: UUID) -> RecordedEvent | None:
    """The newest event with this id; ids repeat only when they are sent again much later."""
    return _first(Event.objects.filter(id=event_id))


def event_at(position: Position) -> RecordedEvent | None:
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


# The ORM could neither page by a row of columns nor take the API's conditions.
_MATCHING = """
    SELECT log_ms, log_seq, frame_index, id, event, resource_id, jsonb_array_length(related),
           occurred
    FROM event WHERE {condition}
    ORDER BY occurred DESC, log_ms DESC, log_seq DESC, frame_index DESC LIMIT %s
"""
# The first half says to an index on `occurred` alone where to begin.
_BEHIND = " AND occurred <= %s AND (occurred, log_ms, log_seq, frame_index) < (%s, %s, %s, %s)"
_BY_DAY = """
    SELECT log_day, sum(events)::bigint FROM event_count
    WHERE log_day >= %s AND {condition} GROUP BY 1 ORDER BY 1
"""
# One bin per row and nothing else: three times as fast as the API's counts, which tell more.
_BY_STEP = """
    SELECT date_bin(%s, occurred, %s), count(*) FROM event WHERE {condition} GROUP BY 1
"""
_NAMES = """
    SELECT event, sum(events)::bigint AS total FROM event_count
    GROUP BY 1 ORDER BY max(log_day) DESC, total DESC LIMIT %s
"""
_STATE = "SELECT name, position_ms, position_seq FROM reader ORDER BY name"
_REJECTED = """
    SELECT coalesce((SELECT jsonb_object_agg(log_day, events) FROM (
               SELECT log_day, sum(events)::bigint AS events FROM event_count
               WHERE log_day >= %s GROUP BY 1) AS days), '{}'),
           (SELECT count(*) FROM rejected_event),
           EXISTS (SELECT FROM event_count)
"""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """A line of a list in the order of happening."""

    position: Position
    id: UUID
    event: str
    resource_id: str
    related_total: int
    occurred: datetime

    @property
    def key(self) -> Key:
        return Key(self.occurred, self.position)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Events by day of log time, events that PostgreSQL refused, whether any ever came."""

    by_day: dict[date, int]
    rejected: int
    any: bool


def matching_events(filter: EventFilter, *, limit: int, after: Key | None) -> Sequence[FoundEvent]:
    """The events that happened last, those behind a place. One query."""
    condition, params = where(filter)
    if after is not None:
        condition += _BEHIND
        params = [*params, after.occurred, after.occurred, *after.position]
    found = _rows(_MATCHING.format(condition=condition), [*params, limit])
    return [FoundEvent(Position(*row[:3]), *row[3:]) for row in found]


def received_by_day(filter: EventFilter, *, since: date) -> dict[date, int]:
    """Counts of events with these names; nothing but names may be asked. One query."""
    condition = TRUE if filter.event is None else name_condition(filter.event)
    query = _BY_DAY.format(condition=condition.text)
    return dict(_rows(query, [since, *condition.params]))


def happened_by_step(
    filter: EventFilter, step: timedelta, *, origin: datetime
) -> dict[datetime, int]:
    """Counts by the beginning of each step that has events. One query."""
    condition, params = where(filter)
    return dict(_rows(_BY_STEP.format(condition=condition), [step, origin, *params]))


def seen_names(*, limit: int) -> list[tuple[str, int]]:
    """Names with how often they came: of the latest day first, the most frequent. One query."""
    return [(name, total) for name, total in _rows(_NAMES, [limit])]


def arrivals(*, since: date) -> Arrivals:
    """One query."""
    days, rejected, any_ = _rows(_REJECTED, [since])[0]
    counts = json.loads(days) if isinstance(days, str) else days
    return Arrivals({date.fromisoformat(day): n for day, n in counts.items()}, rejected, any_)


def reader_positions() -> dict[str, StreamId]:
    """Where each reader of the log is. One query."""
    return {name: StreamId(ms, seq) for name, ms, seq in _rows(_STATE, [])}


def _rows(query: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
