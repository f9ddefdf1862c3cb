"""Firings as they were stored, in so many words as a replay can be compared with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import psycopg

from events_app.domain.event import from_ms
from events_app.domain.position import Position
from triggers_app.automation.engine.outcome import Firing

_BETWEEN = """
    SELECT id, automation_id, automation_version, trigger_id, fired, state, log_ms, log_seq,
           frame_index, (triggering_event->>'id')::uuid, labels, counted_total,
           snooze_id
    FROM firing WHERE fired >= %s AND fired <= %s AND by_hand IS NULL
    ORDER BY fired, id
"""


@dataclass(frozen=True, slots=True)
class StoredFiring:
    """A firing as far as it says what happened; `position` is None for an absence."""

    id: UUID
    automation_id: UUID
    version: int
    trigger_id: UUID
    fired: datetime
    state: str
    position: Position | None
    event_id: UUID | None
    labels: dict[str, str]
    counted_total: int
    snooze_id: int | None = None

    @classmethod
    def of(cls, firing: Firing) -> Self:
        event = firing.triggering
        return cls(
            firing.id,
            firing.automation_id,
            firing.version,
            firing.trigger_id,
            from_ms(firing.fired_ms),
            firing.state,
            firing.position,
            None if event is None else event.event.id,
            firing.labels,
            firing.counted_total,
            firing.snooze_id,
        )


def stored_firings(
    connection: "psycopg.Connection[Any]", since: datetime, until: datetime
) -> Iterator[StoredFiring]:
    """Those that fired in this time of the log, both ends included. One query, streamed."""
    with connection.cursor(name="stored_firings") as cursor:
        cursor.execute(_BETWEEN, (since, until))
        for row in cursor:
            ms, seq, index = row[6:9]
            position = None if ms is None else Position(ms, seq, index)
            yield StoredFiring(*(*row[:6], position, *row[9:]))


# By the index on `fired`: a follower that waited fired up to 15 minutes after its position.
_VERDICT = """
    SELECT verdict::text FROM firing
    WHERE automation_id = %s AND fired >= %s AND fired <= %s
      AND log_ms = %s AND log_seq = %s AND frame_index = %s AND verdict IS NOT NULL
    ORDER BY id LIMIT 1
"""


def stored_verdict(
    connection: "psycopg.Connection[Any]",
    automation_id: UUID,
    position: Position,
    *,
    until_ms: int,
) -> str | None:
    """The verdict, as JSON, of the firing that an event decided. One query."""
    row = connection.execute(
        _VERDICT, (automation_id, from_ms(position.ms), from_ms(until_ms), *position)
    ).fetchone()
    return row[0] if row else None
