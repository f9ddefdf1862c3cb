"""Removing deployments with everything that they have run."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from runs_app.models import Deployment, Flow, FlowRun, WorkPool
from runs_app.reads import filters
from runs_app.storage import logs as log_storage

# Raw SQL: the ORM would read every run to delete its states.
_OF_RUNS = (
    "DELETE FROM log WHERE flow_run_id = ANY(%s)",
    "DELETE FROM flow_run_state WHERE flow_run_id = ANY(%s)",
    "DELETE FROM flow_run_input WHERE flow_run_id = ANY(%s)",
    "DELETE FROM task_run_state USING task_run"
    " WHERE task_run.id = task_run_state.task_run_id AND task_run.flow_run_id = ANY(%s)",
    "DELETE FROM task_run WHERE flow_run_id = ANY(%s)",
    "DELETE FROM flow_run WHERE id = ANY(%s)",
)


def remove_deployed_from(flow_root: str, *, pool: str) -> list[UUID]:
    """Remove the deployments of a folder, their runs, and flows and pool if nobody else has any.

    The ids of the runs. The caller holds the transaction.
    """
    deployments = Deployment.objects.filter(flow_root=flow_root)
    flows = set(deployments.values_list("flow_id", flat=True))
    runs = FlowRun.objects.filter(deployment__in=deployments.values("id"))
    # Locked one after the other: an executor that is at one of them ends it first.
    ids = list(runs.order_by("id").select_for_update(of=("self",)).values_list("id", flat=True))
    with connection.cursor() as cursor:
        for statement in _OF_RUNS:
            cursor.execute(statement, [ids])
    deployments.delete()
    Flow.objects.filter(id__in=flows, deployments=None, runs=None).delete()
    WorkPool.objects.filter(name=pool, deployments=None, runs=None).delete()
    return ids


def delete_flow_runs(scope: Any, *, limit: int) -> list[UUID]:
    """Delete up to `limit` runs with their states, inputs and logs; their ids. Six queries."""
    with transaction.atomic():
        chosen = filters.runs(scope).select_for_update(of=("self",)).order_by("id")
        ids = list(chosen.values_list("pk", flat=True)[:limit])
        if ids:
            log_storage.delete_of(ids)
            FlowRun.objects.filter(pk__in=ids).delete()
    return ids


def delete_flow_run(run_id: UUID) -> bool:
    """False when there is no such run."""
    with transaction.atomic():
        log_storage.delete_of([run_id])
        _, counts = FlowRun.objects.filter(pk=run_id).delete()
    return counts.get("runs_app.FlowRun", 0) == 1
