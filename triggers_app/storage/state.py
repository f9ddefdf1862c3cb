"""What the evaluator leaves behind: windows, firings and the outbox of actions.

Everything runs on the reader's own connection, inside the transaction that moves its
offset, so all of it is there or none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg

from events_app.domain.event import encode_event, from_us
from triggers_app.automation.causes import causes_of, next_causes
from triggers_app.automation.engine.explaining import verdict_of_firing
from triggers_app.automation.engine.outcome import (
    ClosedWindow,
    Firing,
    Outcome,
    Window,
    WindowKey,
)
from triggers_app.automation.engine.windows import decode_window, encode_window
from triggers_app.automation.firing_record import FiringRecord, children_text
from triggers_app.automation.plan import Plan
from triggers_app.storage.run_causes import causes_of_runs, emitting_run

Plans = Mapping[tuple[UUID, int], Plan]  # by automation and version

_SET_WINDOWS = """
    INSERT INTO bucket (automation_id, trigger_id, key, state, closes_us, count, absence)
    SELECT * FROM unnest(
        %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::bigint[], %s::int[], %s::bool[])
    ON CONFLICT (automation_id, trigger_id, key)
    DO UPDATE SET state = excluded.state, closes_us = excluded.closes_us, count = excluded.count,
        absence = excluded.absence
"""
_DELETE_WINDOWS = """
    DELETE FROM bucket b
    USING unnest(%s::uuid[], %s::uuid[], %s::text[]) AS n (automation, trigger, key)
    WHERE b.automation_id = n.automation AND b.trigger_id = n.trigger AND b.key = n.key
"""
_COPY_CLOSED = """
    COPY closed_bucket
        (automation_id, trigger_id, key, start_us, end_us, count, outcome, closed_ms, counted)
    FROM STDIN
"""
_COPY_FIRINGS = """
    COPY firing (
        id, automation_id, automation_version, trigger_id, log_ms, log_seq, frame_index, fired,
        state, triggering_event, labels, counted, counted_total, window_start, window_end,
        verdict, children, causes, shadow, snooze_id, created
    ) FROM STDIN
"""
_COPY_ACTION_RUNS = """
    COPY action_run (
        firing_id, automation_id, index, action, phase, state, attempts, result, created
    ) FROM STDIN
"""
_COPY_EVENTS = "COPY event_outbox (event_id, body, created) FROM STDIN"
_json = msgspec.json.Encoder().encode


def windows(connection: "psycopg.Connection[Any]") -> Iterator[Window]:
    """Every open window, streamed."""
    with connection.cursor(name="windows") as cursor:
        cursor.itersize = 5000
        cursor.execute("SELECT state FROM bucket")
        for (state,) in cursor:
            yield decode_window(state)


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows others have to look at: actions to do, events to append to the log."""

    action_runs: int = 0
    events: int = 0


def write(
    connection: "psycopg.Connection[Any]", outcome: Outcome, *, plans: Plans, now: datetime
) -> Written:
    """Write all that a batch changed. At most six statements, however much it is."""
    if outcome.deleted:
        delete_windows(connection, outcome.deleted)
    if outcome.windows:
        set_windows(connection, outcome.windows)
    if outcome.closed:
        keep_closed(connection, outcome.closed)
    if outcome.firings:
        return add_firings(connection, outcome.firings, plans=plans, now=now)
    return Written()


def set_windows(connection: "psycopg.Connection[Any]", changed: Sequence[Window]) -> None:
    connection.execute(
        _SET_WINDOWS,
        (
            [window.automation_id for window in changed],
            [window.trigger_id for window in changed],
            [_key(window.key) for window in changed],
            [encode_window(window) for window in changed],
            [window.closes_us for window in changed],
            [window.count for window in changed],
            [window.absence for window in changed],
        ),
    )


def delete_windows(connection: "psycopg.Connection[Any]", gone: Iterable[WindowKey]) -> None:
    keys = list(gone)
    connection.execute(
        _DELETE_WINDOWS,
        (
            [key.automation_id for key in keys],
            [key.trigger_id for key in keys],
            [_key(key.key) for key in keys],
        ),
    )


def keep_closed(connection: "psycopg.Connection[Any]", closed: Sequence[ClosedWindow]) -> None:
    _copy(
        connection,
        _COPY_CLOSED,
        [
            (
                window.automation_id,
                window.trigger_id,
                _key(window.key),
                window.start_us,
                window.end_us,
                window.count,
                window.outcome,
                window.closed_ms,
                _json([one.position for one in window.counted]).decode(),
            )
            for window in closed
        ],
    )


def add_firings(
    connection: "psycopg.Connection[Any]", firings: Sequence[Firing], *, plans: Plans, now: datetime
) -> Written:
    """Write firings, an action run for each of their actions, and the events that tell of them.

    Three COPYs, and a query where a run's own code emitted what fired.
    """
    records = [
        FiringRecord(
            firing,
            plans[firing.automation_id, firing.version],
            next_causes(before, firing.automation_id),
        )
        for firing, before in zip(firings, _chains(connection, firings), strict=True)
    ]
    _copy(connection, _COPY_FIRINGS, [_firing_row(record, now) for record in records])
    actions = [row for record in records for row in _action_rows(record, now)]
    events = [record.event for record in records if record.has_event]
    if actions:
        _copy(connection, _COPY_ACTION_RUNS, actions)
    rows = [(event.id, encode_event(event), now) for event in events]
    if rows:
        _copy(connection, _COPY_EVENTS, rows)
    return Written(len(actions), len(events))


def _firing_row(record: FiringRecord, now: datetime) -> tuple[object, ...]:
    firing = record.firing
    return (
        firing.id,
        firing.automation_id,
        firing.version,
        firing.trigger_id,
        *((None, None, None) if firing.position is None else firing.position),
        record.fired,
        firing.state,
        record.event_text,
        _json(firing.labels).decode(),
        _json(firing.counted).decode(),
        firing.counted_total,
        None if firing.window_start_us is None else from_us(firing.window_start_us),
        None if firing.window_end_us is None else from_us(firing.window_end_us),
        _json(verdict_of_firing(record.plan.trigger, firing)).decode(),
        children_text(firing),
        record.causes,
        record.plan.shadow,
        firing.snooze_id,
        now,
    )


def _action_rows(record: FiringRecord, now: datetime) -> list[tuple[object, ...]]:
    firing = record.firing
    head = (firing.id, firing.automation_id)
    return [
        (*head, action.index, action.text, action.phase, "pending", 0, "{}", now)
        for action in record.actions
    ]


def _chains(
    connection: "psycopg.Connection[Any]", firings: Sequence[Firing]
) -> list[Sequence[str]]:
    """What led to each firing: told by its event, or by the run whose code emitted that."""
    events = [None if f.triggering is None else f.triggering.event for f in firings]
    runs = [None if event is None else emitting_run(event) for event in events]
    known = causes_of_runs(connection, {run for run in runs if run is not None})
    return [
        causes_of(event) if run is None else known.get(run, ())
        for event, run in zip(events, runs, strict=True)
    ]


def _copy(
    connection: "psycopg.Connection[Any]",
    statement: LiteralString,
    rows: Iterable[tuple[object, ...]],
) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _key(key: tuple[str, ...]) -> str:
    return _json(key).decode()
