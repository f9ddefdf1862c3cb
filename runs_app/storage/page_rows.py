"""Runs and deployments as the workbench's pages show them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from project.lib.paging import NameKey
from runs_app.models import Deployment, FlowRun, FlowRunState, Log, TaskRun


@dataclass(frozen=True, slots=True)
class RunRow:
    """A line of a list of runs."""

    id: UUID
    name: str
    flow_name: str
    deployment_id: UUID | None
    deployment_name: str | None
    state_type: str | None
    state_name: str | None
    created: datetime
    start_time: datetime | None
    end_time: datetime | None

    @property
    def took(self) -> float | None:
        """Seconds; None while it has not both begun and ended."""
        if self.start_time is None or self.end_time is None:
            return None
        return (self.end_time - self.start_time).total_seconds()


_RUN = (
    "id", "name", "flow__name", "deployment_id", "deployment__name",
    "state_type", "state_name", "created", "start_time", "end_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A line of the list of deployments."""

    id: UUID
    name: str
    flow_name: str
    paused: bool
    entrypoint: str | None
    work_pool_name: str | None
    tags: list[str]
    updated: datetime


_DEPLOYMENT = (
    "id", "name", "flow__name", "paused", "entrypoint", "work_pool__name", "tags", "updated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeploymentCounts:
    total: int
    paused: int


class LogKey(NamedTuple):
    """A line's place in the logs of a run."""

    moment: datetime
    number: int


@dataclass(frozen=True, slots=True)
class BrokenDeployment:
    """A deployment whose runs failed lately."""

    id: UUID
    name: str
    runs: int
    newest: UUID


@dataclass(frozen=True, slots=True)
class RunNews:
    failed: int
    completed: int
    running: int
    waiting: int
    any_deployment: bool
    any_completed: bool
    broken: list[BrokenDeployment]


def newest_runs(
    *,
    limit: int,
    before: UUID | None = None,
    state_types: Collection[str] = (),
    deployment_ids: Collection[UUID] | None = None,
) -> Sequence[RunRow]:
    """The newest runs, those before a place; ids grow with time. One query.

    The candidates of each state and deployment come out of its index in order, so that a rare
    state costs no more than a frequent one.
    """
    rows = FlowRun.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    choices = _choices(state_types, deployment_ids)
    if choices:
        parts = [rows.filter(choice).values("id")[:limit] for choice in choices]
        ids = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        rows = FlowRun.objects.order_by("-id").filter(id__in=ids)
    elif choices is not None:
        return []
    return [RunRow(*row) for row in rows.values_list(*_RUN)[:limit]]


def _choices(
    state_types: Collection[str], deployment_ids: Collection[UUID] | None
) -> list[Q] | None:
    """What an index is asked for, one at a time; None when nothing is asked."""
    if deployment_ids is not None:
        states = Q(state_type__in=list(state_types)) if state_types else Q()
        return [Q(deployment_id=pk) & states for pk in deployment_ids]
    return [Q(state_type=name) for name in state_types] or None


def count_by_state(deployment_ids: Collection[UUID] | None = None) -> dict[str, int]:
    """How many runs are in each type of state. One query."""
    rows = FlowRun.objects.all()
    if deployment_ids is not None:
        rows = rows.filter(deployment_id__in=list(deployment_ids))
    counted = rows.order_by().values_list("state_type").annotate(total=Count("id"))
    return {name or "": total for name, total in counted}


def run(run_id: UUID) -> FlowRun | None:
    """With its flow, deployment and work pool. One query."""
    rows = FlowRun.objects.select_related("flow", "deployment", "work_pool")
    return rows.filter(pk=run_id).first()


def states_of(run_id: UUID) -> list[FlowRunState]:
    """Its states, the first one first. One query."""
    return list(FlowRunState.objects.filter(flow_run_id=run_id).order_by("timestamp", "id"))


def logs(
    run_id: UUID, *, limit: int, before: LogKey | None = None, text: str = "", level: int = 0
) -> list[Log]:
    """Its last lines before a place, in the order in which they were written. One query."""
    rows = Log.objects.filter(flow_run_id=run_id)
    if before is not None:
        rows = rows.filter(timestamp__lte=before.moment).exclude(
            timestamp=before.moment, id__gte=before.number
        )
    if text:
        rows = rows.filter(message__icontains=text)
    if level:
        rows = rows.filter(level__gte=level)
    return list(reversed(rows.order_by("-timestamp", "-id")[:limit]))


def deployments(
    *, limit: int, after: NameKey | None = None, text: str = "", paused: bool | None = None
) -> Sequence[DeploymentRow]:
    """Deployments by name. One query."""
    rows = _deployments(text).order_by("name", "id")
    if paused is not None:
        rows = rows.filter(paused=paused)
    if after is not None:
        rows = rows.filter(Q(name__gt=after.name) | Q(name=after.name, id__gt=after.id))
    return [DeploymentRow(*row) for row in rows.values_list(*_DEPLOYMENT)[:limit]]


def count_deployments(text: str = "") -> DeploymentCounts:
    """One query."""
    found = _deployments(text).aggregate(
        total=Count("id"), paused=Count("id", filter=Q(paused=True))
    )
    return DeploymentCounts(**found)


def deployment_ids(text: str, *, limit: int) -> list[UUID]:
    """Deployments whose name, or whose flow's name, holds a text. One query."""
    return list(_deployments(text).order_by("name", "id").values_list("id", flat=True)[:limit])


def _deployments(text: str) -> "QuerySet[Deployment]":
    rows = Deployment.objects.all()
    for word in text.replace("/", " ").split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(flow__name__icontains=word) | Q(tags__contains=[word])
        )
    return rows


def last_runs(deployment_ids: Collection[UUID]) -> dict[UUID, RunRow]:
    """The newest run of each deployment that has one. One query."""
    newest = FlowRun.objects.filter(deployment_id=OuterRef("id")).order_by("-id")
    ids = Deployment.objects.filter(id__in=list(deployment_ids)).values_list(
        Subquery(newest.values("id")[:1]), flat=True
    )
    rows = [RunRow(*row) for row in FlowRun.objects.filter(id__in=ids).values_list(*_RUN)]
    return {row.deployment_id: row for row in rows if row.deployment_id}


# Several counts of one small part of a table; the ORM would send one query for each.
_NEWS = """
    WITH recent AS MATERIALIZED (
        SELECT id, deployment_id, state_type, name, end_time, created FROM flow_run
        WHERE id >= %s AND state_type IN ('FAILED', 'CRASHED')),
    broken AS (
        SELECT deployment_id, count(*) AS runs, (array_agg(id ORDER BY id DESC))[1] AS newest
        FROM recent WHERE deployment_id IS NOT NULL GROUP BY 1)
    SELECT (SELECT count(*) FROM recent),
           (SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED' AND id >= %s),
           (SELECT count(*) FROM flow_run WHERE state_type IN ('RUNNING', 'CANCELLING')),
           (SELECT count(*) FROM flow_run WHERE state_type IN ('SCHEDULED', 'PENDING')),
           EXISTS (SELECT FROM deployment),
           EXISTS (SELECT FROM flow_run WHERE state_type = 'COMPLETED'),
           coalesce((SELECT jsonb_agg(t) FROM (
               SELECT d.id, f.name || ' / ' || d.name AS name, b.runs, b.newest
               FROM broken b JOIN deployment d ON d.id = b.deployment_id
               JOIN flow f ON f.id = d.flow_id ORDER BY b.runs DESC, d.id LIMIT 10) t), '[]')
"""


def news(since: UUID) -> RunNews:
    """What became of the runs made since that id. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, [since, since])
        failed, completed, running, waiting, deployed, ran, broken = cursor.fetchone()
    found = json.loads(broken) if isinstance(broken, str) else broken
    names = [
        BrokenDeployment(UUID(one["id"]), one["name"], one["runs"], UUID(one["newest"]))
        for one in found
    ]
    return RunNews(failed, completed, running, waiting, deployed, ran, names)


def deployment(deployment_id: UUID) -> Deployment | None:
    """With its flow and work pool. One query."""
    rows = Deployment.objects.select_related("flow", "work_pool")
    return rows.filter(pk=deployment_id).first()


def deployment_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """`flow / deployment` of those that exist, one name when both are equal. One query."""
    rows = Deployment.objects.filter(pk__in=ids).values_list("id", "flow__name", "name")
    return {pk: name if flow == name else f"{flow} / {name}" for pk, flow, name in rows}


def run_states(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Name and state of the runs that exist. One query."""
    rows = FlowRun.objects.filter(pk__in=ids).values("id", "name", "state_type", "state_name")
    return {row["id"]: dict(row) for row in rows}


def run_parameters(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The parameters of the runs that exist. One query."""
    return dict(FlowRun.objects.filter(pk__in=ids).values_list("id", "parameters"))


def tasks_of(flow_run_id: UUID, *, limit: int) -> list[TaskRun]:
    """The tasks of a run in the order in which they began, then those that did not. One query."""
    rows = TaskRun.objects.filter(flow_run_id=flow_run_id)
    return list(rows.order_by(F("start_time").asc(nulls_last=True), "created", "id")[:limit])
