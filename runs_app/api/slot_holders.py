"""`/…/concurrency_status`: which runs hold the slots of pools and queues."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of
from runs_app.api.fields import Body, Limit
from runs_app.api.work_queues import missing_pool
from runs_app.reads import concurrency_status

pools = Router(tags=["work pools"])
queues = Router(tags=["work queues"])


class SlotsPage(Body):
    limit: Limit | None = None
    page: Annotated[int, Field(ge=1, le=2**31)] | None = None

    @property
    def place(self) -> dict[str, int]:
        return {"limit": 200 if self.limit is None else self.limit, "page": self.page or 1}


class PoolSlotsPage(SlotsPage):
    flow_run_limit: Limit | None = None


@pools.post("/{pool_name}/concurrency_status", response=Any)
def read_pool_concurrency(
    request: HttpRequest, pool_name: str, body: PoolSlotsPage | None = None
) -> HttpResponse:
    query = body or PoolSlotsPage()
    most = 10 if query.flow_run_limit is None else query.flow_run_limit
    document = concurrency_status.of_pool(
        pool_name, **query.place, runs_per_queue=most, now=utcnow()
    )
    if document is None:
        raise missing_pool(pool_name)
    return answer(document)


@queues.post("/{queue_id}/concurrency_status", response=Any)
def read_queue_concurrency(
    request: HttpRequest, queue_id: str, body: SlotsPage | None = None
) -> HttpResponse:
    query = body or SlotsPage()
    document = concurrency_status.of_queue(id_of(queue_id), **query.place, now=utcnow())
    if document is None:
        raise ApiError(404, {"detail": "Work queue not found."})
    return answer(document)
