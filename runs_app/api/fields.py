"""Types of values that the API takes: what could not be stored is refused with its place."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from runs_app.domain.plain_names import MAX_NAME_CHARACTERS, banned_problem


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("The time lies outside the years 1 to 9999.") from None


def _no_banned(name: str) -> str:
    if problem := banned_problem(name):
        raise ValueError(problem)
    return name


Moment = Annotated[datetime, AfterValidator(_in_utc)]
Name = Annotated[str, Field(max_length=MAX_NAME_CHARACTERS)]
PlainName = Annotated[Name, Field(min_length=1), AfterValidator(_no_banned)]
Key = Annotated[str, Field(max_length=MAX_NAME_CHARACTERS)]
Tags = Annotated[list[Name], Field(max_length=500)]
Object = dict[str, Any]
Limit = Annotated[int, Field(ge=0, le=200)]
Offset = Annotated[int, Field(ge=0, le=2**53)]
SmallCount = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Body(BaseModel):
    """A request's body. Keys that a newer client sends are ignored; null means default."""

    model_config = ConfigDict(extra="ignore")

    def given(self) -> dict[str, Any]:
        """Only what the client sent, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Strict(BaseModel):
    """A filter: a key that is not known would silently widen it, so it is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
