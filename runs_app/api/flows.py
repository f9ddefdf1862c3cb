"""`/flows`: Prefect's paths, bodies and status codes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.fields import Body, Limit, Object, Offset, PlainName, Tags
from runs_app.api.filters import NamedSort, Scope
from runs_app.models import Flow
from runs_app.reads import filters, flows
from runs_app.services import deployments

router = Router(tags=["flows"])


class FlowBody(Body):
    name: PlainName
    tags: Tags | None = None
    labels: Object | None = None


class FlowChange(Body):
    tags: Tags | None = None


class FlowsPage(Scope):
    sort: NamedSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None


@router.post("", response={200: Any, 201: Any})
def create_flow(request: HttpRequest, body: FlowBody) -> HttpResponse:
    flow, created = deployments.ensure_flow(
        body.name, now=utcnow(), tags=body.tags or [], labels=body.labels
    )
    return answer(flows.document(flow.pk), 201 if created else 200)


@router.post("/filter", response=Any)
def read_flows(request: HttpRequest, body: FlowsPage | None = None) -> HttpResponse:
    page = body or FlowsPage()
    documents = flows.documents(
        page,
        sort=page.sort or NamedSort.NAME_ASC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
    )
    return answer(documents)


@router.post("/count", response=int)
def count_flows(request: HttpRequest, body: Scope | None = None) -> HttpResponse:
    return answer(filters.flows(body or Scope()).count())


@router.get("/name/{name}", response=Any)
def read_flow_by_name(request: HttpRequest, name: str) -> HttpResponse:
    try:
        return answer(flows.document_named(name))
    except Flow.DoesNotExist:
        raise missing("Flow") from None


@router.get("/{flow_id}", response=Any)
def read_flow(request: HttpRequest, flow_id: str) -> HttpResponse:
    try:
        return answer(flows.document(id_of(flow_id)))
    except Flow.DoesNotExist:
        raise missing("Flow") from None


@router.patch("/{flow_id}", response={204: None})
def update_flow(request: HttpRequest, flow_id: str, body: FlowChange) -> HttpResponse:
    if not deployments.tag_flow(id_of(flow_id), body.tags, now=utcnow()):
        raise missing("Flow")
    return nothing()


@router.delete("/{flow_id}", response={204: None})
def delete_flow(request: HttpRequest, flow_id: str) -> HttpResponse:
    if not deployments.delete_flow(id_of(flow_id), now=utcnow()):
        raise missing("Flow")
    return nothing()
