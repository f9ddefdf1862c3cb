"""`/variables`: Prefect's paths, bodies and status codes."""

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AfterValidator, Field

from project.lib.api_errors import ApiError
from runs_app.api.answers import answer, id_of, nothing
from runs_app.api.fields import Body, Limit, Offset, Strict, Tags
from runs_app.api.filters import Filter, NamedSort, OfIds, OfTags, Texts
from runs_app.domain.variable_rules import MAX_NAME_CHARACTERS, NAME_PATTERN, value_problem
from runs_app.reads import filters
from runs_app.reads import variables as variable_reads
from runs_app.services import variables
from runs_app.services.variables import TakenName, by_id, by_name

router = Router(tags=["variables"])
Name = Annotated[str, Field(max_length=MAX_NAME_CHARACTERS, pattern=NAME_PATTERN)]


def _short(value: Any) -> Any:
    if problem := value_problem(value):
        raise ValueError(problem)
    return value


Value = Annotated[Any, AfterValidator(_short)]


class VariableBody(Body):
    name: Name
    value: Value
    tags: Tags | None = None


class VariableChange(Body):
    name: Name | None = None
    value: Value = None
    tags: Tags | None = None

    def given(self) -> dict[str, Any]:
        """Null is a value; a name or tags of null stay as they are."""
        fields = super().given()
        return {n: v for n, v in fields.items() if n == "value" or v is not None}


class OfVariableNames(Strict):
    any_: Texts | None = None
    like_: Annotated[str, Field(max_length=500)] | None = None


class VariableFilter(Filter):
    id: OfIds | None = None
    name: OfVariableNames | None = None
    tags: OfTags | None = None


class VariablesBody(Strict):
    variables: VariableFilter | None = None


class VariablesPage(VariablesBody):
    sort: NamedSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None


@router.post("", response={201: Any})
def create_variable(request: HttpRequest, body: VariableBody) -> HttpResponse:
    try:
        return answer(variables.create(body.name, body.value, body.tags or []), 201)
    except TakenName as error:
        raise ApiError(409, {"detail": str(error)}) from None


@router.post("/filter", response=Any)
def read_variables(request: HttpRequest, body: VariablesPage | None = None) -> HttpResponse:
    page = body or VariablesPage()
    documents = variable_reads.documents(
        page.variables,
        sort=page.sort or NamedSort.NAME_ASC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
    )
    return answer(documents)


@router.post("/count", response=int)
def count_variables(request: HttpRequest, body: VariablesBody | None = None) -> HttpResponse:
    return answer(filters.variables((body or VariablesBody()).variables).count())


@router.get("/name/{name}", response=Any)
def read_variable_by_name(request: HttpRequest, name: str) -> HttpResponse:
    return _read(by_name(name))


@router.patch("/name/{name}", response={204: None})
def update_variable_by_name(request: HttpRequest, name: str, body: VariableChange) -> HttpResponse:
    return _change(by_name(name), body)


@router.delete("/name/{name}", response={204: None})
def delete_variable_by_name(request: HttpRequest, name: str) -> HttpResponse:
    return _delete(by_name(name))


@router.get("/{variable_id}", response=Any)
def read_variable(request: HttpRequest, variable_id: str) -> HttpResponse:
    return _read(by_id(id_of(variable_id)))


@router.patch("/{variable_id}", response={204: None})
def update_variable(request: HttpRequest, variable_id: str, body: VariableChange) -> HttpResponse:
    return _change(by_id(id_of(variable_id)), body)


@router.delete("/{variable_id}", response={204: None})
def delete_variable(request: HttpRequest, variable_id: str) -> HttpResponse:
    return _delete(by_id(id_of(variable_id)))


def _read(which: Q) -> HttpResponse:
    document = variable_reads.document(which)
    if document is None:
        raise _missing()
    return answer(document)


def _change(which: Q, body: VariableChange) -> HttpResponse:
    try:
        if not variables.change(which, body.given()):
            raise _missing()
    except TakenName as error:
        raise ApiError(409, {"detail": str(error)}) from None
    return nothing()


def _delete(which: Q) -> HttpResponse:
    if not variables.delete(which):
        raise _missing()
    return nothing()


def _missing() -> ApiError:
    return ApiError(404, {"detail": "Variable not found."})
