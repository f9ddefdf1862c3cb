"""The catalogue as the evaluator reads it: versions of automations, in order of saving."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from events_app.domain.position import StreamId


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """One saved version. It applies to log entries after `max(offset, effective_after)`."""

    automation_id: UUID
    version: int
    enabled: bool
    deleted: bool
    document: dict[str, Any]
    guarded: bool
    effective_after: StreamId
    change: int

    @property
    def order(self) -> tuple[int, int, int]:
        """Among what becomes effective at one place: the order of saving."""
        return 0, self.change, self.version


@dataclass(frozen=True, slots=True)
class AppliedVersion:
    """From where on a version really applied: after this entry, at this log time (ms)."""

    automation_id: UUID
    version: int
    after: StreamId
    log_ms: int


# Raw SQL: runs on the reader's own connection, not on Django's.
_COLUMNS = """
    v.automation_id, v.version, v.enabled, v.deleted, v.document, v.guarded,
    v.effective_after_ms, v.effective_after_seq, a.change
"""
_SAVED_AFTER = f"""
    SELECT {_COLUMNS}
    FROM automation a
    JOIN automation_version v
      ON v.automation_id = a.id AND v.version > coalesce(a.applied_version, 0)
    WHERE a.change > %s
    ORDER BY v.effective_after_ms, v.effective_after_seq, a.change, v.version
"""
_IN_FORCE = f"""
    SELECT {_COLUMNS}
    FROM automation a
    JOIN automation_version v ON v.automation_id = a.id AND v.version = a.applied_version
    WHERE a.quarantine_reason IS NULL AND NOT v.deleted AND v.enabled
    ORDER BY a.id
"""
_NOTE_VERSIONS = """
    UPDATE automation_version v
    SET applied_after_ms = n.ms, applied_after_seq = n.seq, applied_ms = n.log_ms
    FROM unnest(%s::uuid[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[])
         AS n (id, version, ms, seq, log_ms)
    WHERE v.automation_id = n.id AND v.version = n.version
"""
_NOTE_AUTOMATIONS = """
    UPDATE automation a SET applied_version = n.version
    FROM (
        SELECT id, max(version) AS version
        FROM unnest(%s::uuid[], %s::int[]) AS u (id, version) GROUP BY id
    ) n
    WHERE a.id = n.id
"""
_QUARANTINE = """
    UPDATE automation a SET quarantine_reason = n.reason, quarantined = now()
    FROM unnest(%s::uuid[], %s::text[]) AS n (id, reason) WHERE a.id = n.id
"""


def saved_after(connection: "psycopg.Connection[Any]", change: int) -> list[SavedVersion]:
    """Versions not yet applied of the automations that changed after `change`. One query."""
    return [_version(row) for row in connection.execute(_SAVED_AFTER, (change,), prepare=True)]


def in_force(connection: "psycopg.Connection[Any]") -> list[SavedVersion]:
    """The enabled versions that were applied last: what a restart goes on with. One query."""
    return [_version(row) for row in connection.execute(_IN_FORCE)]


def note_applied(connection: "psycopg.Connection[Any]", applied: Sequence[AppliedVersion]) -> None:
    """Write down from where each version applied, so that history can be replayed. Two queries."""
    ids = [version.automation_id for version in applied]
    numbers = [version.version for version in applied]
    connection.execute(
        _NOTE_VERSIONS,
        (
            ids,
            numbers,
            [version.after.ms for version in applied],
            [version.after.seq for version in applied],
            [version.log_ms for version in applied],
        ),
    )
    connection.execute(_NOTE_AUTOMATIONS, (ids, numbers))


def quarantine(connection: "psycopg.Connection[Any]", reasons: dict[UUID, str]) -> None:
    """Set automations aside, each with the error that it raised. One query."""
    connection.execute(_QUARANTINE, (list(reasons), list(reasons.values())))


def _version(row: Any) -> SavedVersion:
    automation_id, version, enabled, deleted, document, guarded, ms, seq, change = row
    after = StreamId(ms, seq)
    return SavedVersion(automation_id, version, enabled, deleted, document, guarded, after, change)
