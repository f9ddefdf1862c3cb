"""`/flow_runs`: Prefect's paths, bodies and status codes."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, RootModel

from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.bodies import AdHocRunBody, RunChange, SetState
from runs_app.api.fields import Body, Limit, Object, Offset
from runs_app.api.filters import FlowRunFilter, FlowRunSort, Scope
from runs_app.api.new_runs import created
from runs_app.api.orchestrated import orchestrated
from runs_app.models import FlowRun
from runs_app.reads import filters
from runs_app.reads import flow_runs as flow_run_reads
from runs_app.services import changing, orchestrating, removing

router = Router(tags=["flow runs"])


class RunsPage(Scope):
    sort: FlowRunSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None


class BulkDelete(Body):
    flow_runs: FlowRunFilter
    limit: Annotated[int, Field(ge=1, le=200)] | None = None


class Resume(Body):
    run_input: Object | None = None


class Labels(RootModel[Object]):
    pass


@router.post("", response={200: Any, 201: Any})
def create_flow_run(request: HttpRequest, body: AdHocRunBody) -> HttpResponse:
    new_run = body.request(
        deployment_id=body.deployment_id, flow_id=body.flow_id, version=body.flow_version
    )
    return created(new_run)


@router.post("/filter", response=Any)
def read_flow_runs(request: HttpRequest, body: RunsPage | None = None) -> HttpResponse:
    page = body or RunsPage()
    documents = flow_run_reads.documents(
        page,
        sort=page.sort or FlowRunSort.ID_DESC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
        now=utcnow(),
    )
    return answer(documents)


@router.post("/count", response=int)
def count_flow_runs(request: HttpRequest, body: Scope | None = None) -> HttpResponse:
    return answer(filters.runs(body or Scope()).count())


@router.post("/bulk_delete", response=Any)
def delete_flow_runs(request: HttpRequest, body: BulkDelete) -> HttpResponse:
    deleted = removing.delete_flow_runs(Scope(flow_runs=body.flow_runs), limit=body.limit or 50)
    return answer({"deleted": deleted})


@router.get("/{run_id}", response=Any)
def read_flow_run(request: HttpRequest, run_id: str) -> HttpResponse:
    try:
        return answer(flow_run_reads.document(id_of(run_id), now=utcnow()))
    except FlowRun.DoesNotExist:
        raise missing("Flow run") from None


@router.patch("/{run_id}", response={204: None})
def update_flow_run(request: HttpRequest, run_id: str, body: RunChange) -> HttpResponse:
    if not changing.change_run(id_of(run_id), body.given(), now=utcnow()):
        raise missing("Flow run")
    return nothing()


@router.patch("/{run_id}/labels", response={204: None})
def update_labels(request: HttpRequest, run_id: str, body: Labels) -> HttpResponse:
    if not changing.add_labels(id_of(run_id), body.root, now=utcnow()):
        raise missing("Flow run")
    return nothing()


@router.delete("/{run_id}", response={204: None})
def delete_flow_run(request: HttpRequest, run_id: str) -> HttpResponse:
    if not removing.delete_flow_run(id_of(run_id)):
        raise missing("Flow run")
    return nothing()


@router.post("/{run_id}/set_state", response={200: Any, 201: Any})
def set_state(request: HttpRequest, run_id: str, body: SetState) -> HttpResponse:
    try:
        result = orchestrating.set_state(
            id_of(run_id), body.state.proposal(), now=utcnow(), force=bool(body.force)
        )
    except FlowRun.DoesNotExist:
        raise missing("Flow run") from None
    return orchestrated(result)


@router.post("/{run_id}/resume", response={200: Any, 201: Any})
def resume(request: HttpRequest, run_id: str, body: Resume | None = None) -> HttpResponse:
    try:
        given = None if body is None else body.run_input
        return orchestrated(orchestrating.resume(id_of(run_id), now=utcnow(), run_input=given))
    except FlowRun.DoesNotExist:
        raise missing("Flow run") from None
