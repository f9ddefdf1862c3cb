"""`/work_queues` and `/work_pools/…/queues`: the parts of a pool."""

from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from ninja import Router

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, nothing
from runs_app.api.fields import Body, Limit, Moment, Object, Offset, PlainName, SmallCount, Strict
from runs_app.api.filters import WorkQueueFilter
from runs_app.models import WorkPool, WorkQueue
from runs_app.reads import work_queues as work_queue_reads
from runs_app.services import queues, workers

router = Router(tags=["work queues"])
of_pool = Router(tags=["work queues"])


class QueueFields(Body):
    description: str | None = None
    is_paused: bool | None = None
    concurrency_limit: SmallCount | None = None
    priority: SmallCount | None = None

    def given(self) -> dict[str, Any]:
        return {n: v for n, v in super().given().items() if n in QueueFields.model_fields}


class QueueBody(QueueFields):
    name: PlainName
    filter: Object | None = None


class QueueChange(QueueFields):
    name: PlainName | None = None


class RunsOfQueue(Body):
    limit: Limit | None = None
    scheduled_before: Moment | None = None


class QueuesPage(Strict):
    work_queues: WorkQueueFilter | None = None
    limit: Limit | None = None
    offset: Offset | None = None


@of_pool.post("/{pool_name}/queues", response={201: Any})
def create_work_queue(request: HttpRequest, pool_name: str, body: QueueBody) -> HttpResponse:
    try:
        document = queues.create(pool_name, body.name, body.given(), now=utcnow())
    except WorkPool.DoesNotExist:
        raise missing_pool(pool_name) from None
    if document is None:
        raise ApiError(409, {"detail": "A work queue with this name already exists."})
    return answer(document, 201)


@of_pool.post("/{pool_name}/queues/filter", response=Any)
def read_work_queues_of_pool(
    request: HttpRequest, pool_name: str, body: QueuesPage | None = None
) -> HttpResponse:
    documents = _page(body, pool_name=pool_name)
    if documents is None:
        raise missing_pool(pool_name)
    return answer(documents)


@of_pool.get("/{pool_name}/queues/{name}", response=Any)
def read_work_queue_of_pool(request: HttpRequest, pool_name: str, name: str) -> HttpResponse:
    return _answer(_named(pool_name, name))


@of_pool.patch("/{pool_name}/queues/{name}", response={204: None})
def update_work_queue_of_pool(
    request: HttpRequest, pool_name: str, name: str, body: QueueChange
) -> HttpResponse:
    return _change(_named(pool_name, name), body)


@of_pool.delete("/{pool_name}/queues/{name}", response={204: None})
def delete_work_queue_of_pool(request: HttpRequest, pool_name: str, name: str) -> HttpResponse:
    return _delete(_named(pool_name, name))


@router.post("", response={201: Any})
def create_work_queue_without_pool(request: HttpRequest, body: QueueBody) -> HttpResponse:
    """In the pool of former agents, as with Prefect's server."""
    document = queues.create_for_agents(body.name, body.given(), now=utcnow())
    if document is None:
        raise ApiError(409, {"detail": "A work queue with this name already exists."})
    return answer(document, 201)


@router.post("/{queue_id}/get_runs", response=Any)
def scheduled_flow_runs_of_queue(
    request: HttpRequest, queue_id: str, body: RunsOfQueue | None = None
) -> HttpResponse:
    queue = _of_id(queue_id)
    query = body or RunsOfQueue()
    listed = workers.scheduled_flow_runs(
        queue.work_pool.name,
        queue_names=[queue.name],
        before=query.scheduled_before,
        limit=200 if query.limit is None else query.limit,
        now=utcnow(),
    )
    return answer([each["flow_run"] for each in listed or []])


@router.post("/filter", response=Any)
def read_work_queues(request: HttpRequest, body: QueuesPage | None = None) -> HttpResponse:
    return answer(_page(body, pool_name=None))


@router.get("/name/{name}", response=Any)
def read_work_queue_by_name(request: HttpRequest, name: str) -> HttpResponse:
    return _answer(_queue_or_404(work_queue_reads.anywhere(name)))


@router.get("/{queue_id}", response=Any)
def read_work_queue(request: HttpRequest, queue_id: str) -> HttpResponse:
    return _answer(_of_id(queue_id))


@router.get("/{queue_id}/status", response=Any)
def read_work_queue_status(request: HttpRequest, queue_id: str) -> HttpResponse:
    return answer(queues.status(_of_id(queue_id), now=utcnow()))


@router.patch("/{queue_id}", response={204: None})
def update_work_queue(request: HttpRequest, queue_id: str, body: QueueChange) -> HttpResponse:
    return _change(_of_id(queue_id), body)


@router.delete("/{queue_id}", response={204: None})
def delete_work_queue(request: HttpRequest, queue_id: str) -> HttpResponse:
    return _delete(_of_id(queue_id))


def _answer(queue: WorkQueue) -> HttpResponse:
    return answer(work_queue_reads.documents_of([queue], now=utcnow())[0])


def _page(body: QueuesPage | None, *, pool_name: str | None) -> list[dict[str, Any]] | None:
    page = body or QueuesPage()
    return work_queue_reads.documents(
        page.work_queues,
        pool_name=pool_name,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
        now=utcnow(),
    )


def _change(queue: WorkQueue, body: QueueChange) -> HttpResponse:
    fields = body.given()
    if body.name is not None:
        fields["name"] = body.name
    try:
        queues.change(queue.pk, fields, now=utcnow())
    except IntegrityError:
        raise ApiError(409, {"detail": "A work queue with this name already exists."}) from None
    return nothing()


def _delete(queue: WorkQueue) -> HttpResponse:
    try:
        queues.delete(queue.pk, now=utcnow())
    except queues.KeepsDefault:
        detail = "A pool keeps its default queue; delete the pool instead."
        raise ApiError(403, {"detail": detail}) from None
    return nothing()


def _named(pool_name: str, name: str) -> WorkQueue:
    return _queue_or_404(work_queue_reads.named(pool_name, name))


def _of_id(text: str) -> WorkQueue:
    return _queue_or_404(work_queue_reads.of_id(id_of(text)))


def _queue_or_404(queue: WorkQueue | None) -> WorkQueue:
    if queue is None:
        raise ApiError(404, {"detail": "Work queue not found"})
    return queue


def missing_pool(name: str) -> ApiError:
    return ApiError(404, {"detail": f'Work pool "{name}" not found.'})
