"""Task runs over REST: made, changed, and the states that somebody proposes for them."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from project.lib.json_documents import Document
from runs_app.domain.decisions import Abort, Accept, Reject, Wait
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.names import run_name
from runs_app.domain.progress import advance
from runs_app.domain.states import Proposal, State, StateType, full_details
from runs_app.domain.task_orchestration import CurrentTask, decide_task
from runs_app.models import FlowRun, TaskRun, TaskRunState
from runs_app.reads.documents import state_document
from runs_app.reads.task_runs import documents_of
from runs_app.services.orchestrating import OrchestrationResult, answer_details, first_number
from runs_app.storage import runs, task_runs


class Conflict(Exception):
    """The run cannot be made: its flow run is gone, or its id belongs to another run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTaskRun:
    task_key: str
    dynamic_key: str
    id: UUID | None = None
    flow_run_id: UUID | None = None
    name: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)  # of the table, as they are
    state: Proposal | None = None  # Pending when nothing is said


def create(new_run: NewTaskRun, *, now: datetime) -> tuple[Document, bool]:
    """The run of these keys, and whether it is new. Raises Conflict. At most twelve queries."""
    with transaction.atomic():
        flow_run = _locked_flow_run(new_run.flow_run_id)
        run = task_runs.by_key(new_run.flow_run_id, new_run.task_key, new_run.dynamic_key)
        made = run is None and _insert(new_run, flow_run, now)
    if run is None:
        # Made by us, or by somebody else at the same time.
        run = task_runs.by_key(new_run.flow_run_id, new_run.task_key, new_run.dynamic_key)
    if run is None:
        raise Conflict("Another task run has this id.")
    return documents_of([run], now=now)[0], made


def _locked_flow_run(flow_run_id: UUID | None) -> FlowRun | None:
    if flow_run_id is None:
        return None
    # Locked against deletion, as no constraint would notice it.
    flow_run = FlowRun.objects.select_for_update(no_key=True).filter(pk=flow_run_id).first()
    if flow_run is None:
        raise Conflict("The flow run of this task run does not exist.")
    return flow_run


def _insert(new_run: NewTaskRun, flow_run: FlowRun | None, now: datetime) -> bool:
    run = TaskRun(
        id=new_run.id or _new_id(now),
        flow_run=flow_run,
        task_key=new_run.task_key,
        dynamic_key=new_run.dynamic_key,
        name=new_run.name or run_name(secrets.randbits(32)),
        created=now,
        updated=now,
        **new_run.fields | {"labels": _labels(new_run, flow_run)},
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return False
    _enter(run, None, new_run.state or Proposal(type=StateType.PENDING), now)
    return True


def _labels(new_run: NewTaskRun, flow_run: FlowRun | None) -> dict[str, Any]:
    given: dict[str, Any] = new_run.fields.get("labels") or {}
    if flow_run is None:
        return given
    own = {"prefect.flow.id": str(flow_run.flow_id), "prefect.flow-run.id": str(flow_run.pk)}
    return {**given, **own}


def rename(task_run_id: UUID, name: str, *, now: datetime) -> bool:
    """False when there is no such run. One query."""
    return TaskRun.objects.filter(pk=task_run_id).update(name=name, updated=now) == 1


def delete(task_run_id: UUID) -> bool:
    """False when there is no such run."""
    with transaction.atomic():
        return task_runs.delete(task_run_id)


def state(state_id: UUID) -> Document:
    """Raises TaskRunState.DoesNotExist."""
    return state_document(TaskRunState.objects.get(pk=state_id))


def set_state(
    task_run_id: UUID, proposal: Proposal, *, now: datetime, force: bool = False
) -> OrchestrationResult:
    """Propose a state for a run, under its lock. Raises TaskRun.DoesNotExist.

    At most five queries. No event tells of it: clients tell of their tasks themselves.
    """
    with transaction.atomic():
        run = task_runs.locked(task_run_id)
        before = task_runs.current_state(run)
        decision = decide_task(_current(run, before), proposal, force=force, now=now)
        match decision:
            case Accept(accepted):
                after = _enter(run, before, accepted, now)
                return OrchestrationResult("ACCEPT", after, answer_details("accept"), written=True)
            case Reject(reason, instead):
                details = answer_details("reject", reason=reason)
                if instead is None:
                    return OrchestrationResult("REJECT", before, details)
                after = _enter(run, before, instead, now)
                return OrchestrationResult("REJECT", after, details, written=True)
            case Wait(delay_seconds, reason):
                details = answer_details("wait", delay_seconds=delay_seconds, reason=reason)
                return OrchestrationResult("WAIT", before, details)
            case Abort(reason):
                return OrchestrationResult("ABORT", before, answer_details("abort", reason=reason))
    raise AssertionError(decision)


def _current(run: TaskRun, state: State | None) -> CurrentTask:
    policy, around = run.empirical_policy, run.flow_run
    # Only a proposal to run asks for the flow run's state in full: one query.
    around_state = runs.current_state(around) if around and around.state_type == "PAUSED" else None
    return CurrentTask(
        type=state.type if state else None,
        name=state.name if state else None,
        details=state.details if state else {},
        scheduled_time=state.scheduled_time if state else None,
        has_persisted_result=state is not None and state.has_persisted_result,
        run_count=run.run_count,
        retries=first_number(policy, "retries", "max_retries"),
        retry_delay_seconds=_retry_delay(policy, run.run_count),
        in_flow=around is not None,
        flow_type=StateType(around.state_type) if around and around.state_type else None,
        flow_details=around_state.details if around_state else {},
    )


def _retry_delay(policy: dict[str, Any], run_count: int) -> int:
    """A task may wait longer before each retry; the last delay holds for all that follow."""
    delays = policy.get("retry_delay")
    if isinstance(delays, list) and delays:
        nth = delays[min(max(run_count, 1), len(delays)) - 1]
        return first_number({"retry_delay": nth}, "retry_delay")
    return first_number(policy, "retry_delay", "retry_delay_seconds")


def _enter(run: TaskRun, before: State | None, proposal: Proposal, now: datetime) -> State:
    moment = max(now, before.timestamp) if before else now
    after = State(
        id=_new_id(moment),
        type=proposal.type,
        name=proposal.state_name,
        timestamp=moment,
        message=proposal.message,
        details=full_details(proposal.details, flow_run_id=run.flow_run_id, task_run_id=run.pk),
        data=proposal.data,
    )
    if before is not None and before.is_terminal and not after.is_terminal:
        run.run_count = 0  # its retries begin anew
    if after.type == StateType.RUNNING and run.flow_run is not None:
        run.flow_run_run_count = run.flow_run.run_count
    task_runs.enter(run, after, advance(task_runs.progress_of(run), before=before, after=after))
    return after


def _new_id(now: datetime) -> UUID:
    return time_ordered_id(now, os.urandom(RANDOM_BYTES))
