"""Questions about recorded events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from events_app.domain.event import Event, from_ms
from events_app.domain.filters import EventFilter, Order
from events_app.domain.position import Position
from events_app.domain.spans import ORIGIN, Count
from events_app.storage.filter_sql import TRUE, Sql, name_condition, where

COLUMNS = "occurred, log_ms, log_seq, frame_index, event, resource, related, payload, id, follows"
_KEY = "occurred {0}, log_ms {0}, log_seq {0}, frame_index {0}"
_ORIGIN = f"timestamptz '{ORIGIN.isoformat()}'"
_LABELS = "resource->>'prefect.resource.name', resource->>'prefect.name', resource_id"


class Key(NamedTuple):
    """The place of an event in a list that is ordered by time."""

    occurred: datetime
    position: Position


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event, and where the log holds or held it."""

    position: Position
    event: Event

    @property
    def received(self) -> datetime:
        return from_ms(self.position.ms)

    @property
    def key(self) -> Key:
        return Key(self.event.occurred, self.position)


def limit_time(seconds: float) -> None:
    """Cancel statements of the current transaction that take longer."""
    _rows("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])


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
    return [recorded_of(row) for row in _rows(query, [*params, limit])]


def total(filter: EventFilter) -> int:
    """How many events match. By name only, it is read from counts, however many there are."""
    if filter.only_names and not filter.distinct:
        names = TRUE if filter.event is None else name_condition(filter.event)
        query = f"SELECT coalesce(sum(events), 0)::bigint FROM event_count WHERE {names.text}"
        return int(_rows(query, names.params)[0][0])
    counted = "count(DISTINCT resource_id)" if filter.distinct else "count(*)"
    condition = where(filter)
    return int(_rows(f"SELECT {counted} FROM event WHERE {condition.text}", condition.params)[0][0])


def count_by_time(filter: EventFilter, step: timedelta, *, limit: int) -> list[Count]:
    """Events per step, the oldest first; steps without events are left out."""
    start = f"date_bin(%s, occurred, {_ORIGIN})"
    number = f"floor(extract(epoch FROM {start} - {_ORIGIN}) / %s)::bigint::text"
    label = f"""to_char({start} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
    params = [step, step.total_seconds(), step]
    return _counts(number, label, params, where(filter), order="min(occurred)", limit=limit)


def count_by_event(filter: EventFilter, *, limit: int) -> list[Count]:
    order = "count(*) DESC, min(event)"
    return _counts("event", "min(event)", [], where(filter), order=order, limit=limit, group="1")


def count_by_resource(filter: EventFilter, *, limit: int) -> list[Count]:
    """The label is the newest name of the resource."""
    label = f"(array_agg(coalesce({_LABELS}) ORDER BY occurred DESC))[1]"
    condition = where(filter)
    order = "count(*) DESC, resource_id"
    return _counts("resource_id", label, [], condition, order=order, limit=limit, group="1")


def _counts(
    value: str,
    label: str,
    params: Sequence[Any],
    condition: Sql,
    *,
    order: str,
    limit: int,
    group: str = "1, 2",
) -> list[Count]:
    query = (
        f"SELECT {value}, {label}, count(*), min(occurred), max(occurred) FROM event"
        f" WHERE {condition.text} GROUP BY {group} ORDER BY {order} LIMIT %s"
    )
    return [Count(*row) for row in _rows(query, [*params, *condition.params, limit])]


def recorded_of(row: tuple[Any, ...]) -> StoredEvent:
    """A row of the columns that `StoredEvent` needs, in the order of the next line."""
    occurred, ms, seq, index, name, resource, related, payload, id_, follows = row
    event = Event(
        occurred=occurred,
        event=name,
        resource=msgspec.json.decode(resource),
        related=msgspec.json.decode(related),
        payload=msgspec.Raw(payload.encode()),
        id=id_,
        follows=follows,
    )
    return StoredEvent(Position(ms, seq, index), event)


def _rows(query: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
