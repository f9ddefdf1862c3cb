"""What led to an event, and what came of it, as rows. Bounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.event import RESOURCE_ID
from events_app.domain.position import Position
from events_app.storage.stored_events import query_rows
from triggers_app.storage.decided_firings import OF_EVENTS, parameters_of

_json = msgspec.json.Encoder().encode
MOST_EVENTS = 500
MOST_FIRED = 20  # of one event
_RUN = "prefect.flow-run."

# Raw SQL: the ORM cannot recurse. A run was made by a firing, that fired because of an event, and
# the event involves the run before: the same one that `emitting_run` takes. The first action by
# `array_agg`: with `LIMIT 1` PostgreSQL may walk all actions by id until one has that run.
_BACK = r"""
    WITH RECURSIVE back AS (
        SELECT 1 AS step, {made_by} AS firing_id, %s::uuid AS run_id
        UNION ALL
        SELECT back.step + 1,
               (SELECT (array_agg(a.firing_id ORDER BY a.id))[1] FROM action_run a
                WHERE a.flow_run_id = before.run_id),
               before.run_id
        FROM back
        JOIN firing f ON f.id = back.firing_id
        CROSS JOIN LATERAL (
            SELECT substr(name, 18)::uuid AS run_id FROM (
                SELECT 0 AS place, f.triggering_event->'resource'->>'prefect.resource.id' AS name
                UNION ALL
                SELECT place, related->>'prefect.resource.id'
                FROM jsonb_array_elements(f.triggering_event->'related')
                     WITH ORDINALITY AS r (related, place)
            ) AS resources
            WHERE name ~ '^prefect\.flow-run\.[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$'
            ORDER BY place LIMIT 1
        ) AS before
        WHERE back.step < %s
    )
    SELECT r.id, r.name, r.state_type, r.state_name, f.id, f.automation_id, a.name, f.fired,
           f.triggering_event->>'id', f.triggering_event->>'event', f.by_hand, f.replay_of
    FROM back
    LEFT JOIN flow_run r ON r.id = back.run_id
    LEFT JOIN firing f ON f.id = back.firing_id
    LEFT JOIN automation a ON a.id = f.automation_id
    ORDER BY back.step
"""
_BY_RUN = """
    (SELECT (array_agg(a.firing_id ORDER BY a.id))[1] FROM action_run a
     WHERE a.flow_run_id = %s::uuid)
"""
# By the labels' index, then in order: walking through the log would be slower by far.
_OF_RUNS = """
    WITH matching AS MATERIALIZED (
        SELECT log_ms, log_seq, frame_index, id, event, resource_id, related, follows FROM event
        WHERE log_ms >= %s AND ({conditions})
    )
    SELECT log_ms, log_seq, frame_index, id, event, resource_id, related::text, follows
    FROM matching ORDER BY log_ms, log_seq, frame_index LIMIT %s
"""
_FIRED = f"""
    SELECT n.number, f.id, f.automation_id, a.name FROM {OF_EVENTS}
    JOIN automation a ON a.id = f.automation_id
    ORDER BY n.number, a.name, f.id
"""


@dataclass(frozen=True, slots=True)
class ChainStep:
    """A run with the firing that started it, and the event of that; None where there is none."""

    run_id: UUID | None
    run_name: str | None
    state_type: str | None
    state_name: str | None
    firing_id: UUID | None
    automation_id: UUID | None
    automation_name: str | None
    fired: datetime | None
    event_id: UUID | None
    event: str | None
    by_hand: str | None
    replay_of: UUID | None


@dataclass(frozen=True, slots=True)
class RunEvent:
    """An event that involves a run."""

    position: Position
    id: UUID
    event: str
    run_id: UUID
    waited: bool


@dataclass(frozen=True, slots=True)
class LaterFiring:
    id: UUID
    automation_id: UUID
    automation_name: str


def back_from_run(run_id: UUID, *, steps: int) -> list[ChainStep]:
    """The run, and before it what led there, the nearest first. One query."""
    query = _BACK.format(made_by=_BY_RUN)
    return [_step(row) for row in query_rows(query, [run_id, run_id, steps])]


def back_from_firing(firing_id: UUID, *, steps: int) -> list[ChainStep]:
    """The same from a firing, whose run does not matter. One query."""
    query = _BACK.format(made_by="%s::uuid")
    return [_step(row) for row in query_rows(query, [firing_id, None, steps])]


def _step(row: Sequence[Any]) -> ChainStep:
    event_id = None if row[8] is None else UUID(row[8])
    return ChainStep(*(*row[:8], event_id, *row[9:]))


def events_of_runs(run_ids: Sequence[UUID], *, since_ms: int) -> list[RunEvent]:
    """Events that happened to these runs or name them, the first 500. One query, or none."""
    if not run_ids:
        return []
    names = {f"{_RUN}{run_id}": run_id for run_id in run_ids}
    labels = [_json([{RESOURCE_ID: name}]).decode() for name in names]
    conditions = " OR ".join(["resource_id = ANY(%s)", *("related @> %s::jsonb" for _ in labels)])
    query = _OF_RUNS.format(conditions=conditions)
    rows = query_rows(query, [since_ms, list(names), *labels, MOST_EVENTS])
    return [
        RunEvent(Position(*row[:3]), row[3], row[4], run_id, row[7] is not None)
        for row in rows
        if (run_id := _run_of(row[5], row[6], names)) is not None
    ]


def _run_of(resource_id: str, related: str, names: dict[str, UUID]) -> UUID | None:
    if resource_id in names:
        return names[resource_id]
    return next((names[one] for one in names if f'"{one}"' in related), None)


def fired_by(events: Collection[RunEvent]) -> dict[Position, list[LaterFiring]]:
    """The firings that each event decided. One query, or none."""
    listed = list(events)
    if not listed:
        return {}
    parameters = parameters_of([(one.position, one.waited) for one in listed], most=MOST_FIRED)
    fired: dict[Position, list[LaterFiring]] = {}
    for number, *firing in query_rows(_FIRED, parameters):
        fired.setdefault(listed[number].position, []).append(LaterFiring(*firing))
    return fired
