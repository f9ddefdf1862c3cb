"""The outbox of actions: what the evaluator left to do, claimed and settled in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

# The ORM can neither skip locked rows of one side of a join nor return JSON undecoded.
_CLAIM = """
    SELECT r.id, r.index, r.action, f.id, f.automation_id, f.trigger_id, f.fired,
           f.triggering_event, f.labels
    FROM action_run r JOIN firing f ON f.id = r.firing_id
    WHERE r.state = 'pending' AND (r.not_before IS NULL OR r.not_before <= %s) {only}
    ORDER BY r.id LIMIT %s
    FOR UPDATE OF r SKIP LOCKED
"""
_CLAIM_NEXT = _CLAIM.format(only="")
_CLAIM_ONE = _CLAIM.format(only="AND r.id = %s")
_PENDING = """
    SELECT id FROM action_run
    WHERE state = 'pending' AND (not_before IS NULL OR not_before <= %s)
    ORDER BY id LIMIT %s
"""
# One JSON text is quoted several times faster than five arrays.
_SETTLE = """
    UPDATE action_run r
    SET state = n.state, reason = n.reason, result = n.result,
        flow_run_id = n.flow_run_id, attempts = r.attempts + 1, settled = %s
    FROM jsonb_to_recordset(%s::jsonb)
         AS n (id bigint, state text, reason text, result jsonb, flow_run_id uuid)
    WHERE r.id = n.id AND r.state = 'pending'
"""
_AUTOMATIONS = """
    SELECT id, name, document, created, updated FROM automation WHERE id = ANY(%s)
"""
_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Claimed:
    """An action to do, with the firing that it follows from. Its row is locked.

    `action` is the JSON text, `event` the triggering event's document.
    """

    id: int
    index: int
    action: str
    firing_id: UUID
    automation_id: UUID
    trigger_id: UUID
    fired: datetime
    event: dict[str, Any] | None
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action run ends: `state` is `done` or `rejected`."""

    id: int
    state: str
    reason: str | None
    result: dict[str, Any]
    flow_run_id: UUID | None


@dataclass(frozen=True, slots=True)
class Owner:
    """The automation that an action belongs to; deleted ones, too."""

    id: UUID
    name: str
    document: dict[str, Any]


def claim(limit: int, *, now: datetime) -> list[Claimed]:
    """The oldest actions that nobody else is at, locked until the caller's commit. One query."""
    return _claimed(_CLAIM_NEXT, (now, limit))


def claim_one(action_run_id: int, *, now: datetime) -> list[Claimed]:
    """That action, unless it is settled or someone else is at it. One query."""
    return _claimed(_CLAIM_ONE, (now, action_run_id, 1))


def pending(limit: int, *, now: datetime) -> list[int]:
    """Ids of the oldest actions to do; not locked. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, (now, limit))
        return [row[0] for row in cursor.fetchall()]


def settle(outcomes: Sequence[Outcome], *, now: datetime) -> int:
    """Write how actions ended; the number of rows. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, (now, _json(outcomes).decode()))
        return int(cursor.rowcount)


def owners(automation_ids: Sequence[UUID]) -> Mapping[UUID, Owner]:
    """The automations of claimed actions, with their API documents. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_AUTOMATIONS, (list(automation_ids),))
        rows = cursor.fetchall()
    return {
        pk: Owner(
            pk,
            name,
            {**_decoded(document), "id": str(pk), "created": created, "updated": updated},
        )
        for pk, name, document, created, updated in rows
    }


def _claimed(query: str, parameters: Sequence[datetime | int]) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchall()
    return [
        Claimed(
            id=pk,
            index=index,
            action=action,
            firing_id=firing_id,
            automation_id=automation_id,
            trigger_id=trigger_id,
            fired=fired,
            event=_decoded(event),
            labels=_decoded(labels) or {},
        )
        for pk, index, action, firing_id, automation_id, trigger_id, fired, event, labels in rows
    ]


def _decoded(value: Any) -> Any:
    """JSON as Django's connections give it, as text."""
    return None if value is None else msgspec.json.decode(value)
