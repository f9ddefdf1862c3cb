"""`/v2/concurrency_limits` and `/concurrency_limits`: limits, by name and by tag."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, nothing
from runs_app.api.fields import Body, Limit, Name, Offset, PlainName, SmallCount
from runs_app.api.slots import TAG_SECONDS
from runs_app.services import concurrency
from runs_app.services.concurrency import TakenLimitName

router = Router(tags=["concurrency limits"])
of_tags = Router(tags=["concurrency limits"])
Decay = Annotated[float, Field(ge=0, le=1e9)]
Tag = Annotated[Name, Field(min_length=1, max_length=450)]


class LimitChange(Body):
    name: PlainName | None = None
    limit: SmallCount | None = None
    active: bool | None = None
    active_slots: SmallCount | None = None
    denied_slots: SmallCount | None = None
    slot_decay_per_second: Decay | None = None

    def columns(self) -> dict[str, Any]:
        """Null leaves what there is."""
        return {name: value for name, value in self.given().items() if value is not None}


class LimitBody(LimitChange):
    name: PlainName
    limit: SmallCount


class LimitsPage(Body):
    limit: Limit | None = None
    offset: Offset | None = None

    def paging(self) -> dict[str, int]:
        return {"limit": 200 if self.limit is None else self.limit, "offset": self.offset or 0}


class TagLimitBody(Body):
    tag: Tag
    concurrency_limit: SmallCount


class TagReset(Body):
    slot_override: Annotated[list[UUID], Field(max_length=1000)] | None = None


@router.post("", response={201: Any})
def create_limit(request: HttpRequest, body: LimitBody) -> HttpResponse:
    try:
        return answer(concurrency.create(body.columns(), now=utcnow()), 201)
    except TakenLimitName:
        raise _taken() from None


@router.post("/filter", response=Any)
def read_limits(request: HttpRequest, body: LimitsPage | None = None) -> HttpResponse:
    return answer(concurrency.page(**(body or LimitsPage()).paging(), now=utcnow()))


@router.get("/{id_or_name}", response=Any)
def read_limit(request: HttpRequest, id_or_name: str) -> HttpResponse:
    limit = concurrency.read(id_or_name, now=utcnow())
    if limit is None:
        raise _missing("Concurrency Limit")
    return answer(limit)


@router.patch("/{id_or_name}", response={204: None})
def update_limit(request: HttpRequest, id_or_name: str, body: LimitChange) -> HttpResponse:
    try:
        if not concurrency.change(id_or_name, body.columns(), now=utcnow()):
            raise _missing("Concurrency Limit")
    except TakenLimitName:
        raise _taken() from None
    return nothing()


@router.delete("/{id_or_name}", response={204: None})
def delete_limit(request: HttpRequest, id_or_name: str) -> HttpResponse:
    if not concurrency.delete(id_or_name):
        raise _missing("Concurrency Limit")
    return nothing()


@of_tags.post("", response={200: Any, 201: Any})
def create_tag_limit(request: HttpRequest, body: TagLimitBody) -> HttpResponse:
    document, made = concurrency.ensure_tag(body.tag, body.concurrency_limit, now=utcnow())
    return answer(document, 201 if made else 200)


@of_tags.post("/filter", response=Any)
def read_tag_limits(request: HttpRequest, body: LimitsPage | None = None) -> HttpResponse:
    return answer(concurrency.tags(**(body or LimitsPage()).paging(), now=utcnow()))


@of_tags.get("/tag/{tag}", response=Any)
def read_limit_of_tag(request: HttpRequest, tag: str) -> HttpResponse:
    return _tag_limit(tag)


@of_tags.post("/tag/{tag}/reset", response=Any)
def reset_limit_of_tag(
    request: HttpRequest, tag: str, body: TagReset | None = None
) -> HttpResponse:
    holders = (body and body.slot_override) or []
    if not concurrency.reset_tag(tag, holders, seconds=TAG_SECONDS, now=utcnow()):
        raise _missing("Concurrency limit")
    return nothing(200)


@of_tags.delete("/tag/{tag}", response={204: None})
def delete_limit_of_tag(request: HttpRequest, tag: str) -> HttpResponse:
    return _delete_tag(tag)


@of_tags.get("/{limit_id}", response=Any)
def read_tag_limit(request: HttpRequest, limit_id: str) -> HttpResponse:
    return _tag_limit(id_of(limit_id))


@of_tags.delete("/{limit_id}", response={204: None})
def delete_tag_limit(request: HttpRequest, limit_id: str) -> HttpResponse:
    return _delete_tag(id_of(limit_id))


def _tag_limit(which: str | UUID) -> HttpResponse:
    limit = concurrency.tag(which, now=utcnow())
    if limit is None:
        raise _missing("Concurrency limit")
    return answer(limit)


def _delete_tag(which: str | UUID) -> HttpResponse:
    if not concurrency.delete_tag(which):
        raise _missing("Concurrency limit")
    return nothing()


def _missing(what: str) -> ApiError:
    return ApiError(404, {"detail": f"{what} not found"})


def _taken() -> ApiError:
    return ApiError(409, {"detail": "A concurrency limit with this name already exists."})
