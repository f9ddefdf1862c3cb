"""Effects outside: claimed with a lease, carried out without a transaction, and settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from triggers_app.models import ActionRun, BlockDocument
from triggers_app.storage.outbox import COLUMNS, Claimed, claimed_of

# A try counts when it begins: one that takes its process with it counts, too.
# Hosts are walked by their index, and of each as many are taken as it has places free, so that
# thousands that wait for one host cost and delay the others nothing. When there are more hosts
# than places in this process, chance decides.
_CLAIM = f"""
    WITH RECURSIVE host (name) AS (
        (SELECT host FROM action_run WHERE state = 'sending' ORDER BY host LIMIT 1)
        UNION ALL
        SELECT (
            SELECT r.host FROM action_run r
            WHERE r.state = 'sending' AND r.host > host.name ORDER BY r.host LIMIT 1
        ) FROM host WHERE host.name IS NOT NULL
    ), due AS (
        SELECT found.id FROM host CROSS JOIN LATERAL (
            SELECT r.id FROM action_run r
            WHERE r.state = 'sending' AND r.host = host.name
              AND (r.not_before IS NULL OR r.not_before <= %(now)s)
              AND (r.lease_until IS NULL OR r.lease_until <= %(now)s)
            ORDER BY r.not_before NULLS FIRST, r.id
            LIMIT greatest(0, %(per_host)s - (
                SELECT count(*) FROM action_run busy
                WHERE busy.state = 'sending' AND busy.host = host.name
                  AND busy.lease_until > %(now)s
            ))
            FOR UPDATE SKIP LOCKED
        ) found
        ORDER BY random() LIMIT %(limit)s
    ), leased AS (
        UPDATE action_run r SET lease_until = %(until)s, attempts = r.attempts + 1
        FROM due WHERE r.id = due.id
        RETURNING r.*
    )
    SELECT {COLUMNS}, r.attempts, r.request, r.result
    FROM leased r JOIN firing f ON f.id = r.firing_id ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class Sending:
    """An effect to carry out until `until`; `tries` counts this one. `request` is rendered."""

    claimed: Claimed
    tries: int
    request: dict[str, Any]
    result: dict[str, Any]
    until: datetime


def claim(limit: int, *, per_host: int, now: datetime, until: datetime) -> list[Sending]:
    """The oldest of each host that are due and that nobody is at, while it has places free.

    Nobody else gets them until `until`. One query.
    """
    values: dict[str, datetime | int] = {
        "now": now,
        "until": until,
        "limit": limit,
        "per_host": per_host,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        rows = cursor.fetchall()
    return [
        Sending(claimed_of(row[:-3]), row[-3], _decoded(row[-2]), _decoded(row[-1]), until)
        for row in rows
    ]


def finish(sending: Sending, **values: Any) -> bool:
    """Write how it ended or goes on; False when the lease ran out and another has it."""
    mine = ActionRun.objects.filter(
        pk=sending.claimed.id, state="sending", lease_until=sending.until, attempts=sending.tries
    )
    return mine.update(lease_until=None, **values) == 1


def hold_due(*, now: datetime, reason: str) -> int:
    """Hold what would be due, because acting is stopped. One query."""
    due = ActionRun.objects.filter(state="sending", lease_until=None)
    return due.update(state="held", held_for="stopped", reason=reason)


def blocks(ids: Sequence[UUID]) -> Mapping[UUID, BlockDocument]:
    rows = BlockDocument.objects.select_related("block_type", "block_schema")
    return rows.in_bulk(list(ids))


def _decoded(text: str | None) -> dict[str, Any]:
    return {} if text is None else dict(msgspec.json.decode(text))
