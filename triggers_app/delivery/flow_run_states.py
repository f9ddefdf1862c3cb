"""Actions on a flow run that exists: cancel, suspend, resume, change its state, delete."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events_app.domain.event import rfc3339
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun
from runs_app.services import orchestrating, removing
from runs_app.services.orchestrating import OrchestrationResult
from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.kinds import delivers
from triggers_app.delivery.results import Delivered, Rejected, Settlement, not_inferred

SUSPENDED_FOR = timedelta(hours=1)
Change = Callable[[Job, UUID, datetime], OrchestrationResult]


@delivers("cancel-flow-run")
def cancel_runs(batch: Batch) -> list[Settlement | None]:
    return [_settled(job, batch.now, _cancel) for job in batch.jobs]


@delivers("suspend-flow-run")
def suspend_runs(batch: Batch) -> list[Settlement | None]:
    return [_settled(job, batch.now, _suspend) for job in batch.jobs]


@delivers("resume-flow-run")
def resume_runs(batch: Batch) -> list[Settlement | None]:
    return [_settled(job, batch.now, _resume) for job in batch.jobs]


@delivers("change-flow-run-state")
def change_states(batch: Batch) -> list[Settlement | None]:
    return [_settled(job, batch.now, _change) for job in batch.jobs]


@delivers("delete-flow-run")
def delete_runs(batch: Batch) -> list[Settlement | None]:
    return [_deleted(job) for job in batch.jobs]


def _cancel(job: Job, run_id: UUID, now: datetime) -> OrchestrationResult:
    return orchestrating.set_state(run_id, Proposal(type=StateType.CANCELLING), now=now)


def _suspend(job: Job, run_id: UUID, now: datetime) -> OrchestrationResult:
    details = {"pause_timeout": rfc3339(now + SUSPENDED_FOR), "pause_reschedule": True}
    proposal = Proposal(type=StateType.PAUSED, name="Suspended", details=details)
    return orchestrating.set_state(run_id, proposal, now=now)


def _resume(job: Job, run_id: UUID, now: datetime) -> OrchestrationResult:
    return orchestrating.resume(run_id, now=now)


def _change(job: Job, run_id: UUID, now: datetime) -> OrchestrationResult:
    action = job.action
    proposal = Proposal(
        type=StateType(action["state"]), name=action.get("name"), message=action.get("message")
    )
    return orchestrating.set_state(run_id, proposal, now=now, force=bool(action.get("force")))


def _settled(job: Job, now: datetime, change: Change) -> Settlement:
    run_id = job.target("flow-run")
    if run_id is None:
        return not_inferred("flow run")
    try:
        outcome = change(job, run_id, now)
    except FlowRun.DoesNotExist:
        return _missing()
    state = outcome.state
    result: dict[str, Any] = {"flow_run_id": str(run_id), "status": outcome.status}
    if state is not None:
        result["state"] = state.name
    # A run that nobody executes yet is cancelled at once, which the rules call a rejection.
    cancelled = change is _cancel and outcome.written
    if outcome.status == "ACCEPT" or cancelled:
        return Delivered(result=result)
    why = str(outcome.details.get("reason") or "the state was not accepted")
    return Rejected(f"The flow run's state was not changed: {why}", result)


def _deleted(job: Job) -> Settlement:
    run_id = job.target("flow-run")
    if run_id is None:
        return not_inferred("flow run")
    if not removing.delete_flow_run(run_id):
        return _missing()
    return Delivered(result={"flow_run_id": str(run_id)})


def _missing() -> Rejected:
    return Rejected("Flow run not found", {"status_code": 404})
