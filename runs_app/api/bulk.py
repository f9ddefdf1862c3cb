"""`/…/bulk_…`: one thing done to up to 50 objects that a filter admits; many runs made at once."""

from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, RootModel

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, missing
from runs_app.api.bodies import NewRunBody, SetState
from runs_app.api.fields import Body
from runs_app.api.filters import DeploymentFilter, FlowFilter, FlowRunFilter, Scope
from runs_app.api.orchestrated import document_of
from runs_app.domain.run_request import Created, Refused
from runs_app.models import FlowRun
from runs_app.reads import deployments as deployment_reads
from runs_app.reads import filters
from runs_app.services import creating, deployments, orchestrating

flows = Router(tags=["flows"])
of_deployments = Router(tags=["deployments"])
flow_runs = Router(tags=["flow runs"])

MOST = 50
MOST_NEW_RUNS = 100
Count = Annotated[int, Field(ge=1, le=MOST)]


class FlowsToDelete(Body):
    flows: FlowFilter
    limit: Count | None = None


class DeploymentsToDelete(Body):
    deployments: DeploymentFilter
    limit: Count | None = None


class RunsToChange(SetState):
    flow_runs: FlowRunFilter
    limit: Count | None = None


class NewRuns(RootModel[list[NewRunBody]]):
    pass


@flows.post("/bulk_delete", response=Any)
def delete_flows(request: HttpRequest, body: FlowsToDelete) -> HttpResponse:
    now = utcnow()
    ids = _ids(filters.flows(Scope(flows=body.flows)), body.limit)
    return answer({"deleted": [pk for pk in ids if deployments.delete_flow(pk, now=now)]})


@of_deployments.post("/bulk_delete", response=Any)
def delete_deployments(request: HttpRequest, body: DeploymentsToDelete) -> HttpResponse:
    now = utcnow()
    ids = _ids(filters.deployments(Scope(deployments=body.deployments)), body.limit)
    return answer({"deleted": [pk for pk in ids if deployments.delete(pk, now=now)]})


@flow_runs.post("/bulk_set_state", response=Any)
def set_states(request: HttpRequest, body: RunsToChange) -> HttpResponse:
    """Each run has a transaction and an answer of its own."""
    ids = _ids(filters.runs(Scope(flow_runs=body.flow_runs)), body.limit)
    return answer({"results": [_changed(pk, body) for pk in ids]})


@of_deployments.post("/{deployment_id}/create_flow_run/bulk", response=Any)
def create_flow_runs(request: HttpRequest, deployment_id: str, body: NewRuns) -> HttpResponse:
    """Runs that cannot be made are told of one by one; the others are made."""
    pk = id_of(deployment_id)
    if len(body.root) > MOST_NEW_RUNS:
        detail = f"Cannot create more than {MOST_NEW_RUNS} flow runs at once."
        raise ApiError(400, {"detail": detail})
    if not deployment_reads.documents_by_id([pk]):
        raise missing("Deployment")
    requests = [each.request(deployment_id=pk) for each in body.root]
    with transaction.atomic():
        outcomes = creating.create_flow_runs(requests, now=utcnow()) if requests else []
    return answer({"results": [_outcome(each) for each in outcomes]})


def _ids(rows: Any, limit: int | None) -> list[UUID]:
    return list(rows.order_by("id").values_list("pk", flat=True)[: limit or MOST])


def _changed(run_id: UUID, body: RunsToChange) -> dict[str, Any]:
    force = bool(body.force)
    try:
        result = orchestrating.set_state(run_id, body.state.proposal(), now=utcnow(), force=force)
    except FlowRun.DoesNotExist:
        details = orchestrating.answer_details("abort", reason="Flow run not found")
        return {"flow_run_id": run_id, "status": "ABORT", "state": None, "details": details}
    return {"flow_run_id": run_id, **document_of(result)}


def _outcome(outcome: Created | Refused) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {"flow_run_id": None, "status": "FAILED", "error": outcome.reason}
    return {"flow_run_id": outcome.flow_run_id, "status": "CREATED", "error": None}
