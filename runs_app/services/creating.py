"""Making flow runs: any number at once, with their first state and its event."""

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from events_app.domain.event import rfc3339
from events_app.storage import outbox
from project.lib import wake
from project.lib.problems import Problem
from runs_app.domain import parameters
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.names import run_name
from runs_app.domain.progress import Progress, advance
from runs_app.domain.run_request import Created, NewFlowRun, Refused
from runs_app.domain.state_events import RunSubject, state_event
from runs_app.domain.states import State, StateType, full_details
from runs_app.domain.storable import unstorable
from runs_app.models import Deployment, Flow, WorkPool
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
_ERROR = "Error creating flow run: "


@dataclass(frozen=True, slots=True)
class Draft:
    """A run that is ready to be written, with what its event says about it."""

    row: dict[str, Any]
    state: State
    subject: RunSubject


@dataclass(frozen=True, slots=True)
class Source:
    """What a run is a run of."""

    flow: Flow
    deployment: Deployment | None = None

    @property
    def pool(self) -> WorkPool | None:
        return self.deployment.work_pool if self.deployment else None

    @property
    def tags(self) -> list[str]:
        return self.deployment.tags if self.deployment else []


def create_flow_runs(requests: Sequence[NewFlowRun], *, now: datetime) -> list[Created | Refused]:
    """Make a run for each request, in order; the caller holds the transaction.

    Seven queries at most, whatever the number of requests: deployments (locked against
    deletion), their pools, runs, states, runs that existed under the same key, and the outbox;
    two more when some run has no deployment.
    """
    sources = _sources(requests)
    drafts = [draft_run(request, sources(request), now) for request in requests]
    made = _write([draft for draft in drafts if isinstance(draft, Draft)])
    _announce(
        draft for draft in drafts if isinstance(draft, Draft) and not made[draft.subject.id].existed
    )
    return [draft if isinstance(draft, Refused) else made[draft.subject.id] for draft in drafts]


def _sources(requests: Sequence[NewFlowRun]) -> Callable[[NewFlowRun], Source | None]:
    known = deployments.locked_for_runs({r.deployment_id for r in requests if r.deployment_id})
    flows = deployments.locked_flows(
        {r.flow_id for r in requests if r.flow_id and not r.deployment_id}
    )

    def source(request: NewFlowRun) -> Source | None:
        if request.deployment_id:
            deployment = known.get(request.deployment_id)
            return Source(deployment.flow, deployment) if deployment else None
        flow = flows.get(request.flow_id) if request.flow_id else None
        return Source(flow) if flow else None

    return source


def draft_run(request: NewFlowRun, source: Source | None, now: datetime) -> Draft | Refused:
    if source is None:
        what = "Deployment" if request.deployment_id else "Flow"
        return Refused(f"{what} not found", "missing")
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
        return Refused(_ERROR + str(problems[0]), "unstorable", problems)
    if source.deployment is None:
        return _drafted(request, source, request.parameters, now)
    values, found = _fitted(request, source.deployment)
    if found:
        return Refused(_ERROR + parameters.refusal(found), "parameters", found)
    return _drafted(request, source, values, now)


def _fitted(request: NewFlowRun, deployment: Deployment) -> tuple[dict[str, Any], list[Problem]]:
    values = deployment.parameters | request.parameters
    schema = deployment.parameter_openapi_schema
    if not schema:
        return values, []
    compiled = parameters.compiled(schema)
    values = values if request.strict else compiled.convert(values)
    enforced = request.enforce_parameter_schema
    if enforced is None:
        enforced = deployment.enforce_parameter_schema
    return values, compiled.problems(values) if enforced else []


def _drafted(request: NewFlowRun, source: Source, values: dict[str, Any], now: datetime) -> Draft:
    run_id = _new_id(now)
    state = _first_state(request, run_id, now)
    progress = advance(Progress(), before=None, after=state)
    subject = _subject(run_id, request, source, progress)
    deployment, pool = source.deployment, source.pool
    queue = request.work_queue_name or (deployment.work_queue_name if deployment else None)
    row: dict[str, Any] = {
        "id": run_id,
        "name": subject.name,
        "flow_id": source.flow.pk,
        "deployment_id": deployment.pk if deployment else None,
        "deployment_version": deployment.version if deployment else None,
        "flow_version": request.flow_version,
        "work_pool_id": pool.pk if pool else None,
        "work_queue_name": queue,
        "parameters": values,
        "context": request.context or {},
        "tags": sorted({*source.tags, *request.tags}),
        "labels": _labels(request, source),
        "empirical_policy": request.empirical_policy or EMPIRICAL_POLICY,
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
        **progress.columns(),
        "created": now,
        "updated": now,
    }
    return Draft(row, state, subject)


def _labels(request: NewFlowRun, source: Source) -> dict[str, Any]:
    own = {"prefect.flow.id": str(source.flow.pk)}
    if source.deployment:
        own["prefect.deployment.id"] = str(source.deployment.pk)
    inherited = source.deployment.labels if source.deployment else source.flow.labels
    return {**inherited, **(request.labels or {}), **own}


def _subject(run_id: UUID, request: NewFlowRun, source: Source, progress: Progress) -> RunSubject:
    deployment, pool = source.deployment, source.pool
    return RunSubject(
        id=run_id,
        name=request.name or run_name(secrets.randbits(32)),
        run_count=progress.run_count,
        flow_id=source.flow.pk,
        flow_name=source.flow.name,
        deployment_id=deployment.pk if deployment else None,
        deployment_name=deployment.name if deployment else None,
        work_pool_id=pool.pk if pool else None,
        work_pool_name=pool.name if pool else None,
        work_pool_type=pool.type if pool else None,
        parent_task_run_id=request.parent_task_run_id,
        tags={*source.flow.tags, *source.tags, *request.tags},
        created_by=request.created_by,
        causes=[str(cause["automation"]) for cause in request.causes],
    )


def _first_state(request: NewFlowRun, run_id: UUID, now: datetime) -> State:
    asked = request.state or {}
    kind = StateType(asked.get("type") or StateType.SCHEDULED)
    details = dict(asked.get("state_details") or {})
    if kind == StateType.SCHEDULED:
        moment = details.get("scheduled_time") or request.scheduled_time or now
        details["scheduled_time"] = moment if isinstance(moment, str) else rfc3339(moment)
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


def _write(drafts: Sequence[Draft]) -> dict[UUID, Created]:
    """Insert what is new; for each draft's id, the run that now stands for it."""
    if not drafts:
        return {}
    inserted = creation.insert_runs([draft.row for draft in drafts])
    if inserted:
        creation.insert_states(
            [state_row(draft) for draft in drafts if draft.subject.id in inserted]
        )
    subjects = (draft.subject for draft in drafts if draft.subject.id in inserted)
    made = {own.id: Created(own.id, existed=False, name=own.name) for own in subjects}
    twins = {draft.subject.id: _key(draft) for draft in drafts if draft.subject.id not in inserted}
    if twins:
        # A statement of its own sees what other transactions committed while ours waited.
        existing = creation.runs_by_key(set(twins.values()))
        made |= {own: Created(existing[key], existed=True) for own, key in twins.items()}
    return made


def _key(draft: Draft) -> creation.Key:
    return draft.row["flow_id"], draft.row["idempotency_key"]


def state_row(draft: Draft) -> dict[str, Any]:
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


def _announce(drafts: Iterable[Draft]) -> None:
    """Put the events of new runs into the outbox and wake who carries on."""
    drafts = list(drafts)
    if not drafts:
        return
    outbox.add([state_event(draft.subject, before=None, after=draft.state) for draft in drafts])
    wake.wake_after_commit("events.relay", queue="actions")
    if any(draft.subject.work_pool_type == "flint" for draft in drafts):
        wake.wake_after_commit("runs.execute", queue="runs")
