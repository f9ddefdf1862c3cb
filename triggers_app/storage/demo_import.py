"""Firings of the past: when they really were written and settled; and how all of it goes again.

For the demo's history. Django's connection, in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

# Raw SQL: sets of thousands of rows, each with times of its own.
_DATE_FIRINGS = "UPDATE firing SET created = fired WHERE id = ANY(%s)"
_DATE_ACTIONS = """
    UPDATE action_run r SET created = f.fired FROM firing f
    WHERE f.id = r.firing_id AND f.id = ANY(%s)
"""
_WRITE_FINISHED = """
    UPDATE action_run r
    SET state = n.state, reason = n.reason, result = n.result, flow_run_id = n.flow_run_id,
        attempts = 1, settled = n.settled
    FROM jsonb_to_recordset(%s::jsonb) AS n (
        firing_id uuid, index int, state text, reason text, result jsonb, flow_run_id uuid,
        settled timestamptz
    )
    WHERE r.firing_id = n.firing_id AND r.index = n.index
"""
_DELETE = (
    "DELETE FROM action_run WHERE automation_id = ANY(%s)",
    "DELETE FROM firing WHERE automation_id = ANY(%s)",
    "DELETE FROM bucket WHERE automation_id = ANY(%s)",
    "DELETE FROM closed_bucket WHERE automation_id = ANY(%s)",
    "DELETE FROM automation_version WHERE automation_id = ANY(%s)",
    "DELETE FROM automation WHERE id = ANY(%s)",
)


@dataclass(frozen=True, slots=True)
class ImportedAction:
    """How the action of this index ended, and when; `state` is `done` or `rejected`."""

    firing_id: UUID
    index: int
    state: str
    reason: str | None
    result: dict[str, Any]
    flow_run_id: UUID | None
    settled: datetime


def date_firings(firing_ids: Sequence[UUID]) -> None:
    """Firings and their actions were written when they fired. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_DATE_FIRINGS, (list(firing_ids),))
        cursor.execute(_DATE_ACTIONS, (list(firing_ids),))


def write_finished(settled: Sequence[ImportedAction]) -> None:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_FINISHED, (msgspec.json.encode(settled).decode(),))


def delete(automation_ids: Sequence[UUID]) -> None:
    """Delete automations with their versions, firings and windows, as if they had never been.

    Only while the caller owns the evaluator, which has them in memory.
    """
    with connection.cursor() as cursor:
        for statement in _DELETE:
            cursor.execute(statement, (list(automation_ids),))
