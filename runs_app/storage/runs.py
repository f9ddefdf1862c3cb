"""Reading and writing single flow runs."""

from uuid import UUID

from runs_app.domain.progress import FIELDS, Progress
from runs_app.domain.state_events import RunSubject
from runs_app.domain.states import State, StateType
from runs_app.models import FlowRun, FlowRunState, TaskRunState
from runs_app.storage.entering import make_current, state_columns

# Types of state in which an executor may hold the run.
HELD_TYPES = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


def locked(run_id: UUID) -> FlowRun:
    """The run with flow, deployment and pool, locked until the commit. One query.

    Raises FlowRun.DoesNotExist.
    """
    related = ("flow", "deployment", "work_pool")
    rows = FlowRun.objects.select_for_update(of=("self",)).select_related(*related)
    return rows.get(pk=run_id)


def current_state(run: FlowRun) -> State | None:
    """The state that the run is in. One query."""
    if run.state_id is None:
        return None
    return state_of(FlowRunState.objects.get(pk=run.state_id))


def state_of(row: FlowRunState | TaskRunState) -> State:
    return State(
        id=row.pk,
        type=StateType(row.type),
        name=row.name,
        timestamp=row.timestamp,
        message=row.message,
        details=row.state_details,
        data=row.data,
    )


def progress_of(run: FlowRun) -> Progress:
    return Progress(**{name: getattr(run, name) for name in FIELDS})


def enter(run: FlowRun, state: State, progress: Progress) -> None:
    """Write a new state and make it the run's current one. Two queries."""
    FlowRunState.objects.create(flow_run=run, **state_columns(state))
    held = state.type in HELD_TYPES
    make_current(
        run,
        state,
        progress,
        empirical_policy=run.empirical_policy,
        executor=run.executor if held else None,
        executor_seen=run.executor_seen if held else None,
    )


def subject_of(run: FlowRun) -> RunSubject:
    """What the event about a run says of it; needs flow, deployment and pool loaded."""
    deployment, pool = run.deployment, run.work_pool
    return RunSubject(
        id=run.pk,
        name=run.name,
        run_count=run.run_count,
        flow_id=run.flow_id,
        flow_name=run.flow.name,
        deployment_id=deployment.pk if deployment else None,
        deployment_name=deployment.name if deployment else None,
        work_pool_id=pool.pk if pool else None,
        work_pool_name=pool.name if pool else None,
        work_pool_type=pool.type if pool else None,
        parent_task_run_id=run.parent_task_run_id,
        tags={*run.tags, *run.flow.tags, *(deployment.tags if deployment else ())},
        created_by=run.created_by,
        causes=[str(cause["automation"]) for cause in run.causes],
    )
