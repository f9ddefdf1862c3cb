"""Reading and writing single task runs."""

from collections.abc import Collection
from uuid import UUID

from runs_app.domain.progress import FIELDS, Progress
from runs_app.domain.states import State
from runs_app.models import TaskRun, TaskRunState
from runs_app.storage import logs
from runs_app.storage.entering import make_current, state_columns
from runs_app.storage.runs import state_of


def locked(task_run_id: UUID) -> TaskRun:
    """The run with its flow run, locked until the commit. One query.

    Raises TaskRun.DoesNotExist.
    """
    rows = TaskRun.objects.select_for_update(of=("self",)).select_related("flow_run")
    return rows.get(pk=task_run_id)


def locked_parents(ids: Collection[UUID]) -> list[TaskRun]:
    """Those of the runs that there are, locked in the order of their ids. One query."""
    rows = TaskRun.objects.select_for_update(of=("self",)).filter(pk__in=list(ids))
    return list(rows.order_by("id"))


def current_state(run: TaskRun) -> State | None:
    """The state that the run is in. One query."""
    row = TaskRunState.objects.filter(pk=run.state_id).first() if run.state_id else None
    return None if row is None else state_of(row)


def progress_of(run: TaskRun) -> Progress:
    return Progress(**{name: getattr(run, name) for name in FIELDS})


def by_key(flow_run_id: UUID | None, task_key: str, dynamic_key: str) -> TaskRun | None:
    """The run of these keys; the oldest, where outside of flows there are several."""
    rows = TaskRun.objects.filter(
        flow_run_id=flow_run_id, task_key=task_key, dynamic_key=dynamic_key
    )
    return rows.order_by("created", "id").first()


def enter(run: TaskRun, state: State, progress: Progress) -> None:
    """Write a new state and make it the run's current one. Two queries."""
    TaskRunState.objects.create(task_run=run, **state_columns(state))
    make_current(run, state, progress, flow_run_run_count=run.flow_run_run_count)


def delete(task_run_id: UUID) -> bool:
    """False when there is no such run. Its states and logs go with it."""
    logs.delete_of_task(task_run_id)
    _, counts = TaskRun.objects.filter(pk=task_run_id).delete()
    return counts.get("runs_app.TaskRun", 0) == 1
