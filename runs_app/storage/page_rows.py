"""Runs and deployments as the workbench's pages show them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from project.lib.paging import NameKey, TimeKey
from runs_app.models import Deployment, FlowRun, FlowRunState, Log


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


def newest_runs(
    *,
    limit: int,
    before: TimeKey | None = None,
    state_types: Collection[str] = (),
    deployment_id: UUID | None = None,
) -> Sequence[RunRow]:
    """The newest runs, those created before a place. One query."""
    rows = FlowRun.objects.order_by("-created", "-id")
    if state_types:
        rows = rows.filter(state_type__in=state_types)
    if deployment_id is not None:
        rows = rows.filter(deployment_id=deployment_id)
    if before is not None:
        # Written so that the index is entered at the right place.
        rows = rows.filter(created__lte=before.moment).exclude(
            created=before.moment, id__gte=before.id
        )
    return [RunRow(*row) for row in rows.values_list(*_RUN)[:limit]]


def run(run_id: UUID) -> FlowRun | None:
    """With its flow, deployment and work pool. One query."""
    rows = FlowRun.objects.select_related("flow", "deployment", "work_pool")
    return rows.filter(pk=run_id).first()


def states_of(run_id: UUID) -> list[FlowRunState]:
    """Its states, the first one first. One query."""
    return list(FlowRunState.objects.filter(flow_run_id=run_id).order_by("timestamp", "id"))


def newest_logs(run_id: UUID, *, limit: int) -> list[Log]:
    """Its last lines, in the order in which they were written. One query."""
    rows = Log.objects.filter(flow_run_id=run_id).order_by("-timestamp", "-id")[:limit]
    return list(reversed(rows))


def deployments(*, limit: int, after: NameKey | None = None) -> Sequence[DeploymentRow]:
    """Deployments by name. One query."""
    rows = Deployment.objects.order_by("name", "id")
    if after is not None:
        rows = rows.filter(Q(name__gt=after.name) | Q(name=after.name, id__gt=after.id))
    return [DeploymentRow(*row) for row in rows.values_list(*_DEPLOYMENT)[:limit]]


def deployment(deployment_id: UUID) -> Deployment | None:
    """With its flow and work pool. One query."""
    rows = Deployment.objects.select_related("flow", "work_pool")
    return rows.filter(pk=deployment_id).first()


def deployment_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """`flow / deployment` of those that exist. One query."""
    rows = Deployment.objects.filter(pk__in=ids).values_list("id", "flow__name", "name")
    return {pk: f"{flow} / {name}" for pk, flow, name in rows}


def run_states(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Name and state of the runs that exist. One query."""
    rows = FlowRun.objects.filter(pk__in=ids).values("id", "name", "state_type", "state_name")
    return {row["id"]: dict(row) for row in rows}
