"""`/flow_runs/{id}/input`: Prefect's paths, bodies and status codes."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.fields import Body, Limit
from runs_app.domain.plain_names import MAX_NAME_CHARACTERS
from runs_app.models import FlowRun
from runs_app.services import run_inputs

router = Router(tags=["flow run inputs"])
InputKey = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME_CHARACTERS, pattern="^[A-Za-z0-9._-]+$")
]


class InputBody(Body):
    key: InputKey
    value: str
    sender: Annotated[str, Field(max_length=MAX_NAME_CHARACTERS)] | None = None


class InputsPage(Body):
    prefix: Annotated[str, Field(max_length=MAX_NAME_CHARACTERS)]
    limit: Limit | None = None
    exclude_keys: Annotated[list[str], Field(max_length=10_000)] | None = None


@router.post("/{run_id}/input", response={201: Any})
def create_input(request: HttpRequest, run_id: str, body: InputBody) -> HttpResponse:
    try:
        run_inputs.create(id_of(run_id), body.key, body.value, body.sender)
    except FlowRun.DoesNotExist:
        raise missing("Flow run") from None
    except run_inputs.TakenKey:
        detail = "A flow run input with this key already exists."
        raise ApiError(409, {"detail": detail}) from None
    return nothing(201)


@router.post("/{run_id}/input/filter", response=Any)
def read_inputs(request: HttpRequest, run_id: str, body: InputsPage) -> HttpResponse:
    inputs = run_inputs.matching(
        id_of(run_id),
        body.prefix,
        limit=1 if body.limit is None else body.limit,
        exclude_keys=body.exclude_keys or [],
    )
    return answer(inputs)


@router.get("/{run_id}/input/{key}", response=Any)
def read_input(request: HttpRequest, run_id: str, key: str) -> HttpResponse:
    """The value as it was sent, as text."""
    value = run_inputs.read(id_of(run_id), key)
    if value is None:
        raise missing("Flow run input")
    return HttpResponse(value, content_type="text/plain; charset=utf-8")


@router.delete("/{run_id}/input/{key}", response={204: None})
def delete_input(request: HttpRequest, run_id: str, key: str) -> HttpResponse:
    if not run_inputs.delete(id_of(run_id), key):
        raise missing("Flow run input")
    return nothing()
