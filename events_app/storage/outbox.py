"""Events of our own, written with the change they tell of, on their way to the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from events_app.domain.event import Event, decode_event, encode_event

# The members keep the order in which they are given: ids come from a sequence.
_ADD = """
INSERT INTO event_outbox (event_id, body, created)
SELECT id, body, clock_timestamp()
FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS given(id, body, place) ORDER BY place
ON CONFLICT (event_id) DO NOTHING
"""
# One relay at a time, so that events reach the log in the order of their ids. The second
# waits, instead of leaving, for it may have been woken by a row that the first did not see.
_LOCK = "SELECT pg_advisory_xact_lock(4207103)"
_OLDEST = """
SELECT id, body FROM event_outbox ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_DELETE = "DELETE FROM event_outbox WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """Rows of the outbox, locked until the transaction ends, and their events."""

    ids: list[int]
    events: list[Event]


def add(events: Sequence[Event]) -> None:
    """Write the events in the caller's transaction, in one query.

    The caller wakes the relay after its commit: wake_after_commit("events.relay", …).
    """
    if not events:
        return
    with connection.cursor() as cursor:
        ids = [event.id for event in events]
        cursor.execute(_ADD, (ids, [encode_event(event) for event in events]))


def waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM event_outbox)")
        return bool(cursor.fetchone()[0])


def take_oldest(limit: int) -> WaitingMessage:
    """The oldest rows, in order; the caller's transaction keeps other relays waiting."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_OLDEST, (limit,))
        rows = cursor.fetchall()
    return WaitingMessage([row[0] for row in rows], [decode_event(bytes(row[1])) for row in rows])


def remove(ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, (list(ids),))


def delete(event_ids: Sequence[UUID]) -> None:
    """Remove events that stand in the log already. One query."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM event_outbox WHERE event_id = ANY(%s)", (list(event_ids),))


def drop_all() -> int:
    """Empty the outbox; how many events that was."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM event_outbox")
        return int(cursor.rowcount)
