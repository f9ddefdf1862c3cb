"""Bodies of requests about automations, as Prefect's clients send them: null means default."""

from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, ValidationError

from project.lib.api_errors import ApiError, problems_of
from project.lib.api_parser import parse_json
from project.lib.problems import Invalid
from triggers_app.reads.automation_documents import AutomationQuery

MAX_LIMIT = 200
Body = TypeVar("Body", bound=BaseModel)
MAX_OFFSET = 2**31


class _Condition(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnyId(_Condition):
    any_: list[UUID] | None = None


class AnyName(_Condition):
    any_: list[str] | None = None


class CreatedBody(_Condition):
    before_: datetime | None = None


class Tags(_Condition):
    operator: Literal["and_", "or_"] = "and_"
    all_: list[str] | None = None
    any_: list[str] | None = None
    is_null_: bool | None = None


class AutomationFilter(_Condition):
    operator: Literal["and_", "or_"] = "and_"
    id: AnyId | None = None
    name: AnyName | None = None
    created: CreatedBody | None = None
    tags: Tags | None = None


class CountBody(BaseModel):
    automations: AutomationFilter | None = None

    def query(self) -> AutomationQuery:
        chosen = self.automations or AutomationFilter()
        tags = chosen.tags or Tags()
        return AutomationQuery(
            ids=chosen.id.any_ if chosen.id else None,
            names=chosen.name.any_ if chosen.name else None,
            created_before=chosen.created.before_ if chosen.created else None,
            tags_all=tags.all_,
            tags_any=tags.any_,
            untagged=tags.is_null_,
        )


class FilterBody(CountBody):
    sort: Literal["CREATED_DESC", "UPDATED_DESC", "NAME_ASC", "NAME_DESC"] | None = None
    limit: int | None = None
    offset: int | None = None

    def page(self) -> dict[str, Any]:
        """The page asked for. Raises ApiError 422."""
        limit = MAX_LIMIT if self.limit is None else self.limit
        if limit > MAX_LIMIT:
            detail = f"Invalid limit: must be less than or equal to {MAX_LIMIT}."
            raise ApiError(422, {"detail": detail})
        offset = self.offset or 0
        if limit < 0 or not 0 <= offset <= MAX_OFFSET:
            detail = "Invalid limit or offset: must be greater than or equal to 0."
            raise ApiError(422, {"detail": detail})
        return {"order": self.sort or "NAME_ASC", "limit": limit, "offset": offset}


def read_body(request: HttpRequest, kind: type[Body]) -> Body:
    """The body as a document of that kind; no body at all means its defaults. Raises Invalid.

    Not a ninja Schema: that takes any value, such as a text, for an object without attributes.
    """
    document = parse_json(request.body) if request.body.strip() else {}
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise Invalid(problems_of(error)) from None


def documented(schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """The description of a body that is read by hand, for the API's documentation."""
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": required, "content": content}}
