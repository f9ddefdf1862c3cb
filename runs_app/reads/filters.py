"""Filter documents as conditions of queries.

A filter is any object with Prefect's attributes (`runs_app.api.filters` declares them): this
floor knows their meaning, not their types.
"""

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from runs_app.models import (
    Deployment,
    Flow,
    FlowRun,
    Log,
    TaskRun,
    Variable,
    WorkPool,
)
from runs_app.storage.texts import like


def runs(scope: Any) -> "QuerySet[FlowRun]":
    """The flow runs that a scope of filters admits, in no order."""
    condition = _all(
        _run(scope.flow_runs, ""),
        _flow(scope.flows, "flow__"),
        _deployment(scope.deployments, "deployment__"),
        _pool(scope.work_pools, "work_pool__"),
        _queues(scope, "work_queue__"),
        _with_task_runs(scope, flow_run=OuterRef("pk")),
    )
    return FlowRun.objects.filter(condition)


def task_runs(scope: Any) -> "QuerySet[TaskRun]":
    """The task runs that a scope admits: flow run, flow and so on are those around the run."""
    condition = _all(
        _task_run(scope.task_runs),
        _run(scope.flow_runs, "flow_run__"),
        _flow(scope.flows, "flow_run__flow__"),
        _deployment(scope.deployments, "flow_run__deployment__"),
        _pool(scope.work_pools, "flow_run__work_pool__"),
        _queues(scope, "flow_run__work_queue__"),
    )
    return TaskRun.objects.filter(condition)


def flows(scope: Any) -> "QuerySet[Flow]":
    """The flows that a scope admits: runs and deployments must be those of the flow."""
    conditions = [_flow(scope.flows, ""), _with_task_runs(scope, flow_run__flow=OuterRef("pk"))]
    if scope.flow_runs:
        matching = FlowRun.objects.filter(_run(scope.flow_runs, ""), flow=OuterRef("pk"))
        conditions.append(Q(Exists(matching)))
    if scope.deployments or scope.work_pools or scope.work_pool_queues or scope.work_queues:
        matching_deployments = Deployment.objects.filter(
            _deployment(scope.deployments, ""),
            _pool(scope.work_pools, "work_pool__"),
            _queues(scope, "work_queue__"),
            flow=OuterRef("pk"),
        )
        conditions.append(Q(Exists(matching_deployments)))
    return Flow.objects.filter(_all(*conditions))


def deployments(scope: Any) -> "QuerySet[Deployment]":
    conditions = [
        _deployment(scope.deployments, ""),
        _flow(scope.flows, "flow__"),
        _pool(scope.work_pools, "work_pool__"),
        _queues(scope, "work_queue__"),
        _with_task_runs(scope, flow_run__deployment=OuterRef("pk")),
    ]
    if scope.flow_runs:
        matching = FlowRun.objects.filter(_run(scope.flow_runs, ""), deployment=OuterRef("pk"))
        conditions.append(Q(Exists(matching)))
    return Deployment.objects.filter(_all(*conditions))


def pools(given: Any) -> "QuerySet[WorkPool]":
    return WorkPool.objects.filter(_pool(given, ""))


def variables(given: Any) -> "QuerySet[Variable]":
    if given is None:
        return Variable.objects.all()
    parts = [_ids(given.id, "id"), _tags(given.tags, "tags")]
    if given.name:
        parts.append(_in("name", given.name.any_))
        parts.append(_optional("name__iregex", like(given.name.like_ or "") or None))
    return Variable.objects.filter(joined(given, parts))


def queue_condition(given: Any) -> Q:
    return _queue(given, "")


def worker_condition(given: Any) -> Q:
    if given is None:
        return Q()
    parts = [_times(given.last_heartbeat_time, "last_heartbeat")]
    if given.status and given.status.any_ is not None:
        parts.append(Q(online__in=[each == "ONLINE" for each in given.status.any_]))
    if given.status and given.status.not_any_:
        parts.append(~Q(online__in=[each == "ONLINE" for each in given.status.not_any_]))
    return joined(given, parts)


def logs(given: Any) -> "QuerySet[Log]":
    if given is None:
        return Log.objects.all()
    parts = [
        _ids(given.flow_run_id, "flow_run_id"),
        _nullable_ids(given.task_run_id, "task_run_id"),
        _times(given.timestamp, "timestamp"),
    ]
    if given.level:
        parts.append(_optional("level__gte", given.level.ge_))
        parts.append(_optional("level__lte", given.level.le_))
    if given.text and given.text.query:
        parts += [Q(message__icontains=word) for word in given.text.query.split()]
    return Log.objects.filter(joined(given, parts))


# Prefect sorts by when a run started or else should have: one list for both.
_STARTED = Coalesce("start_time", "expected_start_time")
RUN_ORDER: dict[str, list[Any]] = {
    "ID_DESC": ["-id"],
    "START_TIME_ASC": [_STARTED.asc(), "id"],
    "START_TIME_DESC": [_STARTED.desc(), "-id"],
    "EXPECTED_START_TIME_ASC": ["expected_start_time", "id"],
    "EXPECTED_START_TIME_DESC": ["-expected_start_time", "-id"],
    "NAME_ASC": ["name", "id"],
    "NAME_DESC": ["-name", "-id"],
    "NEXT_SCHEDULED_START_TIME_ASC": ["next_scheduled_start_time", "id"],
    "END_TIME_DESC": [F("end_time").desc(nulls_last=True), "-id"],
}
TASK_RUN_ORDER: dict[str, list[Any]] = {
    "ID_DESC": ["-id"],
    "EXPECTED_START_TIME_ASC": ["expected_start_time", "id"],
    "EXPECTED_START_TIME_DESC": ["-expected_start_time", "-id"],
    "NAME_ASC": ["name", "id"],
    "NAME_DESC": ["-name", "-id"],
    "NEXT_SCHEDULED_START_TIME_ASC": ["next_scheduled_start_time", "id"],
    "END_TIME_DESC": [F("end_time").desc(nulls_last=True), "-id"],
    "DURATION_ASC": ["total_run_time_seconds", "id"],
    "DURATION_DESC": ["-total_run_time_seconds", "-id"],
}
NAMED_ORDER = {
    "CREATED_DESC": ["-created", "-id"],
    "UPDATED_DESC": ["-updated", "-id"],
    "NAME_ASC": ["name", "id"],
    "NAME_DESC": ["-name", "-id"],
}


_LIMIT = F("concurrency_limit")
DEPLOYMENT_ORDER: dict[str, list[Any]] = {
    **NAMED_ORDER,
    "CONCURRENCY_LIMIT_ASC": [_LIMIT.asc(nulls_first=True), "id"],
    "CONCURRENCY_LIMIT_DESC": [_LIMIT.desc(nulls_last=True), "-id"],
}
_NONE = Q(pk__in=[])


def _run(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _ids(given.id, f"{prefix}id"),
        _names(given.name, f"{prefix}name"),
        _tags(given.tags, f"{prefix}tags"),
        _nullable_ids(given.deployment_id, f"{prefix}deployment_id"),
        _texts(given.work_queue_name, f"{prefix}work_queue_name"),
        _texts(given.flow_version, f"{prefix}flow_version"),
        _texts(given.idempotency_key, f"{prefix}idempotency_key"),
        _nullable_ids(given.parent_task_run_id, f"{prefix}parent_task_run_id"),
        _creator(given.created_by, f"{prefix}created_by"),
        _parent_flow_run(given.parent_flow_run_id, prefix),
    ]
    for name in ("start_time", "end_time", "expected_start_time", "next_scheduled_start_time"):
        parts.append(_times(getattr(given, name), f"{prefix}{name}"))
    if given.state:
        types, names = given.state.type, given.state.name
        state = [_texts(types, f"{prefix}state_type"), _texts(names, f"{prefix}state_name")]
        parts.append(joined(given.state, state))
    return joined(given, parts)


def _parent_flow_run(given: Any, prefix: str) -> Q:
    """Subflows of these runs; a run without a parent task run has no parent."""
    if given is None:
        return Q()
    parts = [_optional(f"{prefix}parent_task_run_id__isnull", given.is_null_)]
    if given.any_ is not None:
        parents = TaskRun.objects.filter(flow_run_id__in=given.any_).values("id")
        parts.append(Q(**{f"{prefix}parent_task_run_id__in": parents}))
    return joined(given, parts)


def _with_task_runs(scope: Any, **around: Any) -> Q:
    if scope.task_runs is None:
        return Q()
    return Q(Exists(TaskRun.objects.filter(_task_run(scope.task_runs), **around)))


def _task_run(given: Any) -> Q:
    if given is None:
        return Q()
    parts = [
        _ids(given.id, "id"),
        _names(given.name, "name"),
        _tags(given.tags, "tags"),
        _around(given.flow_run_id),
        _times(given.start_time, "start_time"),
        _times(given.end_time, "end_time"),
        _times(given.expected_start_time, "expected_start_time"),
    ]
    if given.state:
        state = [_texts(given.state.type, "state_type"), _texts(given.state.name, "state_name")]
        parts.append(joined(given.state, state))
    if given.subflow_runs and given.subflow_runs.exists_ is not None:
        subflow = Exists(FlowRun.objects.filter(parent_task_run_id=OuterRef("pk")))
        parts.append(Q(subflow) if given.subflow_runs.exists_ else Q(~subflow))
    return joined(given, parts)


def _around(given: Any) -> Q:
    """Source: Prefect 3.9.1; `is_null_` counts only when no ids are asked for."""
    if given is None:
        return Q()
    if given.is_null_:
        return Q(flow_run_id__isnull=True)
    if given.any_ is None:
        return _optional("flow_run_id__isnull", given.is_null_)
    return Q(flow_run_id__in=given.any_)


def _flow(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _ids(given.id, f"{prefix}id"),
        _names(given.name, f"{prefix}name"),
        _tags(given.tags, f"{prefix}tags"),
    ]
    if given.deployment and given.deployment.is_null_ is not None:
        own = Deployment.objects.filter(flow=OuterRef(f"{prefix}id"))
        parts.append(Q(~Exists(own)) if given.deployment.is_null_ else Q(Exists(own)))
    return joined(given, parts)


def _deployment(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _ids(given.id, f"{prefix}id"),
        _names(given.name, f"{prefix}name"),
        _tags(given.tags, f"{prefix}tags"),
        _texts(given.work_queue_name, f"{prefix}work_queue_name"),
    ]
    if given.paused and given.paused.eq_ is not None:
        parts.append(Q(**{f"{prefix}paused": given.paused.eq_}))
    if given.concurrency_limit:
        limit = given.concurrency_limit
        parts.append(
            _optional(f"{prefix}concurrency_limit__gte", limit.ge_)
            & _optional(f"{prefix}concurrency_limit__lte", limit.le_)
            & _optional(f"{prefix}concurrency_limit__isnull", limit.is_null_)
        )
    if given.flow_or_deployment_name and given.flow_or_deployment_name.like_:
        like = given.flow_or_deployment_name.like_
        both = (f"{prefix}name__icontains", f"{prefix}flow__name__icontains")
        parts.append(Q(**{both[0]: like}) | Q(**{both[1]: like}))
    return joined(given, parts)


def _pool(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _ids(given.id, f"{prefix}id"),
        _texts(given.name, f"{prefix}name"),
        _texts(given.type, f"{prefix}type"),
    ]
    return joined(given, parts)


def _queues(scope: Any, prefix: str) -> Q:
    """Prefect knows queues by two names."""
    return _queue(scope.work_pool_queues, prefix) & _queue(scope.work_queues, prefix)


def _queue(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    parts = [_ids(given.id, f"{prefix}id"), _names(given.name, f"{prefix}name")]
    begins = given.name.startswith_ if given.name else None
    if begins is not None:
        parts.append(reduce(or_, (Q(**{f"{prefix}name__startswith": b}) for b in begins), _NONE))
    return joined(given, parts)


def joined(given: Any, parts: Iterable[Any]) -> Q:
    """The parts that say anything, joined as the filter's `operator` wants it."""
    saying = [part for part in parts if part]
    joined: Q = reduce(or_ if getattr(given, "operator", None) == "or_" else and_, saying, Q())
    return joined


def _all(*parts: Any) -> Q:
    return reduce(and_, parts, Q())


def _optional(lookup: str, value: Any) -> Q:
    return Q() if value is None else Q(**{lookup: value})


def _in(field: str, values: Any) -> Q:
    return Q() if values is None else Q(**{f"{field}__in": values})


def _not_in(field: str, values: Any) -> Q:
    """Prefect's `not_any_` leaves out rows without the field, as SQL does."""
    if values is None:
        return Q()
    return ~Q(**{f"{field}__in": values}) & Q(**{f"{field}__isnull": False})


def _ids(given: Any, field: str) -> Q:
    return Q() if given is None else _in(field, given.any_) & _not_in(field, given.not_any_)


def _nullable_ids(given: Any, field: str) -> Q:
    if given is None:
        return Q()
    return joined(given, [_in(field, given.any_), _optional(f"{field}__isnull", given.is_null_)])


def _texts(given: Any, field: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _in(field, given.any_),
        _not_in(field, given.not_any_),
        _optional(f"{field}__isnull", getattr(given, "is_null_", None)),
    ]
    return joined(given, parts)


def _names(given: Any, field: str) -> Q:
    if given is None:
        return Q()
    return _in(field, given.any_) & _optional(f"{field}__icontains", given.like_ or None)


def _tags(given: Any, field: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _optional(f"{field}__contains", given.all_),
        _optional(f"{field}__overlap", given.any_),
    ]
    if given.is_null_ is not None:
        empty = Q(**{field: []})
        parts.append(empty if given.is_null_ else ~empty)
    return joined(given, parts)


def _times(given: Any, field: str) -> Q:
    if given is None:
        return Q()
    return (
        _optional(f"{field}__lte", given.before_)
        & _optional(f"{field}__gte", given.after_)
        & _optional(f"{field}__isnull", given.is_null_)
    )


def _creator(given: Any, field: str) -> Q:
    if given is None:
        return Q()
    ids = None if given.id_ is None else [str(each) for each in given.id_]
    parts = [
        _in(f"{field}__id", ids),
        _in(f"{field}__type", given.type_),
        _optional(f"{field}__isnull", given.is_null_),
    ]
    return joined(given, parts)
