"""What the evaluator leaves behind: windows, firings and the outbox of actions.

Everything runs on the reader's own connection, inside the transaction that moves its
offset, so all of it is there or none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from events_app.domain.event import event_json, from_ms, from_us
from triggers_app.engine.outcome import ClosedWindow, Firing, Outcome, Window, WindowKey
from triggers_app.engine.windows import decode_window, encode_window

ActionDocuments = Sequence[str]  # the JSON text of each action, in order

_SET_WINDOWS = """
    INSERT INTO bucket (automation_id, trigger_id, key, state, closes_us, count)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::bigint[], %s::int[])
    ON CONFLICT (automation_id, trigger_id, key)
    DO UPDATE SET state = excluded.state, closes_us = excluded.closes_us, count = excluded.count
"""
_DELETE_WINDOWS = """
    DELETE FROM bucket b
    USING unnest(%s::uuid[], %s::uuid[], %s::text[]) AS n (automation, trigger, key)
    WHERE b.automation_id = n.automation AND b.trigger_id = n.trigger AND b.key = n.key
"""
_COPY_CLOSED = """
    COPY closed_bucket
        (automation_id, trigger_id, key, start_us, end_us, count, outcome, closed_ms)
    FROM STDIN
"""
_COPY_FIRINGS = """
    COPY firing (
        id, automation_id, automation_version, trigger_id, log_ms, log_seq, frame_index, fired,
        triggering_event, labels, counted, counted_total, window_start, window_end, created
    ) FROM STDIN
"""
_COPY_ACTION_RUNS = """
    COPY action_run (firing_id, automation_id, index, action, state, attempts, result, created)
    FROM STDIN
"""
_json = msgspec.json.Encoder().encode


def windows(connection: "psycopg.Connection[Any]") -> Iterator[Window]:
    """Every open window, streamed."""
    with connection.cursor(name="windows") as cursor:
        cursor.itersize = 5000
        cursor.execute("SELECT state FROM bucket")
        for (state,) in cursor:
            yield decode_window(state)


def write(
    connection: "psycopg.Connection[Any]",
    outcome: Outcome,
    *,
    actions: Mapping[tuple[UUID, int], ActionDocuments],
    now: datetime,
) -> int:
    """Write all that a batch changed; the number of action runs. At most five statements.

    `actions` is keyed by automation and version.
    """
    if outcome.deleted:
        delete_windows(connection, outcome.deleted)
    if outcome.windows:
        set_windows(connection, outcome.windows)
    if outcome.closed:
        keep_closed(connection, outcome.closed)
    if outcome.firings:
        return add_firings(connection, outcome.firings, actions=actions, now=now)
    return 0


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
    with connection.cursor() as cursor, cursor.copy(_COPY_CLOSED) as copy:
        for window in closed:
            copy.write_row(
                (
                    window.automation_id,
                    window.trigger_id,
                    _key(window.key),
                    window.start_us,
                    window.end_us,
                    window.count,
                    window.outcome,
                    window.closed_ms,
                )
            )


def add_firings(
    connection: "psycopg.Connection[Any]",
    firings: Sequence[Firing],
    *,
    actions: Mapping[tuple[UUID, int], ActionDocuments],
    now: datetime,
) -> int:
    """Write firings and an action run for each of their actions. Two COPYs."""
    with connection.cursor() as cursor, cursor.copy(_COPY_FIRINGS) as copy:
        for firing in firings:
            copy.write_row(_firing_row(firing, now))
    count = 0
    with connection.cursor() as cursor, cursor.copy(_COPY_ACTION_RUNS) as copy:
        for firing in firings:
            for index, action in enumerate(actions[firing.automation_id, firing.version]):
                copy.write_row(
                    (firing.id, firing.automation_id, index, action, "pending", 0, "{}", now)
                )
                count += 1
    return count


def _firing_row(firing: Firing, now: datetime) -> tuple[object, ...]:
    position = firing.position
    event = None
    if firing.triggering is not None:
        event = event_json(firing.triggering.event, received=firing.triggering.received).decode()
    return (
        firing.id,
        firing.automation_id,
        firing.version,
        firing.trigger_id,
        *((None, None, None) if position is None else position),
        from_ms(firing.fired_ms),
        event,
        _json(firing.labels).decode(),
        _json(firing.counted).decode(),
        firing.counted_total,
        None if firing.window_start_us is None else from_us(firing.window_start_us),
        None if firing.window_end_us is None else from_us(firing.window_end_us),
        now,
    )


def _key(key: tuple[str, ...]) -> str:
    return _json(key).decode()
