"""Writing what the log holds into PostgreSQL, by COPY."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import errors

from events_app.domain.event import Entry, Event, encode_event, to_us
from events_app.domain.position import Position
from events_app.storage.partitions import DAY_MS, day_of

_COPY = (
    "COPY event (log_ms, log_seq, frame_index, id, occurred, event, resource_id, resource,"
    " related, payload, follows, leader_unknown) FROM STDIN (FORMAT BINARY)"
)
_REJECT = (
    "INSERT INTO rejected_event (log_ms, log_seq, frame_index, body, reason, created)"
    " VALUES (%s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT DO NOTHING"
)
_COUNT = """
INSERT INTO event_count (event, log_day, events)
SELECT * FROM unnest(%s::text[], %s::date[], %s::bigint[])
ON CONFLICT (event, log_day) DO UPDATE SET events = event_count.events + EXCLUDED.events
"""
# What PostgreSQL says of data that it cannot hold. Anything else is not the event's fault.
_REFUSALS = (psycopg.DataError, errors.ProgramLimitExceeded, errors.StatementTooComplex)

# COPY's binary format: header; per row the number of columns, and each with its length.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_FIXED = Struct(">hiqiqiii16siqi").pack
_LENGTH = Struct(">i").pack
_JSON = Struct(">iB").pack  # jsonb starts with a version byte
_UUID = Struct(">i16s").pack
_NULL = _LENGTH(-1)
_TRUE, _FALSE = _LENGTH(1) + b"\1", _LENGTH(1) + b"\0"
_PG_EPOCH_US = 946_684_800_000_000
_encode = msgspec.json.Encoder().encode


class _Row(NamedTuple):
    position: Position
    event: Event
    data: bytes


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    events: int
    rejected: int


def store(connection: "psycopg.Connection[Any]", entries: Sequence[Entry]) -> RecordedBatch:
    """Write the events of the entries, inside the transaction that is open on `connection`.

    Events that PostgreSQL refuses go to `rejected_event` with its reason.
    """
    rows = [
        _Row(position := entry.position(index), event, _row(position, event, leader_unknown))
        for entry in entries
        for index, event in enumerate(entry.events)
        for leader_unknown in [event.follows is not None and index not in entry.known_leaders]
    ]
    rejected = _store(connection, rows)
    _count(connection, [row for row in rows if row.position not in rejected])
    return RecordedBatch(len(rows) - len(rejected), len(rejected))


def _store(connection: "psycopg.Connection[Any]", rows: Sequence[_Row]) -> set[Position]:
    """Halve until the refused rows stand alone; returns their positions."""
    if not rows:
        return set()
    try:
        _copy(connection, rows)
        return set()
    except _REFUSALS as refusal:
        if len(rows) == 1:
            position, event, _ = rows[0]
            reason = refusal.diag.message_primary or str(refusal)
            connection.execute(_REJECT, (*position, encode_event(event), reason))
            return {position}
    middle = len(rows) // 2
    return _store(connection, rows[:middle]) | _store(connection, rows[middle:])


def _count(connection: "psycopg.Connection[Any]", rows: Sequence[_Row]) -> None:
    """Add to the counts by name and day, in the order of the key: no two can deadlock."""
    counts = Counter([(row.event.event, row.position.ms // DAY_MS) for row in rows])
    ordered = sorted(counts)
    names = [name for name, _ in ordered]
    days = [day_of(day * DAY_MS) for _, day in ordered]
    connection.execute(_COUNT, (names, days, [counts[key] for key in ordered]))


def _copy(connection: "psycopg.Connection[Any]", rows: Sequence[_Row]) -> None:
    data = b"".join([_HEADER, *[row.data for row in rows], _TRAILER])
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(data)


def _row(position: Position, event: Event, leader_unknown: bool) -> bytes:
    name = event.event.encode()
    resource_id = event.resource_id.encode()
    resource = _encode(event.resource)
    related = _encode(event.related)
    payload = bytes(event.payload)
    follows = event.follows
    ms, seq, index = position
    occurred = to_us(event.occurred) - _PG_EPOCH_US
    return b"".join(
        (
            _FIXED(12, 8, ms, 8, seq, 4, index, 16, event.id.bytes, 8, occurred, len(name)),
            name,
            _LENGTH(len(resource_id)),
            resource_id,
            _JSON(len(resource) + 1, 1),
            resource,
            _JSON(len(related) + 1, 1),
            related,
            _LENGTH(len(payload)),
            payload,
            _NULL if follows is None else _UUID(16, follows.bytes),
            _TRUE if leader_unknown else _FALSE,
        )
    )
