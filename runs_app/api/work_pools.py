"""`/work_pools`: who executes, and what a worker is handed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, nothing
from runs_app.api.fields import Body, Limit, Object, Offset, PlainName, SmallCount, Strict
from runs_app.api.filters import WorkPoolFilter
from runs_app.reads import work_pools as work_pool_reads
from runs_app.services import pools

router = Router(tags=["work pools"])


class PoolChange(Body):
    description: str | None = None
    is_paused: bool | None = None
    base_job_template: Object | None = None
    concurrency_limit: SmallCount | None = None


class PoolBody(PoolChange):
    name: PlainName
    type: str | None = None


class PoolsPage(Strict):
    work_pools: WorkPoolFilter | None = None
    limit: Limit | None = None
    offset: Offset | None = None


class PoolCount(Strict):
    work_pools: WorkPoolFilter | None = None


@router.post("", response={201: Any})
def create_work_pool(request: HttpRequest, body: PoolBody) -> HttpResponse:
    document = pools.create(body.name, body.given(), now=utcnow())
    if document is None:
        raise ApiError(409, {"detail": "A work pool with this name already exists."})
    return answer(document, 201)


@router.post("/filter", response=Any)
def read_work_pools(request: HttpRequest, body: PoolsPage | None = None) -> HttpResponse:
    page = body or PoolsPage()
    limit = 200 if page.limit is None else page.limit
    return answer(work_pool_reads.documents(page.work_pools, limit=limit, offset=page.offset or 0))


@router.post("/count", response=int)
def count_work_pools(request: HttpRequest, body: PoolCount | None = None) -> HttpResponse:
    return answer(work_pool_reads.count(body.work_pools if body else None))


@router.get("/{name}", response=Any)
def read_work_pool(request: HttpRequest, name: str) -> HttpResponse:
    document = work_pool_reads.document(name)
    if document is None:
        raise _missing(name)
    return answer(document)


@router.patch("/{name}", response={204: None})
def update_work_pool(request: HttpRequest, name: str, body: PoolChange) -> HttpResponse:
    if not pools.change(name, body.given(), now=utcnow()):
        raise _missing(name)
    return nothing()


@router.delete("/{name}", response={204: None})
def delete_work_pool(request: HttpRequest, name: str) -> HttpResponse:
    if not pools.delete(name, now=utcnow()):
        raise _missing(name)
    return nothing()


def _missing(name: str) -> ApiError:
    return ApiError(404, {"detail": f'Work pool "{name}" not found.'})
