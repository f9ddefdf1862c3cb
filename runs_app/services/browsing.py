"""Reading flows, deployments, runs and logs as the API's documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from project.lib.json_documents import Document
from runs_app.models import Deployment, Flow, FlowRun, FlowRunState
from runs_app.services import documents
from runs_app.storage import deployments as deployment_storage
from runs_app.storage import logs as log_storage
from runs_app.storage import queries

MAX_STATES = 200


def flow_run(run_id: UUID, *, now: datetime) -> Document:
    """Two queries. Raises FlowRun.DoesNotExist."""
    run = FlowRun.objects.select_related("work_pool").get(pk=run_id)
    return _run_documents([run], now=now)[0]


def flow_runs_by_id(ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Document]:
    """Two queries."""
    found = FlowRun.objects.filter(pk__in=list(ids)).select_related("work_pool")
    return {document["id"]: document for document in _run_documents(found, now=now)}


def flow_runs(
    scope: Any, *, sort: str = "ID_DESC", limit: int = 200, offset: int = 0, now: datetime
) -> list[Document]:
    """Two queries: a page of runs, their current states."""
    page = queries.runs(scope).order_by(*queries.RUN_ORDER[sort]).select_related("work_pool")
    return _run_documents(page[offset : offset + limit], now=now)


def flow_run_states(run_id: UUID) -> list[Document]:
    """The last 200 states of a run, the oldest first. One query."""
    found = FlowRunState.objects.filter(flow_run_id=run_id).order_by("-timestamp", "-id")
    return [documents.state_document(state) for state in reversed(found[:MAX_STATES])]


def flow_run_state(state_id: UUID) -> Document:
    """Raises FlowRunState.DoesNotExist."""
    return documents.state_document(FlowRunState.objects.get(pk=state_id))


def scheduled_flow_runs(
    deployment_ids: Sequence[UUID],
    *,
    before: datetime | None,
    limit: int,
    now: datetime,
) -> list[Document]:
    """Runs of deployments that wait for whoever serves them, the longest due first.

    Asking is the sign that somebody serves. Three queries.
    """
    Deployment.objects.filter(pk__in=list(deployment_ids)).update(last_polled=now)
    due = FlowRun.objects.filter(state_type="SCHEDULED", deployment_id__in=list(deployment_ids))
    if before is not None:
        due = due.filter(next_scheduled_start_time__lte=before)
    page = due.order_by("next_scheduled_start_time", "id").select_related("work_pool")
    return _run_documents(page[:limit], now=now)


def delete_flow_runs(scope: Any, *, limit: int) -> list[UUID]:
    """Delete up to `limit` runs with their states, inputs and logs; their ids. Six queries."""
    with transaction.atomic():
        chosen = queries.runs(scope).select_for_update(of=("self",)).order_by("id")
        ids = list(chosen.values_list("pk", flat=True)[:limit])
        if ids:
            log_storage.delete_of(ids)
            FlowRun.objects.filter(pk__in=ids).delete()
    return ids


def delete_flow_run(run_id: UUID) -> bool:
    """False when there is no such run."""
    with transaction.atomic():
        log_storage.delete_of([run_id])
        _, counts = FlowRun.objects.filter(pk=run_id).delete()
    return counts.get("runs_app.FlowRun", 0) == 1


def flows(scope: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = queries.flows(scope).order_by(*queries.NAMED_ORDER[sort])
    return [documents.flow_document(flow) for flow in page[offset : offset + limit]]


def deployments(scope: Any, *, sort: str, limit: int, offset: int, now: datetime) -> list[Document]:
    """Two queries."""
    page = queries.deployments(scope).order_by(*queries.DEPLOYMENT_ORDER[sort])
    page = deployment_storage.whole(page)[offset : offset + limit]
    return [documents.deployment_document(each, now=now) for each in page]


def deployment(deployment_id: UUID, *, now: datetime) -> Document:
    """Two queries. Raises Deployment.DoesNotExist."""
    found = deployment_storage.whole(Deployment.objects.all()).get(pk=deployment_id)
    return documents.deployment_document(found, now=now)


def deployment_named(flow_name: str, name: str, *, now: datetime) -> Document:
    """Two queries. Raises Deployment.DoesNotExist."""
    related = deployment_storage.whole(Deployment.objects.all())
    return documents.deployment_document(related.get(flow__name=flow_name, name=name), now=now)


def flow(flow_id: UUID) -> Document:
    """Raises Flow.DoesNotExist."""
    return documents.flow_document(Flow.objects.get(pk=flow_id))


def flow_named(name: str) -> Document:
    """Raises Flow.DoesNotExist."""
    return documents.flow_document(Flow.objects.get(name=name))


def logs(given: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    """One query."""
    order = ("-timestamp", "-id") if sort == "TIMESTAMP_DESC" else ("timestamp", "id")
    page = queries.logs(given).order_by(*order)[offset : offset + limit]
    return [documents.log_document(log) for log in page]


def _run_documents(
    page: "QuerySet[FlowRun] | Sequence[FlowRun]", *, now: datetime
) -> list[Document]:
    runs = list(page)
    states = FlowRunState.objects.in_bulk([run.state_id for run in runs if run.state_id])
    return [
        documents.flow_run_document(
            run, states.get(run.state_id) if run.state_id else None, now=now
        )
        for run in runs
    ]
