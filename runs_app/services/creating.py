"""Making flow runs: any number at once, with their first state and its event."""

import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from events_app.storage import outbox
from project.lib import wake
from runs_app.domain import parameters
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.names import run_name
from runs_app.domain.progress import Progress, advance
from runs_app.domain.run_request import Created, NewFlowRun, Refused
from runs_app.domain.state_events import RunSubject, state_event
from runs_app.domain.states import State, StateType, full_details
from runs_app.domain.storable import unstorable
from runs_app.models import Deployment
from runs_app.storage import creation, deployments

EMPIRICAL_POLICY: dict[str, Any] = {
    "max_retries": 0,
    "retry_delay_seconds": 0.0,
    "retries": None,
    "retry_delay": None,
    "pause_keys": [],
    "resuming": False,
    "retry_type": None,
}
_TEXT_PROBLEM = "Error creating flow run: "


@dataclass(frozen=True, slots=True)
class _Draft:
    """A run that is ready to be written, with what its event says about it."""

    row: dict[str, Any]
    state: State
    subject: RunSubject


def create_flow_runs(requests: Sequence[NewFlowRun], *, now: datetime) -> list[Created | Refused]:
    """Make a run for each request, in order; the caller holds the transaction.

    Seven queries at most, whatever the number of requests: deployments (locked against
    deletion), their pools, runs, states, runs that existed under the same key, and the outbox.
    """
    known = deployments.locked_for_runs({request.deployment_id for request in requests})
    drafts: list[_Draft | Refused] = [
        _draft(request, known.get(request.deployment_id), now) for request in requests
    ]
    made = _write([draft for draft in drafts if isinstance(draft, _Draft)])
    outcomes = [draft if isinstance(draft, Refused) else made[draft.subject.id] for draft in drafts]
    new = [draft for draft in drafts if isinstance(draft, _Draft) and _is_new(made, draft)]
    _announce(new)
    return outcomes


def _is_new(made: dict[UUID, Created], draft: _Draft) -> bool:
    return not made[draft.subject.id].existed


def _draft(request: NewFlowRun, deployment: Deployment | None, now: datetime) -> _Draft | Refused:
    if deployment is None:
        return Refused("Deployment not found", "missing")
    asked = {
        "parameters": request.parameters,
        "name": request.name,
        "idempotency_key": request.idempotency_key,
        "tags": list(request.tags),
        "job_variables": request.job_variables,
        "context": request.context,
        "labels": request.labels,
    }
    if problems := unstorable(asked):
        return Refused(_TEXT_PROBLEM + str(problems[0]), "unstorable", problems)
    values = deployment.parameters | request.parameters
    if schema := deployment.parameter_openapi_schema:
        compiled = parameters.compiled(schema)
        values = values if request.strict else compiled.convert(values)
        if _enforced(request, deployment) and (found := compiled.problems(values)):
            return Refused(_TEXT_PROBLEM + parameters.refusal(found), "parameters", found)
    return _drafted(request, deployment, values, now)


def _enforced(request: NewFlowRun, deployment: Deployment) -> bool:
    asked = request.enforce_parameter_schema
    return deployment.enforce_parameter_schema if asked is None else asked


def _drafted(
    request: NewFlowRun, deployment: Deployment, values: dict[str, Any], now: datetime
) -> _Draft:
    run_id = _new_id(now)
    state = _first_state(request, run_id, now)
    progress = advance(Progress(), before=None, after=state)
    subject = _subject(run_id, request, deployment, progress)
    row: dict[str, Any] = {
        "id": run_id,
        "name": subject.name,
        "flow_id": deployment.flow_id,
        "deployment_id": deployment.id,
        "deployment_version": deployment.version,
        "work_pool_id": deployment.work_pool_id,
        "work_queue_name": request.work_queue_name or deployment.work_queue_name,
        "parameters": values,
        "context": request.context or {},
        "tags": sorted({*deployment.tags, *request.tags}),
        "labels": _labels(request, deployment),
        "empirical_policy": EMPIRICAL_POLICY,
        "job_variables": request.job_variables or {},
        "idempotency_key": request.idempotency_key,
        "parent_task_run_id": request.parent_task_run_id,
        "created_by": request.created_by,
        "causes": list(request.causes),
        "auto_scheduled": False,
        "state_id": state.id,
        "state_type": state.type.value,
        "state_name": state.name,
        "state_timestamp": now,
        "run_count": progress.run_count,
        "expected_start_time": progress.expected_start_time,
        "next_scheduled_start_time": progress.next_scheduled_start_time,
        "start_time": progress.start_time,
        "end_time": progress.end_time,
        "total_run_time_seconds": 0.0,
        "created": now,
        "updated": now,
    }
    return _Draft(row, state, subject)


def _labels(request: NewFlowRun, deployment: Deployment) -> dict[str, Any]:
    own = {"prefect.flow.id": str(deployment.flow_id), "prefect.deployment.id": str(deployment.id)}
    return {**deployment.labels, **(request.labels or {}), **own}


def _subject(
    run_id: UUID, request: NewFlowRun, deployment: Deployment, progress: Progress
) -> RunSubject:
    pool = deployment.work_pool
    return RunSubject(
        id=run_id,
        name=request.name or run_name(secrets.randbits(32)),
        run_count=progress.run_count,
        flow_id=deployment.flow_id,
        flow_name=deployment.flow.name,
        deployment_id=deployment.id,
        deployment_name=deployment.name,
        work_pool_id=pool.id if pool else None,
        work_pool_name=pool.name if pool else None,
        work_pool_type=pool.type if pool else None,
        parent_task_run_id=request.parent_task_run_id,
        tags={*deployment.flow.tags, *deployment.tags, *request.tags},
        created_by=request.created_by,
    )


def _first_state(request: NewFlowRun, run_id: UUID, now: datetime) -> State:
    asked = request.state or {}
    kind = StateType(asked.get("type") or StateType.SCHEDULED)
    details = dict(asked.get("state_details") or {})
    if kind == StateType.SCHEDULED:
        moment = details.get("scheduled_time") or request.scheduled_time or now
        details["scheduled_time"] = moment if isinstance(moment, str) else moment.isoformat()
    return State(
        id=_new_id(now),
        type=kind,
        name=asked.get("name") or kind.usual_name,
        timestamp=now,
        message=asked.get("message"),
        details=full_details(details, flow_run_id=run_id),
        data=asked.get("data"),
    )


def _new_id(now: datetime) -> UUID:
    return time_ordered_id(now, os.urandom(RANDOM_BYTES))


def _write(drafts: Sequence[_Draft]) -> dict[UUID, Created]:
    """Insert what is new; for each draft's id, the run that now stands for it."""
    if not drafts:
        return {}
    inserted = creation.insert_runs([draft.row for draft in drafts])
    if inserted:
        creation.insert_states(
            [_state_row(draft) for draft in drafts if draft.subject.id in inserted]
        )
    made = {run_id: Created(run_id, existed=False) for run_id in inserted}
    twins = {draft.subject.id: _key(draft) for draft in drafts if draft.subject.id not in inserted}
    if twins:
        # A statement of its own sees what other transactions committed while ours waited.
        existing = creation.runs_by_key(set(twins.values()))
        made |= {own: Created(existing[key], existed=True) for own, key in twins.items()}
    return made


def _key(draft: _Draft) -> creation.Key:
    return draft.row["flow_id"], draft.row["idempotency_key"]


def _state_row(draft: _Draft) -> dict[str, Any]:
    state = draft.state
    return {
        "id": state.id,
        "flow_run_id": draft.subject.id,
        "type": state.type.value,
        "name": state.name,
        "message": state.message,
        "timestamp": state.timestamp,
        "state_details": state.details,
        "data": state.data,
    }


def _announce(drafts: Iterable[_Draft]) -> None:
    """Put the events of new runs into the outbox and wake who carries on."""
    drafts = list(drafts)
    if not drafts:
        return
    outbox.add([state_event(draft.subject, before=None, after=draft.state) for draft in drafts])
    wake.wake_after_commit("events.relay", queue="actions")
    if any(draft.subject.work_pool_type == "flint" for draft in drafts):
        wake.wake_after_commit("runs.execute", queue="runs")
