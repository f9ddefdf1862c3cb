"""Making flow runs: any number at once, with their first state and its event."""

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

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
from runs_app.domain.variables import variable_problems
from runs_app.models import Deployment, Flow, WorkPool
from runs_app.services import queues, subflows
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


class Overtaken(Exception):
    """Somebody else made a run with the same key meanwhile: nothing is to be committed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`outcomes` answer the requests in order; `drafts` are the runs that are yet to be written."""

    outcomes: list[Created | Refused]
    drafts: Sequence[Draft]

    def write_states(self) -> None:
        """Write the first states and the events that tell of them.

        Two queries, and those of `subflows.tell_parents`.
        """
        if not self.drafts:
            return
        creation.insert_states([state_row(draft) for draft in self.drafts])
        outbox.add([state_event(d.subject, before=None, after=d.state) for d in self.drafts])
        subflows.tell_parents(
            (d.subject.parent_task_run_id, d.subject.id, d.state) for d in self.drafts
        )
        wake.wake_after_commit(wake.RELAY, queue="actions")
        if any(draft.subject.work_pool_type == "flint" for draft in self.drafts):
            wake.wake_after_commit("runs.execute", queue="runs")

    def write_runs(self) -> None:
        """Write the runs, as the last statement before the caller's commit. One query.

        A run's `created` is the database's clock in it, so that hardly more than the commit
        lies between that and the moment at which others see the run. Raises Overtaken.
        """
        if not self.drafts:
            return
        inserted = creation.insert_new_runs([draft.row for draft in self.drafts])
        if len(inserted) != len(self.drafts):
            raise Overtaken


def create_flow_runs(requests: Sequence[NewFlowRun], *, now: datetime) -> list[Created | Refused]:
    """Make a run for each request, in order; the caller holds the transaction.

    The queries of `prepare_flow_runs`, three to write them, and a savepoint.
    """
    try:
        return _create_at_once(requests, now)
    except Overtaken:
        # The other one is committed: now its run is found.
        return _create_at_once(requests, now)


def _create_at_once(requests: Sequence[NewFlowRun], now: datetime) -> list[Created | Refused]:
    with transaction.atomic():
        prepared = prepare_flow_runs(requests, now=now)
        prepared.write_states()
        prepared.write_runs()
    return prepared.outcomes


def prepare_flow_runs(requests: Sequence[NewFlowRun], *, now: datetime) -> Prepared:
    """Decide what becomes of each request; nothing is written yet.

    Three queries, whatever the number of requests: deployments (locked against deletion), their
    pools, and runs that exist under the same keys; two more when some run has no deployment.
    """
    sources = _sources(requests)
    drafts = [draft_run(request, sources(request), now) for request in requests]
    known = _runs_by_key(draft for draft in drafts if isinstance(draft, Draft))
    outcomes: list[Created | Refused] = []
    new: list[Draft] = []
    for draft in drafts:
        if isinstance(draft, Refused):
            outcomes.append(draft)
            continue
        twin = known.get(_key(draft))
        if twin is not None:
            outcomes.append(Created(twin, existed=True))
            continue
        if draft.row["idempotency_key"] is not None:
            known[_key(draft)] = draft.subject.id
        new.append(draft)
        outcomes.append(Created(draft.subject.id, existed=False, name=draft.subject.name))
    return Prepared(outcomes, new)


def _runs_by_key(drafts: Iterable[Draft]) -> dict[creation.Key, UUID]:
    keys = {_key(draft) for draft in drafts if draft.row["idempotency_key"] is not None}
    return creation.runs_by_key(keys) if keys else {}


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
    fields = {
        "parameters": request.parameters,
        "name": request.name,
        "idempotency_key": request.idempotency_key,
        "tags": list(request.tags),
        "job_variables": request.job_variables,
        "context": request.context,
        "labels": request.labels,
    }
    if problems := unstorable(fields):
        return Refused(_ERROR + str(problems[0]), "unstorable", problems)
    if source.deployment is None:
        return _drafted(request, source, request.parameters, now)
    if problems := _refused_variables(request, source.pool):
        return Refused(_ERROR + str(problems[0]), "variables", problems)
    values, problems = _fitted(request, source.deployment)
    if problems:
        return Refused(_ERROR + parameters.refusal(problems), "parameters", problems)
    return _drafted(request, source, values, now)


def _refused_variables(request: NewFlowRun, pool: WorkPool | None) -> list[Problem]:
    of_flint = pool is not None and pool.type == "flint"
    return variable_problems(request.job_variables) if of_flint else []


def _fitted(request: NewFlowRun, deployment: Deployment) -> tuple[dict[str, Any], list[Problem]]:
    schema = deployment.parameter_openapi_schema
    if not schema:
        return deployment.parameters | request.parameters, []
    compiled = parameters.compiled(schema)
    enforced = request.enforce_parameter_schema
    if enforced is None:
        enforced = deployment.enforce_parameter_schema
    if not request.rendered:
        values = deployment.parameters | request.parameters
        return values, compiled.problems(values) if enforced else []
    values, problems = compiled.fit(request.parameters, below=deployment.parameters)
    return values, problems if enforced else []


def _drafted(request: NewFlowRun, source: Source, values: dict[str, Any], now: datetime) -> Draft:
    run_id = _new_id(now)
    created = max(now, request.not_before or now)
    state = _first_state(request, run_id, now)
    progress = advance(Progress(), before=None, after=state)
    subject = _subject(run_id, request, source, progress)
    deployment, pool = source.deployment, source.pool
    queue_name, queue_id = _queue(request, deployment)
    row: dict[str, Any] = {
        "id": run_id,
        "name": subject.name,
        "flow_id": source.flow.pk,
        "deployment_id": deployment.pk if deployment else None,
        "deployment_version": deployment.version if deployment else None,
        "flow_version": request.flow_version,
        "work_pool_id": pool.pk if pool else None,
        "work_queue_name": queue_name,
        "work_queue_id": queue_id,
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
        "auto_scheduled": request.auto_scheduled,
        "state_id": state.id,
        "state_type": state.type.value,
        "state_name": state.name,
        "state_timestamp": now,
        **progress.columns(),
        "created": created,
        "updated": created,
    }
    return Draft(row, state, subject)


def _queue(request: NewFlowRun, deployment: Deployment | None) -> tuple[str | None, UUID | None]:
    """Name and id; a query only when the request names another queue than the deployment's."""
    if deployment is None:
        return request.work_queue_name, None
    named = request.work_queue_name
    if named is None or named == deployment.work_queue_name or deployment.work_pool is None:
        return named or deployment.work_queue_name, deployment.work_queue_id
    queue = queues.ensure(deployment.work_pool, named)
    return queue.name, queue.pk


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
    fields = request.state or {}
    kind = StateType(fields.get("type") or StateType.SCHEDULED)
    details = dict(fields.get("state_details") or {})
    if kind == StateType.SCHEDULED:
        moment = details.get("scheduled_time") or request.scheduled_time or now
        details["scheduled_time"] = moment if isinstance(moment, str) else rfc3339(moment)
    return State(
        id=_new_id(now),
        type=kind,
        name=fields.get("name") or kind.usual_name,
        timestamp=now,
        message=fields.get("message"),
        details=full_details(details, flow_run_id=run_id, task_run_id=request.parent_task_run_id),
        data=fields.get("data"),
    )


def _new_id(now: datetime) -> UUID:
    return time_ordered_id(now, os.urandom(RANDOM_BYTES))


def _key(draft: Draft) -> creation.Key:
    return draft.row["flow_id"], draft.row["idempotency_key"]


def state_row(draft: Draft) -> dict[str, Any]:
    return creation.state_row(draft.subject.id, draft.state)
