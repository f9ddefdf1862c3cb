"""Writing many new flow runs at once."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from runs_app.domain.states import State

RUN_COLUMNS = (
    "id, name, flow_id, deployment_id, deployment_version, flow_version, work_pool_id, "
    "work_queue_name, work_queue_id, "
    "parameters, context, tags, labels, empirical_policy, job_variables, idempotency_key, "
    "parent_task_run_id, created_by, causes, auto_scheduled, state_id, state_type, state_name, "
    "state_timestamp, run_count, expected_start_time, next_scheduled_start_time, start_time, "
    "end_time, total_run_time_seconds"
)
STATE_COLUMNS = "id, flow_run_id, type, name, message, timestamp, state_details, data"

# Raw SQL because the ORM cannot tell which rows ON CONFLICT left out; one parameter of JSON
# is also three times as fast as thirty thousand bound values.
_INSERT_RUNS = f"""
    INSERT INTO flow_run ({RUN_COLUMNS}, created, updated)
    SELECT {RUN_COLUMNS}, {{created}}, {{updated}}
    FROM json_populate_recordset(NULL::flow_run, %s)
    ON CONFLICT (flow_id, idempotency_key) DO NOTHING
    RETURNING id
"""
_INSERT_PAST_RUNS = _INSERT_RUNS.format(created="created", updated="updated")
# Not older than what the row says: a firing's clock may be ahead of the database's.
_NOW = "greatest(created, clock_timestamp())"
_INSERT_NEW_RUNS = _INSERT_RUNS.format(created=_NOW, updated=_NOW)
_INSERT_STATES = f"""
    INSERT INTO flow_run_state ({STATE_COLUMNS})
    SELECT {STATE_COLUMNS} FROM json_populate_recordset(NULL::flow_run_state, %s)
"""
_BY_KEY = """
    SELECT run.flow_id, run.idempotency_key, run.id
    FROM unnest(%s::uuid[], %s::text[]) AS wanted (flow_id, idempotency_key)
    JOIN flow_run AS run USING (flow_id, idempotency_key)
"""

Key = tuple[UUID, str]


def insert_new_runs(rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Insert runs, leave out those whose idempotency key exists; the ids that were inserted.

    One query. A row holds every one of RUN_COLUMNS as JSON value, datetime or UUID; `created` is
    the database's clock in this statement, or the row's where that is later.
    """
    return _inserted(_INSERT_NEW_RUNS, rows)


def insert_past_runs(rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """The same with `created` and `updated` as the rows have them."""
    return _inserted(_INSERT_PAST_RUNS, rows)


def _inserted(statement: str, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_json(rows)])
        return {row[0] for row in cursor.fetchall()}


def insert_states(rows: Sequence[dict[str, Any]]) -> None:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_STATES, [_json(rows)])


def state_row(run_id: UUID, state: State) -> dict[str, Any]:
    """A row for `insert_states`."""
    return {
        "id": state.id,
        "flow_run_id": run_id,
        "type": state.type.value,
        "name": state.name,
        "message": state.message,
        "timestamp": state.timestamp,
        "state_details": state.details,
        "data": state.data,
    }


def runs_by_key(keys: Iterable[Key]) -> dict[Key, UUID]:
    """The runs that hold these (flow id, idempotency key). One query."""
    listed = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(_BY_KEY, [[key[0] for key in listed], [key[1] for key in listed]])
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
