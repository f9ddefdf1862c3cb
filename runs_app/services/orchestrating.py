"""Changing the state of a run: the rules asked, the state and its event written together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from events_app.domain.event import rfc3339
from events_app.storage import outbox
from project.lib import wake
from runs_app.domain import orchestration
from runs_app.domain.decisions import Abort, Accept, Reject, Wait
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.orchestration import Current
from runs_app.domain.progress import advance
from runs_app.domain.state_events import state_event
from runs_app.domain.states import Proposal, State, StateType, full_details
from runs_app.models import FlowRun
from runs_app.services import deployment_slots, run_inputs, subflows
from runs_app.storage import runs

Status = Literal["ACCEPT", "REJECT", "ABORT", "WAIT"]
_LONGEST_RETRY_DELAY = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class OrchestrationResult:
    """What became of a proposal. `state` is the run's state now; `written` when it is new."""

    status: Status
    state: State | None
    details: dict[str, Any]
    written: bool = False


def set_state(
    run_id: UUID, proposal: Proposal, *, now: datetime, force: bool = False
) -> OrchestrationResult:
    """Propose a state for a run, under its lock; the event goes into the outbox with it.

    Raises FlowRun.DoesNotExist. At most five queries; four more for a subflow.
    """
    with transaction.atomic():
        return transition(runs.locked(run_id), proposal, now=now, force=force)


def resume(
    run_id: UUID, *, now: datetime, run_input: Mapping[str, Any] | None = None
) -> OrchestrationResult:
    """Let a paused run go on: in its process, or scheduled anew when it was suspended.

    What it waits for is held to the schema that it has left. Raises FlowRun.DoesNotExist.
    """
    with transaction.atomic():
        run = runs.locked(run_id)
        state = runs.current_state(run)
        if state is None or state.type != StateType.PAUSED:
            reason = "Cannot resume a flow run that is not paused."
            return OrchestrationResult("ABORT", None, answer_details("abort", reason=reason))
        keyset = state.details.get("run_input_keyset")
        if isinstance(keyset, dict):
            try:
                run_inputs.check(run_id, keyset, run_input or {})
            except run_inputs.UnfitInput as error:
                details = answer_details("reject", reason=str(error))
                return OrchestrationResult("REJECT", state, details)
        proposal = Proposal(type=StateType.RUNNING)
        if state.details.get("pause_reschedule"):
            details = {"scheduled_time": rfc3339(now)}
            proposal = Proposal(type=StateType.SCHEDULED, name="Resuming", details=details)
        result = transition(run, proposal, now=now)
        if isinstance(keyset, dict) and run_input and result.status == "ACCEPT":
            run_inputs.answer(run_id, keyset, run_input)
        return result


def transition(
    run: FlowRun, proposal: Proposal, *, now: datetime, force: bool = False
) -> OrchestrationResult:
    """As `set_state`, for a run that the caller has locked in its own transaction."""
    before = runs.current_state(run)
    decision = orchestration.decide(_current(run, before), proposal, force=force, now=now)
    if not force:
        decision = deployment_slots.decide(run, before, decision, now=now)
    match decision:
        case Accept(accepted):
            after = _enter(run, before, accepted, now)
            return OrchestrationResult("ACCEPT", after, answer_details("accept"), written=True)
        case Reject(reason, None):
            return OrchestrationResult("REJECT", before, answer_details("reject", reason=reason))
        case Reject(reason, instead) if instead is not None:
            after = _enter(run, before, instead, now)
            details = answer_details("reject", reason=reason)
            return OrchestrationResult("REJECT", after, details, written=True)
        case Wait(delay_seconds, reason):
            details = answer_details("wait", delay_seconds=delay_seconds, reason=reason)
            return OrchestrationResult("WAIT", before, details)
        case Abort(reason):
            return OrchestrationResult("ABORT", before, answer_details("abort", reason=reason))
    raise AssertionError(decision)


def answer_details(kind: str, **values: Any) -> dict[str, Any]:
    """The `details` of an answer, as Prefect's clients read them."""
    return {"type": f"{kind}_details", **values}


def _enter(run: FlowRun, before: State | None, proposal: Proposal, now: datetime) -> State:
    # A clock that was set back must not make a run's history run backwards.
    moment = max(now, before.timestamp) if before else now
    after = State(
        id=time_ordered_id(moment, os.urandom(RANDOM_BYTES)),
        type=proposal.type,
        name=proposal.state_name,
        timestamp=moment,
        message=proposal.message,
        details=full_details(
            _scheduled(proposal, moment), flow_run_id=run.pk, task_run_id=run.parent_task_run_id
        ),
        data=proposal.data,
    )
    _remember_pause(run, after)
    runs.enter(run, after, advance(runs.progress_of(run), before=before, after=after))
    deployment_slots.update_slots(before, after, now=moment)
    subflows.tell_parents([(run.parent_task_run_id, run.pk, after)])
    outbox.add([state_event(runs.subject_of(run), before=before, after=after)])
    wake.wake_after_commit("events.relay", queue="actions")
    if after.type == StateType.SCHEDULED and run.work_pool and run.work_pool.type == "flint":
        wake.wake_after_commit("runs.execute", queue="runs")
    return after


def _scheduled(proposal: Proposal, moment: datetime) -> dict[str, Any]:
    if proposal.type != StateType.SCHEDULED or proposal.details.get("scheduled_time"):
        return proposal.details
    return proposal.details | {"scheduled_time": rfc3339(moment)}


def _remember_pause(run: FlowRun, after: State) -> None:
    key = after.details.get("pause_key")
    if after.type == StateType.PAUSED and key is not None:
        known = _pause_keys(run.empirical_policy)
        keys = sorted({*known, str(key)})
        run.empirical_policy = {**run.empirical_policy, "pause_keys": keys}


def _current(run: FlowRun, state: State | None) -> Current:
    policy = run.empirical_policy
    return Current(
        type=state.type if state else None,
        name=state.name if state else None,
        details=state.details if state else {},
        scheduled_time=state.scheduled_time if state else None,
        pause_timeout=state.pause_timeout if state else None,
        has_persisted_result=state is not None and state.has_persisted_result,
        run_count=run.run_count,
        retries=first_number(policy, "retries", "max_retries"),
        retry_delay_seconds=first_number(policy, "retry_delay", "retry_delay_seconds"),
        pause_keys=_pause_keys(policy),
        has_deployment=run.deployment_id is not None,
        has_infrastructure=run.infrastructure_pid is not None,
        is_subflow=run.parent_task_run_id is not None,
    )


def first_number(policy: dict[str, Any], *names: str) -> int:
    """A client's policy is its own document: what is no sensible number counts as 0."""
    for name in names:
        value = policy.get(name)
        if isinstance(value, int | float) and value > 0:
            return int(min(value, _LONGEST_RETRY_DELAY.total_seconds()))
    return 0


def _pause_keys(policy: dict[str, Any]) -> tuple[str, ...]:
    keys = policy.get("pause_keys")
    return tuple(str(key) for key in keys) if isinstance(keys, list) else ()
