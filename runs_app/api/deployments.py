"""`/deployments`: Prefect's paths, bodies and status codes."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.bodies import NewRunBody
from runs_app.api.fields import (
    Body,
    Limit,
    Moment,
    Name,
    Object,
    Offset,
    PlainName,
    SmallCount,
    Tags,
)
from runs_app.api.filters import DeploymentSort, Scope
from runs_app.api.new_runs import created
from runs_app.api.schedules import ScheduleBodies, refused_schedule
from runs_app.models import Deployment, Flow
from runs_app.reads import deployments as deployment_reads
from runs_app.reads import filters
from runs_app.services import deployments, serving
from runs_app.services.deployments import MissingPool, UnfitParameters
from runs_app.services.schedules import TakenSlug, UnfitSchedule

router = Router(tags=["deployments"])
_REFUSALS = (MissingPool, UnfitParameters, TakenSlug, UnfitSchedule)


class DeploymentChange(Body):
    version: str | None = None
    version_info: Object | None = None
    description: str | None = None
    paused: bool | None = None
    parameters: Object | None = None
    parameter_openapi_schema: Object | None = None
    enforce_parameter_schema: bool | None = None
    tags: Tags | None = None
    labels: Object | None = None
    entrypoint: str | None = None
    path: str | None = None
    pull_steps: list[Object] | None = None
    job_variables: Object | None = None
    work_pool_name: Name | None = None
    work_queue_name: Name | None = None
    concurrency_limit: SmallCount | None = None
    concurrency_options: Object | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    schedules: ScheduleBodies | None = None

    def given(self) -> dict[str, Any]:
        """The schedules as the service takes them."""
        fields = super().given()
        if self.schedules is not None:
            fields["schedules"] = [each.desired_schedule() for each in self.schedules]
        return fields


class DeploymentBody(DeploymentChange):
    name: PlainName
    flow_id: UUID


class DeploymentsPage(Scope):
    sort: DeploymentSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None


class ScheduledRunsQuery(Body):
    deployment_ids: Annotated[list[UUID], Field(max_length=10_000)]
    scheduled_before: Moment | None = None
    limit: Limit | None = None


@router.post("", response={200: Any, 201: Any})
def create_deployment(request: HttpRequest, body: DeploymentBody) -> HttpResponse:
    now = utcnow()
    try:
        upserted = deployments.upsert(
            flow_id=body.flow_id, name=body.name, fields=body.given(), now=now
        )
    except Flow.DoesNotExist:
        raise missing("Flow") from None
    except _REFUSALS as error:
        raise _refused(error) from None
    document = deployment_reads.document(upserted.deployment_id, now=now)
    return answer(document, 201 if upserted.created else 200)


@router.post("/filter", response=Any)
def read_deployments(request: HttpRequest, body: DeploymentsPage | None = None) -> HttpResponse:
    page = body or DeploymentsPage()
    documents = deployment_reads.documents(
        page,
        sort=page.sort or DeploymentSort.NAME_ASC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
        now=utcnow(),
    )
    return answer(documents)


@router.post("/count", response=int)
def count_deployments(request: HttpRequest, body: Scope | None = None) -> HttpResponse:
    return answer(filters.deployments(body or Scope()).count())


@router.post("/get_scheduled_flow_runs", response=Any)
def scheduled_flow_runs(request: HttpRequest, body: ScheduledRunsQuery) -> HttpResponse:
    documents = serving.scheduled_flow_runs(
        body.deployment_ids,
        before=body.scheduled_before,
        limit=200 if body.limit is None else body.limit,
        now=utcnow(),
    )
    return answer(documents)


@router.get("/name/{flow_name}/{name}", response=Any)
def read_deployment_by_name(request: HttpRequest, flow_name: str, name: str) -> HttpResponse:
    try:
        return answer(deployment_reads.document_named(flow_name, name, now=utcnow()))
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None


@router.get("/{deployment_id}", response=Any)
def read_deployment(request: HttpRequest, deployment_id: str) -> HttpResponse:
    try:
        return answer(deployment_reads.document(id_of(deployment_id), now=utcnow()))
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None


@router.patch("/{deployment_id}", response={204: None})
def update_deployment(
    request: HttpRequest, deployment_id: str, body: DeploymentChange
) -> HttpResponse:
    try:
        deployments.change(id_of(deployment_id), _without_blanks(body.given()), now=utcnow())
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None
    except _REFUSALS as error:
        raise _refused(error) from None
    return nothing()


def _without_blanks(given: dict[str, Any]) -> dict[str, Any]:
    """Terraform's provider sends an empty text for what was never set.

    Of a pool and a queue that means no change, as in Prefect; of other texts, none.
    """
    kept = {
        key: value
        for key, value in given.items()
        if value != "" or key not in ("work_pool_name", "work_queue_name")
    }
    return {key: None if value == "" and key in _TEXTS else value for key, value in kept.items()}


_TEXTS = ("description", "path", "version", "entrypoint")


@router.delete("/{deployment_id}", response={204: None})
def delete_deployment(request: HttpRequest, deployment_id: str) -> HttpResponse:
    if not deployments.delete(id_of(deployment_id), now=utcnow()):
        raise missing("Deployment")
    return nothing()


@router.post("/{deployment_id}/create_flow_run", response={200: Any, 201: Any})
def create_flow_run_from_deployment(
    request: HttpRequest, deployment_id: str, body: NewRunBody
) -> HttpResponse:
    return created(body.request(deployment_id=id_of(deployment_id)))


def _set_paused(deployment_id: str, paused: bool) -> HttpResponse:
    if not deployments.set_paused(id_of(deployment_id), paused, now=utcnow()):
        raise missing("Deployment")
    return nothing(200)


@router.post("/{deployment_id}/pause_deployment", response=Any)
def pause_deployment(request: HttpRequest, deployment_id: str) -> HttpResponse:
    return _set_paused(deployment_id, True)


@router.post("/{deployment_id}/resume_deployment", response=Any)
def resume_deployment(request: HttpRequest, deployment_id: str) -> HttpResponse:
    return _set_paused(deployment_id, False)


def _refused(error: Exception) -> ApiError:
    if isinstance(error, TakenSlug | UnfitSchedule):
        return refused_schedule(error)
    return ApiError(404 if isinstance(error, MissingPool) else 409, {"detail": str(error)})
