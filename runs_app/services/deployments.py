"""Deployments: made, changed, paused, shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from project.lib.problems import Invalid
from runs_app.domain import parameters
from runs_app.domain.object_events import Changes
from runs_app.domain.variables import variable_problems
from runs_app.models import Deployment, Flow, WorkPool, WorkQueue
from runs_app.services import concurrency, queues, schedules
from runs_app.services.announcing import (
    announce,
    event_of,
    of_deployment,
    of_flow,
    of_pool,
    update_event,
)
from runs_app.storage import deployments as storage
from runs_app.storage import schedules as schedule_storage

# What a caller may set, with the value that null stands for where the column has no null.
FIELDS: dict[str, Any] = {
    "description": None,
    "version": None,
    "version_info": None,
    "paused": False,
    "tags": [],
    "labels": {},
    "parameters": {},
    "parameter_openapi_schema": None,
    "enforce_parameter_schema": True,
    "entrypoint": None,
    "path": None,
    "pull_steps": None,
    "job_variables": {},
    "work_queue_name": None,
    "concurrency_limit": None,
    "concurrency_options": None,
    "storage_document_id": None,
    "infrastructure_document_id": None,
}
FLINT_POOL_TYPE = "flint"
# What a change of is not told: it can be large, or is where a file lies on this machine.
_LARGE = frozenset({"parameter_openapi_schema", "pull_steps", "flow_root"})


class MissingPool(Exception):
    """A work pool that was named does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f'Work pool "{name}" not found.')


class UnfitParameters(Exception):
    """Default parameters that contradict the schema; the text is Prefect's sentence."""


@dataclass(frozen=True, slots=True)
class Upserted:
    """`changed` names the fields that were different; all of them for a new deployment."""

    deployment_id: UUID
    created: bool
    changed: list[str]


def ensure_flow(
    name: str,
    *,
    now: datetime,
    tags: Collection[str] = (),
    labels: Mapping[str, Any] | None = None,
) -> tuple[Flow, bool]:
    """The flow of that name, made when it does not exist; and whether it was made now."""
    with transaction.atomic():
        flow, created = Flow.objects.get_or_create(
            name=name, defaults={"tags": list(tags), "labels": dict(labels or {})}
        )
        if created:
            said = {"name": flow.name, "tags": flow.tags, "labels": flow.labels}
            announce([event_of(of_flow(flow), "created", now=now, payload=said)])
    return flow, created


def ensure_pool(name: str, *, now: datetime, kind: str = FLINT_POOL_TYPE) -> tuple[WorkPool, bool]:
    """The work pool of that name, made when it does not exist; and whether it was made now."""
    with transaction.atomic():
        pool, created = WorkPool.objects.get_or_create(name=name, defaults={"type": kind})
        if created:
            queues.add_default(pool)
            announce([event_of(of_pool(pool), "created", now=now)])
    return pool, created


def upsert(
    *,
    flow_id: UUID,
    name: str,
    fields: Mapping[str, Any],
    now: datetime,
    flow_root: str | None = None,
    new_id: UUID | None = None,
) -> Upserted:
    """Make a deployment or change the one of that flow and name; fields not given stay.

    `fields` may hold the keys of FIELDS, `work_pool_name`, and `schedules`, which become all that
    it has. `flow_root`, the folder below which its entrypoint may be executed, comes from the
    command line only, never from the API. `new_id` is what a deployment had elsewhere.
    Raises Flow.DoesNotExist, MissingPool, UnfitParameters, what `schedules.create` raises, and
    Invalid for a bad schema.
    """
    with transaction.atomic():
        # KEY SHARE through the foreign key keeps the flow alive from here on.
        flow = Flow.objects.select_for_update(no_key=True).get(pk=flow_id)
        own_labels = {"prefect.flow.id": str(flow.pk)}
        deployment, created = Deployment.objects.get_or_create(
            flow=flow, name=name, defaults={"id": new_id or uuid4(), "labels": own_labels}
        )
        deployment = Deployment.objects.select_for_update().get(pk=deployment.pk)
        deployment.flow = flow
        changes = _apply(deployment, fields, flow_root=flow_root)
        if changes:
            deployment.save()
        changes |= _follow_changes(deployment, fields, changes, schedules.replace, now=now)
        if created:
            announce([event_of(of_deployment(deployment), "created", now=now)])
        else:
            _announce_changed(deployment, changes, now=now)
    return Upserted(deployment.pk, created, list(changes))


def change(deployment_id: UUID, fields: Mapping[str, Any], *, now: datetime) -> Upserted:
    """Change the given fields. Raises as `upsert`, and Deployment.DoesNotExist."""
    with transaction.atomic():
        deployment = _locked().get(pk=deployment_id)
        changes = _apply(deployment, fields, flow_root=None)
        if changes:
            deployment.save()
        changes |= _follow_changes(deployment, fields, changes, schedules.merge, now=now)
        _announce_changed(deployment, changes, now=now)
    return Upserted(deployment.pk, False, list(changes))


def set_paused(deployment_id: UUID, paused: bool, *, now: datetime) -> bool:
    """Pause or resume; False when there is no such deployment."""
    with transaction.atomic():
        deployment = _locked().filter(pk=deployment_id).first()
        if deployment is None:
            return False
        if deployment.paused is not paused:
            deployment.paused, deployment.updated = paused, now
            deployment.save(update_fields=["paused", "updated"])
            schedules.refresh(deployment, now=now, all_runs=paused)
            _announce_changed(deployment, {"paused": (not paused, paused)}, now=now)
    return True


def delete(deployment_id: UUID, *, now: datetime) -> bool:
    """Delete a deployment; its runs stay, without it, but for those made ahead.

    False when there is no such one.
    """
    with transaction.atomic():
        deployment = _locked().filter(pk=deployment_id).first()
        if deployment is None:
            return False
        announce([event_of(of_deployment(deployment), "deleted", now=now)])
        schedule_storage.take_back(deployment.pk)
        concurrency.drop_deployment_limits([deployment.pk])
        deployment.delete()
    return True


def _follow_changes(
    deployment: Deployment,
    fields: Mapping[str, Any],
    changed: Collection[str],
    arrange: Callable[..., None],
    *,
    now: datetime,
) -> dict[str, tuple[Any, Any]]:
    """Arrange the schedules that are given; its limit and runs made ahead follow its changes."""
    if "concurrency_limit" in changed:
        limit = deployment.concurrency_limit
        concurrency.keep_deployment_limit(deployment.pk, limit, now=now)
    if changed:
        schedules.refresh(deployment, now=now, all_runs=deployment.paused)
    if fields.get("schedules") is None:
        return {}
    before = schedules.said(deployment)
    try:
        arrange(deployment, fields["schedules"], now=now)
    except Invalid as error:
        raise error.below(("schedules",)) from None
    after = schedules.said(deployment)
    return {} if before == after else {"schedules": (before, after)}


def _locked() -> "QuerySet[Deployment]":
    return Deployment.objects.select_related("flow").select_for_update(of=("self",))


def _announce_changed(deployment: Deployment, changes: Changes, *, now: datetime) -> None:
    changes = {name: change for name, change in changes.items() if name not in _LARGE}
    if changes:
        announce([update_event(of_deployment(deployment), changes, now=now)])


def tag_flow(flow_id: UUID, tags: list[str] | None, *, now: datetime) -> bool:
    """Give a flow other tags, none to leave them; False where there is no such flow. One query."""
    rows = Flow.objects.filter(pk=flow_id)
    if tags is None:
        return rows.exists()
    return rows.update(tags=list(dict.fromkeys(tags)), updated=now) == 1


def delete_flow(flow_id: UUID, *, now: datetime) -> bool:
    """Delete a flow with its deployments and runs. False when there is no such flow."""
    with transaction.atomic():
        gone = list(_locked().filter(flow_id=flow_id).order_by("id"))
        announce([event_of(of_deployment(one), "deleted", now=now) for one in gone])
        concurrency.drop_deployment_limits([deployment.pk for deployment in gone])
        _, counts = Flow.objects.filter(pk=flow_id).delete()
    return counts.get("runs_app.Flow", 0) == 1


def _apply(
    deployment: Deployment, fields: Mapping[str, Any], *, flow_root: str | None
) -> dict[str, tuple[Any, Any]]:
    """Field → what it was, what it is; for a work pool its name."""
    new = {name: fields[name] for name in FIELDS if name in fields}
    new = {name: FIELDS[name] if value is None else value for name, value in new.items()}
    if "labels" in new:
        new["labels"] = {**new["labels"], "prefect.flow.id": str(deployment.flow_id)}
    if "work_pool_name" in fields:
        new["work_pool"] = _pool(fields["work_pool_name"])
    if flow_root is not None:
        new["flow_root"] = flow_root
    if {"work_pool", "work_queue_name"} & set(new):
        new |= _queue(deployment, new)
    changes = {}
    for name, value in new.items():
        if (old := getattr(deployment, name)) != value:
            setattr(deployment, name, value)
            changes[name] = (_plain(old), _plain(value))
    _check_parameters(deployment, changes)
    if {"job_variables", "work_pool"} & set(new):
        _check_variables(deployment)
    return changes


def _plain(value: Any) -> Any:
    """As JSON: a pool is told by its name, an id as text."""
    if isinstance(value, WorkPool | WorkQueue):
        return value.name
    return str(value) if isinstance(value, UUID) else value


def _pool(name: str | None) -> WorkPool | None:
    if name is None:
        return None
    pool = storage.pool_named(name)
    if pool is None:
        raise MissingPool(name)
    return pool


def _queue(deployment: Deployment, new: Mapping[str, Any]) -> dict[str, Any]:
    """Where a deployment of a pool waits: in the queue that it names, or in `default`."""
    pool = new.get("work_pool", deployment.work_pool)
    if pool is None:
        return {"work_queue": None}
    moved = "work_pool" in new and pool != deployment.work_pool
    kept = None if moved else deployment.work_queue_name
    queue = queues.ensure(pool, new.get("work_queue_name", kept))
    return {"work_queue": queue, "work_queue_name": queue.name}


def _check_variables(deployment: Deployment) -> None:
    """Also of one that moves: what its former pool took may be refused by a flint pool."""
    pool = deployment.work_pool
    problems = variable_problems(deployment.job_variables)
    if problems and pool is not None and pool.type == FLINT_POOL_TYPE:
        raise Invalid(problems)


def _check_parameters(deployment: Deployment, changed: Collection[str]) -> None:
    schema = deployment.parameter_openapi_schema
    if not schema or not {"parameters", "parameter_openapi_schema"} & set(changed):
        return
    if problems := parameters.schema_problems(schema):
        raise Invalid(problems).below(("parameter_openapi_schema",))
    if not deployment.enforce_parameter_schema:
        return
    problems = parameters.compiled(schema).problems(deployment.parameters)
    # Whoever starts a run may still give what the deployment leaves open.
    if problems := [problem for problem in problems if problem.type != "required"]:
        raise UnfitParameters(f"Error creating deployment: {parameters.refusal(problems)}")
