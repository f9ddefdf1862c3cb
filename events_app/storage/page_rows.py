"""Recorded events as the workbench's pages show them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Func, IntegerField, QuerySet

from events_app.domain.event import from_ms
from events_app.domain.position import Position
from events_app.models import Event


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


def newest_events(
    *, limit: int, before: Position | None = None, name: str = ""
) -> Sequence[EventRow]:
    """The newest events, those before a position. `name` may end in `*`. One query."""
    rows = Event.objects.order_by("-log_ms", "-log_seq", "-frame_index")
    if name.endswith("*"):
        rows = rows.filter(event__startswith=name[:-1])
    elif name:
        rows = rows.filter(event=name)
    if before is not None:
        rows = rows.filter(pk__lt=tuple(before))
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
