"""The outbox of actions: what the evaluator left to do, claimed and settled in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

# The ORM can neither skip locked rows of one side of a join nor return JSON undecoded.
COLUMNS = """
    r.id, r.index, r.phase, r.retries, r.released IS NOT NULL, r.action, f.id,
    f.automation_id, f.trigger_id, f.fired, f.created, f.state, f.triggering_event,
    f.labels, f.children, f.causes
"""
_CLAIM = f"""
    SELECT {COLUMNS}
    FROM action_run r JOIN firing f ON f.id = r.firing_id
    WHERE r.state = 'pending' AND (r.not_before IS NULL OR r.not_before <= %s) {{only}}
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
_FINISH_BATCH = """
    UPDATE action_run r
    SET state = n.state, reason = n.reason, result = n.result, held_for = n.held_for,
        request = n.request, host = coalesce(n.host, r.host), flow_run_id = n.flow_run_id,
        attempts = r.attempts + (n.state IN ('done', 'rejected'))::int,
        settled = CASE WHEN n.state IN ('done', 'rejected', 'discarded') THEN %s END
    FROM jsonb_to_recordset(%s::jsonb)
         AS n (id bigint, state text, reason text, result jsonb, flow_run_id uuid,
               held_for text, request jsonb, host text)
    WHERE r.id = n.id AND r.state = 'pending'
"""
_AUTOMATIONS = """
    SELECT id, name, document, created, updated, deleted, grace
    FROM automation WHERE id = ANY(%s)
"""
_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An action to do, with the firing that it follows from. Its row is locked.

    `action` is the JSON text, `event` the triggering event's document; `children` is the JSON
    text of a composite's child firings. `causes` are automation ids, this firing's own last.
    """

    id: int
    index: int
    phase: str = "actions"
    retries: int = 0
    released: bool = False
    action: str
    firing_id: UUID
    automation_id: UUID
    trigger_id: UUID
    fired: datetime
    created: datetime
    state: str = "Triggered"
    event_text: str | None
    labels: dict[str, str]
    children: str = "[]"
    causes: list[str]

    @property
    def event(self) -> dict[str, Any] | None:
        """A new document each time; a job keeps the one that it was given."""
        event: dict[str, Any] | None = _decoded(self.event_text)
        return event


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """How it goes on with an action run, in a state of ActionRun."""

    id: int
    state: str
    reason: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    flow_run_id: UUID | None = None
    held_for: str | None = None
    request: Mapping[str, Any] | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """The automation that an action belongs to; deleted ones, too."""

    id: UUID
    name: str
    document: dict[str, Any]
    deleted: datetime | None = None
    grace: str | None = None


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


def finish_batch(outcomes: Sequence[DeliveryOutcome], *, now: datetime) -> int:
    """Write how actions ended; the number of rows. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH_BATCH, (now, _json(outcomes).decode()))
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
            deleted,
            grace,
        )
        for pk, name, document, created, updated, deleted, grace in rows
    }


def _claimed(query: str, parameters: Sequence[datetime | int]) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchall()
    return [claimed_of(row) for row in rows]


def claimed_of(row: Sequence[Any]) -> Claimed:
    """From COLUMNS of `action_run r` and `firing f`."""
    own, firing = row[:6], row[6:]
    return Claimed(
        **dict(zip(_OWN, own, strict=True)),
        **dict(zip(_FIRING, firing[:7], strict=True)),
        labels=_decoded(firing[7]) or {},
        children=firing[8],
        causes=firing[9] or [str(firing[1])],
    )


_OWN = ("id", "index", "phase", "retries", "released", "action")
_FIRING = (
    *("firing_id", "automation_id", "trigger_id", "fired", "created", "state"),
    "event_text",
)


def _decoded(value: Any) -> Any:
    """JSON as Django's connections give it, as text."""
    return None if value is None else msgspec.json.decode(value)
