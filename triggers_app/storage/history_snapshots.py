"""Snapshots of the evaluator's windows: taken in one transaction, read as places to begin."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from events_app.domain.event import from_ms
from events_app.domain.position import Position, StreamId
from triggers_app.automation.engine.causality import NOBODY
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.windows import decode_window
from triggers_app.storage.history import LAST_INDEX

Connection = psycopg.Connection[Any]

_LOCK = "SELECT pg_try_advisory_xact_lock(4207103)"
_NEWEST = "SELECT max(taken) FROM snapshot"
_TAKE = """
    INSERT INTO snapshot (position_ms, position_seq, taken)
    SELECT position_ms, position_seq, %s FROM reader WHERE name = 'evaluate'
    RETURNING id
"""
_COPY_VERSIONS = """
    INSERT INTO snapshot_version (snapshot_id, automation_id, version, loaded)
    SELECT %s, a.id, a.applied_version,
           a.quarantine_reason IS NULL AND v.enabled AND NOT v.deleted
    FROM automation a
    JOIN automation_version v ON v.automation_id = a.id AND v.version = a.applied_version
"""
_COPY_WINDOWS = """
    INSERT INTO snapshot_bucket (snapshot_id, automation_id, state)
    SELECT %s, automation_id, state FROM bucket
"""
_BEFORE = """
    SELECT id, position_ms, position_seq FROM snapshot
    WHERE (position_ms, position_seq) < (%s, %s) AND taken <= %s
    ORDER BY position_ms DESC, position_seq DESC LIMIT 1
"""
_VERSIONS = "SELECT automation_id, version, loaded FROM snapshot_version WHERE snapshot_id = %s"
_WINDOWS = "SELECT automation_id, state FROM snapshot_bucket WHERE snapshot_id = %s"
_ONLY = " AND automation_id = ANY(%s)"
# The newest one that is older is where the oldest day begins.
_OUTDATED = """
    SELECT id FROM snapshot WHERE position_ms < (
        SELECT max(position_ms) FROM snapshot WHERE position_ms < %s
    )
"""
_DELETE = (
    "DELETE FROM snapshot_bucket WHERE snapshot_id = ANY(%s)",
    "DELETE FROM snapshot_version WHERE snapshot_id = ANY(%s)",
    "DELETE FROM snapshot WHERE id = ANY(%s)",
)
_DELETE_CLOSED = "DELETE FROM closed_bucket WHERE closed_ms < %s"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a fold begins: behind a position, with these versions at work and these windows.

    `versions`: what had been applied by then, and whether it was at work.
    """

    position: Position
    versions: dict[UUID, tuple[int, bool]] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)

    @property
    def waiting_for(self) -> list[UUID]:
        """The leaders of followers that are held."""
        held = [window.last for window in self.windows if window.automation_id == NOBODY]
        return [one.event.follows for one in held if one is not None and one.event.follows]


def take(connection: Connection, *, now: datetime) -> int | None:
    """Copy windows, versions and the evaluator's offset as they stand; the snapshot's id.

    In a transaction of its own that sees one state of all tables: windows are written in
    the transaction that moves the offset. None if the evaluator never ran, or another
    process is at it.
    """
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    locked = connection.execute(_LOCK).fetchone()
    row = connection.execute(_TAKE, (now,)).fetchone() if locked and locked[0] else None
    if row is None:
        connection.rollback()
        return None
    snapshot_id = int(row[0])
    connection.execute(_COPY_VERSIONS, (snapshot_id,))
    connection.execute(_COPY_WINDOWS, (snapshot_id,))
    connection.commit()
    return snapshot_id


def newest_taken(connection: Connection) -> datetime | None:
    row = connection.execute(_NEWEST).fetchone()
    return row[0] if row else None


def newest_before(
    connection: Connection,
    place: StreamId,
    *,
    automation_id: UUID | None = None,
    settled_ms: int | None = None,
) -> Start | None:
    """The newest snapshot before an entry; of one automation (and of those who wait), or of all.

    `settled_ms`: nothing that was decided at or after this log time may be in it. Three queries.
    """
    settled = from_ms(place.ms if settled_ms is None else settled_ms)
    limit = settled if settled_ms is not None else datetime.max.replace(tzinfo=settled.tzinfo)
    row = connection.execute(_BEFORE, (place.ms, place.seq, limit)).fetchone()
    if row is None:
        return None
    snapshot_id, ms, seq = row
    return Start(
        Position(ms, seq, LAST_INDEX),
        {
            row[0]: (row[1], row[2])
            for row in _rows(connection, _VERSIONS, snapshot_id, automation_id)
        },
        [decode_window(row[1]) for row in _rows(connection, _WINDOWS, snapshot_id, automation_id)],
    )


def _rows(
    connection: Connection, statement: str, snapshot_id: int, automation_id: UUID | None
) -> Iterator[Any]:
    if automation_id is None:
        return iter(connection.execute(statement.encode(), (snapshot_id,)))
    params = (snapshot_id, [automation_id, NOBODY])
    return iter(connection.execute((statement + _ONLY).encode(), params))


def delete_before(connection: Connection, oldest_ms: int) -> int:
    """Delete what no recorded event can need any more; how many snapshots that was.

    Closed windows go with the events that they counted.
    """
    outdated = [row[0] for row in connection.execute(_OUTDATED, (oldest_ms,))]
    for statement in _DELETE:
        connection.execute(statement.encode(), (outdated,))
    connection.execute(_DELETE_CLOSED, (oldest_ms,))
    connection.commit()
    return len(outdated)
