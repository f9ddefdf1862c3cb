"""Bodies of requests about automations, as Prefect's clients send them: null means default."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict

from project.lib.api_errors import ApiError
from triggers_app.storage.automations import Filter

MAX_LIMIT = 200
MAX_OFFSET = 2**31


class _Condition(Schema):
    model_config = ConfigDict(extra="forbid")


class AnyId(_Condition):
    any_: list[UUID] | None = None


class AnyName(_Condition):
    any_: list[str] | None = None


class Created(_Condition):
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
    created: Created | None = None
    tags: Tags | None = None


class CountBody(Schema):
    automations: AutomationFilter | None = None

    def wanted(self) -> Filter:
        chosen = self.automations or AutomationFilter()
        tags = chosen.tags or Tags()
        return Filter(
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
