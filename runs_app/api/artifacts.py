"""`/artifacts`: Prefect's paths, bodies and status codes."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from runs_app.api.answers import answer, id_of, nothing
from runs_app.api.fields import Body, Limit, Offset, Strict
from runs_app.api.filters import Filter, Ids, Scope, Texts
from runs_app.reads import artifacts as artifact_reads
from runs_app.services import artifacts

router = Router(tags=["artifacts"])
Key = Annotated[str, Field(min_length=1, max_length=500, pattern="^[a-z0-9-]+$")]


class ArtifactSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    ID_DESC = "ID_DESC"
    KEY_DESC = "KEY_DESC"
    KEY_ASC = "KEY_ASC"


class ArtifactChange(Body):
    data: Any = None
    description: str | None = None
    metadata_: dict[str, str] | None = None

    def columns(self) -> dict[str, Any]:
        return {name.removesuffix("_"): value for name, value in self.given().items()}


class ArtifactBody(ArtifactChange):
    key: Key | None = None
    type: Annotated[str, Field(max_length=500)] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class OfArtifactIds(Strict):
    any_: Ids | None = None


class OfArtifactKeys(Strict):
    any_: Texts | None = None
    like_: Annotated[str, Field(max_length=500)] | None = None
    exists_: bool | None = None


class OfArtifactTypes(Strict):
    any_: Texts | None = None
    not_any_: Texts | None = None


class ArtifactFilter(Filter):
    id: OfArtifactIds | None = None
    latest_id: OfArtifactIds | None = None
    key: OfArtifactKeys | None = None
    flow_run_id: OfArtifactIds | None = None
    task_run_id: OfArtifactIds | None = None
    type: OfArtifactTypes | None = None


class ArtifactScope(Scope):
    artifacts: ArtifactFilter | None = None


class ArtifactsPage(ArtifactScope):
    sort: ArtifactSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None

    def paging(self) -> dict[str, Any]:
        return {
            "sort": self.sort or ArtifactSort.ID_DESC,
            "limit": 200 if self.limit is None else self.limit,
            "offset": self.offset or 0,
        }


@router.post("", response={201: Any})
def create_artifact(request: HttpRequest, body: ArtifactBody) -> HttpResponse:
    return answer(artifacts.create(body.columns()), 201)


@router.post("/filter", response=Any)
def read_artifacts(request: HttpRequest, body: ArtifactsPage | None = None) -> HttpResponse:
    page = body or ArtifactsPage()
    return answer(artifact_reads.documents(page, **page.paging()))


@router.post("/count", response=int)
def count_artifacts(request: HttpRequest, body: ArtifactScope | None = None) -> HttpResponse:
    return answer(artifact_reads.count(body or ArtifactScope()))


@router.post("/latest/filter", response=Any)
def read_latest_artifacts(request: HttpRequest, body: ArtifactsPage | None = None) -> HttpResponse:
    page = body or ArtifactsPage()
    return answer(artifact_reads.latest_documents(page, **page.paging()))


@router.post("/latest/count", response=int)
def count_latest_artifacts(request: HttpRequest, body: ArtifactScope | None = None) -> HttpResponse:
    return answer(artifact_reads.count_latest(body or ArtifactScope()))


@router.get("/{key}/latest", response=Any)
def read_latest_artifact(request: HttpRequest, key: str) -> HttpResponse:
    document = artifact_reads.latest_document(key)
    if document is None:
        raise _missing()
    return answer(document)


@router.get("/{artifact_id}", response=Any)
def read_artifact(request: HttpRequest, artifact_id: str) -> HttpResponse:
    document = artifact_reads.document(id_of(artifact_id))
    if document is None:
        raise _missing()
    return answer(document)


@router.patch("/{artifact_id}", response={204: None})
def update_artifact(request: HttpRequest, artifact_id: str, body: ArtifactChange) -> HttpResponse:
    if not artifacts.change(id_of(artifact_id), body.columns()):
        raise _missing()
    return nothing()


@router.delete("/{artifact_id}", response={204: None})
def delete_artifact(request: HttpRequest, artifact_id: str) -> HttpResponse:
    if not artifacts.delete(id_of(artifact_id)):
        raise _missing()
    return nothing()


def _missing() -> ApiError:
    return ApiError(404, {"detail": "Artifact not found."})
