"""`/work_pools/…/workers` and what a worker asks for: heartbeats, and runs to execute."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, nothing
from runs_app.api.fields import Body, Limit, Moment, Name, Offset, PlainName, Strict
from runs_app.api.filters import WorkerFilter
from runs_app.api.work_queues import missing_pool
from runs_app.domain.worker_types import PREFECT_TYPES
from runs_app.reads import workers as worker_reads
from runs_app.services import workers

router = Router(tags=["workers"])
collections = Router(tags=["workers"])


class Heartbeat(Body):
    name: PlainName
    heartbeat_interval_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None


class WorkersPage(Strict):
    workers: WorkerFilter | None = None
    limit: Limit | None = None
    offset: Offset | None = None


class ScheduledRuns(Body):
    work_queue_names: Annotated[list[Name], Field(max_length=200)] | None = None
    scheduled_before: Moment | None = None
    limit: Limit | None = None


@router.post("/{pool_name}/workers/heartbeat", response={204: None})
def worker_heartbeat(request: HttpRequest, pool_name: str, body: Heartbeat) -> HttpResponse:
    interval = body.heartbeat_interval_seconds
    if not workers.heartbeat(pool_name, body.name, interval, now=utcnow()):
        raise missing_pool(pool_name)
    return nothing()


@router.post("/{pool_name}/workers/filter", response=Any)
def read_workers(
    request: HttpRequest, pool_name: str, body: WorkersPage | None = None
) -> HttpResponse:
    page = body or WorkersPage()
    documents = worker_reads.documents(
        page.workers,
        pool_name=pool_name,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
    )
    if documents is None:
        raise missing_pool(pool_name)
    return answer(documents)


@router.delete("/{pool_name}/workers/{name}", response={204: None})
def delete_worker(request: HttpRequest, pool_name: str, name: str) -> HttpResponse:
    if not workers.delete(pool_name, name):
        raise ApiError(404, {"detail": "Worker not found."})
    return nothing()


@router.post("/{pool_name}/get_scheduled_flow_runs", response=Any)
def scheduled_flow_runs_of_pool(
    request: HttpRequest, pool_name: str, body: ScheduledRuns | None = None
) -> HttpResponse:
    params = body or ScheduledRuns()
    documents = workers.scheduled_flow_runs(
        pool_name,
        queue_names=params.work_queue_names or [],
        before=params.scheduled_before,
        limit=200 if params.limit is None else params.limit,
        now=utcnow(),
    )
    if documents is None:
        raise missing_pool(pool_name)
    return answer(documents)


@collections.get("/views/{view}", response=Any)
def read_collection_view(request: HttpRequest, view: str) -> HttpResponse:
    """What types of work pools there are; clients fall back to their own lists for the rest."""
    if view != "aggregate-worker-metadata":
        raise ApiError(404, {"detail": f"View {view} not found"})
    return answer(PREFECT_TYPES)
