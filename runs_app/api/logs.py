"""`/logs`: written by clients, read back by filter."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from runs_app.api.answers import answer, nothing
from runs_app.api.fields import Body, Limit, Moment, Offset, Strict
from runs_app.api.filters import LogFilter, LogSort
from runs_app.models import Log
from runs_app.reads import logs as log_reads
from runs_app.storage import logs as storage

router = Router(tags=["logs"])


class LogBody(Body):
    name: str
    level: Annotated[int, Field(ge=-(2**15), le=2**15 - 1)]
    message: str
    timestamp: Moment
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class LogsPage(Strict):
    logs: LogFilter | None = None
    sort: LogSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None


@router.post("", response={201: Any})
def create_logs(request: HttpRequest, body: list[LogBody]) -> HttpResponse:
    storage.append([Log(**line.model_dump()) for line in body])
    return nothing(201)


@router.post("/filter", response=Any)
def read_logs(request: HttpRequest, body: LogsPage | None = None) -> HttpResponse:
    page = body or LogsPage()
    documents = log_reads.documents(
        page.logs,
        sort=page.sort or LogSort.TIMESTAMP_ASC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
    )
    return answer(documents)
