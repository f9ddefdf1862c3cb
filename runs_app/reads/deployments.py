"""Deployments: the API's documents, lists and pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from project.lib.json_documents import Document
from project.lib.paging import NameKey, Page, page_of
from runs_app.models import Deployment
from runs_app.reads import filters, flow_runs
from runs_app.reads.documents import (
    deployment_document,
)
from runs_app.reads.flow_runs import RunRow, page_of_runs
from runs_app.storage import deployments as storage


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


@dataclass(frozen=True, slots=True)
class ListedDeployment:
    deployment: DeploymentRow
    last_run: RunRow | None


@dataclass(frozen=True, slots=True)
class DeploymentInFull:
    deployment: Deployment
    runs: Page[RunRow]
    counts: dict[str, int]


def documents(scope: Any, *, sort: str, limit: int, offset: int, now: datetime) -> list[Document]:
    """Two queries."""
    page = filters.deployments(scope).order_by(*filters.DEPLOYMENT_ORDER[sort])
    page = storage.whole(page)[offset : offset + limit]
    return [deployment_document(each, now=now) for each in page]


def document(deployment_id: UUID, *, now: datetime) -> Document:
    """Two queries. Raises Deployment.DoesNotExist."""
    deployment = storage.whole(Deployment.objects.all()).get(pk=deployment_id)
    return deployment_document(deployment, now=now)


def document_named(flow_name: str, name: str, *, now: datetime) -> Document:
    """Two queries. Raises Deployment.DoesNotExist."""
    related = storage.whole(Deployment.objects.all())
    return deployment_document(related.get(flow__name=flow_name, name=name), now=now)


def documents_by_id(
    ids: Collection[UUID], *, now: datetime | None = None
) -> dict[UUID, dict[str, Any]]:
    """The API's documents of these deployments, with `flow_name`. Two queries."""
    deployments = storage.whole(Deployment.objects.filter(pk__in=list(ids)))
    return {each.pk: deployment_document(each, now=now) for each in deployments}


def page(
    *, size: int, after: NameKey | None = None, text: str = "", paused: bool | None = None
) -> Page[ListedDeployment]:
    """A page of deployments by name, each with its last run. Two queries."""
    rows = deployment_rows(limit=size + 1, after=after, text=text, paused=paused)
    last = flow_runs.last_of_deployments([row.id for row in rows]) if rows else {}
    listed = [ListedDeployment(row, last.get(row.id)) for row in rows]
    return page_of(
        listed,
        size=size,
        key=lambda one: NameKey(one.deployment.name, one.deployment.id),
        first=after is None,
    )


def in_full(deployment_id: UUID) -> DeploymentInFull | None:
    """Three queries: the deployment, its newest runs, how its runs ended."""
    deployment = row(deployment_id)
    if deployment is None:
        return None
    size = 10
    runs = flow_runs.run_rows(limit=size + 1, deployment_ids=[deployment_id])
    counts = flow_runs.count_by_state([deployment_id])
    return DeploymentInFull(deployment, page_of_runs(runs, size=size, first=True), counts)


def names(ids: Collection[UUID]) -> dict[UUID, str]:
    """`flow / deployment` of those that exist, one name when both are equal.

    One query, none for no ids.
    """
    rows = Deployment.objects.filter(pk__in=ids).values_list("id", "flow__name", "name")
    return {pk: full_name(flow, name) for pk, flow, name in rows}


def full_name(flow_name: str, name: str) -> str:
    """`flow / deployment`, one name when both are equal."""
    return name if flow_name == name else f"{flow_name} / {name}"


def deployment_rows(
    *, limit: int, after: NameKey | None = None, text: str = "", paused: bool | None = None
) -> Sequence[DeploymentRow]:
    """Deployments by name. One query."""
    rows = storage.with_text(text).order_by("name", "id")
    if paused is not None:
        rows = rows.filter(paused=paused)
    if after is not None:
        rows = rows.filter(Q(name__gt=after.name) | Q(name=after.name, id__gt=after.id))
    return [DeploymentRow(*row) for row in rows.values_list(*_DEPLOYMENT)[:limit]]


def counts(text: str = "") -> DeploymentCounts:
    """One query."""
    totals = storage.with_text(text).aggregate(
        total=Count("id"), paused=Count("id", filter=Q(paused=True))
    )
    return DeploymentCounts(**totals)


def row(deployment_id: UUID) -> Deployment | None:
    """With its flow and work pool. One query."""
    rows = Deployment.objects.select_related("flow", "work_pool")
    return rows.filter(pk=deployment_id).first()
