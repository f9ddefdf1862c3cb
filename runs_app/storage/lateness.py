"""Runs that should have started by now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from runs_app.domain.states import State
from runs_app.models import FlowRun, FlowRunState
from runs_app.storage import runs

# Raw SQL: one statement for many rows with values of their own.
_ENTER = """
    UPDATE flow_run AS run
    SET state_id = given.state_id, state_name = given.name, state_timestamp = given.timestamp,
        updated = given.timestamp
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[])
         AS given (id, state_id, name, timestamp)
    WHERE run.id = given.id
"""


def lock_unstarted(before: datetime, *, limit: int) -> list[FlowRun]:
    """Runs that are Scheduled for a time before this, the longest due first; of an index of its
    own, which a run leaves as soon as it is Late. One query."""
    runs = FlowRun.objects.select_related("flow", "deployment", "work_pool")
    waiting = runs.filter(
        state_type="SCHEDULED", state_name="Scheduled", next_scheduled_start_time__lt=before
    )
    locked = waiting.select_for_update(of=("self",), skip_locked=True)
    return list(locked.order_by("next_scheduled_start_time", "id")[:limit])


def states_of(flow_runs: Sequence[FlowRun]) -> dict[UUID | None, State]:
    """By their ids. One query."""
    rows = FlowRunState.objects.in_bulk([run.state_id for run in flow_runs if run.state_id])
    return {state_id: runs.state_of(row) for state_id, row in rows.items()}


def enter(entered: Sequence[tuple[UUID, State]]) -> None:
    """Make the states, which are of the same type as before, the runs' current ones. One query."""
    columns: list[list[Any]] = [
        [run_id for run_id, _ in entered],
        [state.id for _, state in entered],
        [state.name for _, state in entered],
        [state.timestamp for _, state in entered],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, columns)
