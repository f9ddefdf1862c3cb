"""Writing what events tell of task runs, on the connection that records the events."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from runs_app.domain.task_run_events import NaturalKey, Observed, newest

logger = logging.getLogger(__name__)

_COLUMNS = (
    "id, name, flow_run_id, task_key, dynamic_key, cache_key, cache_expiration, task_version, "
    "empirical_policy, tags, labels, task_inputs, state_id, state_type, state_name, "
    "state_timestamp, run_count, flow_run_run_count, expected_start_time, "
    "next_scheduled_start_time, start_time, end_time, total_run_time_seconds"
)
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS.split(", ")[1:], "updated"))
# Events of a run that was deleted meanwhile make no run anew. In the order of ids, so that two
# writers cannot deadlock.
_UPSERT = f"""
    INSERT INTO task_run ({_COLUMNS}, created, updated)
    SELECT {_COLUMNS}, clock_timestamp(), clock_timestamp()
    FROM json_populate_recordset(NULL::task_run, %s) AS given
    WHERE flow_run_id IS NULL
       OR EXISTS (SELECT FROM flow_run WHERE flow_run.id = given.flow_run_id)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET {_CHANGES}
    WHERE task_run.state_timestamp IS NULL OR task_run.state_timestamp <= excluded.state_timestamp
"""
_STATES = """
    INSERT INTO task_run_state
           (id, task_run_id, type, name, message, timestamp, state_details, data)
    SELECT given.id, given.task_run_id, given.type, given.name, given.message, given.timestamp,
           given.state_details, given.data
    FROM json_populate_recordset(NULL::task_run_state, %s) AS given
    WHERE EXISTS (SELECT FROM task_run WHERE task_run.id = given.task_run_id)
    ON CONFLICT (id) DO NOTHING
"""
_KNOWN = """
    SELECT flow_run_id, task_key, dynamic_key, id FROM task_run
    JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS wanted (flow_run_id, task_key, dynamic_key)
    USING (flow_run_id, task_key, dynamic_key)
"""
# What is wrong with the data, and what another writer of the same run wrote first.
_REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)


def store(connection: "psycopg.Connection[Any]", sightings: Sequence[Observed]) -> int:
    """Write task runs and their states inside the open transaction; how many were refused.

    Three queries and a savepoint. What PostgreSQL refuses is halved until it stands alone, and
    left out: the events themselves are recorded all the same.
    """
    if not sightings:
        return 0
    try:
        with connection.transaction():
            _write(connection, sightings)
        return 0
    except _REFUSALS as refusal:
        if len(sightings) == 1:
            reason = refusal.diag.message_primary or str(refusal)
            logger.warning("Could not keep task run %s: %s", sightings[0].id, reason)
            return 1
    middle = len(sightings) // 2
    return store(connection, sightings[:middle]) + store(connection, sightings[middle:])


def _write(connection: "psycopg.Connection[Any]", sightings: Sequence[Observed]) -> None:
    named = _under_known_ids(sightings, _known(connection, sightings))
    connection.execute(_UPSERT, (_json([_run_row(each) for each in newest(named).values()]),))
    connection.execute(_STATES, (_json([_state_row(each) for each in named]),))


def _known(
    connection: "psycopg.Connection[Any]", sightings: Sequence[Observed]
) -> dict[NaturalKey, UUID]:
    keys = sorted({each.natural_key for each in sightings if each.natural_key is not None})
    if not keys:
        return {}
    columns = [list(column) for column in zip(*keys, strict=True)]
    rows = connection.execute(_KNOWN, columns).fetchall()
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _under_known_ids(
    sightings: Sequence[Observed], known: dict[NaturalKey, UUID]
) -> list[Observed]:
    """Of two ids for one run the first counts."""
    named = []
    for each in sightings:
        key = each.natural_key
        named.append(each if key is None else each.known_as(known.setdefault(key, each.id)))
    return named


def _run_row(run: Observed) -> dict[str, Any]:
    fields = msgspec.structs.asdict(run.fields)
    return fields | {
        "id": run.id,
        "flow_run_id": run.flow_run_id,
        "labels": run.fields.labels or {},
        "state_id": run.state.id,
        "state_type": run.state.type.value,
        "state_name": run.state.name,
        "state_timestamp": run.state.timestamp,
        "total_run_time_seconds": run.fields.total_run_time,
    }


def _state_row(run: Observed) -> dict[str, Any]:
    state = run.state
    return {
        "id": state.id,
        "task_run_id": run.id,
        "type": state.type.value,
        "name": state.name,
        "message": state.message,
        "timestamp": state.timestamp,
        "state_details": state.details,
        "data": state.data,
    }


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
