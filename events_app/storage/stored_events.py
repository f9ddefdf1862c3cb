"""Recorded events as rows of the table, and their order in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from events_app.domain.event import Event, from_ms
from events_app.domain.position import Position

COLUMNS = "occurred, log_ms, log_seq, frame_index, event, resource, related, payload, id, follows"


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
    query_rows("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])


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


def query_rows(query: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


# The bounds on log_ms alone let PostgreSQL leave whole partitions out.
AT_PLACES = """
    log_ms BETWEEN %s AND %s AND (log_ms, log_seq, frame_index) IN (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[]))
"""
_AT = f"""
    SELECT {COLUMNS.replace("payload", "'{}'")} FROM event WHERE {AT_PLACES}
"""
_WITH_IDS = f"""
    SELECT {COLUMNS.replace("payload", "'{}'")} FROM event WHERE log_ms >= %s AND id = ANY(%s)
"""


def at_positions(positions: Sequence[Position]) -> list[StoredEvent]:
    """Events without their payloads. One query, or none."""
    if not positions:
        return []
    return [recorded_of(row) for row in query_rows(_AT, place_params(positions))]


def place_params(positions: Sequence[tuple[int, int, int]]) -> list[Any]:
    """What `AT_PLACES` needs. Numbers as texts: of five thousand each costs psycopg a millisecond
    in all instead of seven."""
    columns = list(zip(*positions, strict=True))
    texts = [f"{{{','.join(map(str, column))}}}" for column in columns]
    return [min(columns[0]), max(columns[0]), *texts]


def with_ids(ids: Sequence[UUID], *, since_ms: int) -> list[StoredEvent]:
    """Events without their payloads that were received since then. One query."""
    return [recorded_of(row) for row in query_rows(_WITH_IDS, [since_ms, list(ids)])]
