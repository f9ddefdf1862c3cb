"""Versions of automations as they really applied, in the order in which they did."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from events_app.domain.position import StreamId

Connection = psycopg.Connection[Any]

# Raw SQL: the engine's readers work on connections of their own.
_APPLIED = """
    SELECT automation_id, version, enabled, deleted, document, guarded,
           applied_after_ms, applied_after_seq, applied_ms
    FROM automation_version
    WHERE applied_ms IS NOT NULL AND applied_ms <= %s
"""
_ORDER = " ORDER BY applied_after_ms, applied_after_seq, applied_ms, automation_id, version"


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version that applied to the entries behind `after`, at log time `log_ms`."""

    automation_id: UUID
    version: int
    enabled: bool
    deleted: bool
    document: dict[str, Any]
    guarded: bool
    after: StreamId
    log_ms: int

    @property
    def works(self) -> bool:
        return self.enabled and not self.deleted


def applied(
    connection: Connection, *, until_ms: int, automation_id: UUID | None = None
) -> list[PastVersion]:
    """Every version that applied up to a log time, of one automation or of all. One query."""
    statement = _APPLIED
    params: list[object] = [until_ms]
    if automation_id is not None:
        statement += " AND automation_id = %s"
        params.append(automation_id)
    rows = connection.execute((statement + _ORDER).encode(), params)
    return [PastVersion(*(*row[:6], StreamId(row[6], row[7]), row[8])) for row in rows]
