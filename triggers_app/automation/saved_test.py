"""A test that is kept with an automation: these events, and whether it fires. Pure."""

from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    model_serializer,
)

MOST_TESTS = 20
MOST_EVENTS = 50
MOST_RUNS = 100
MOST_CHARACTERS = 65_536  # of all tests of an automation together, as JSON


class SavedTest(BaseModel):
    """`events` are as the API shows them; `received` says when the log had each.

    The automation begins with no window open at `since`, else with the first event; it is looked
    at up to `until`, else up to the last event. So silence can be tested, too. `parameters` are
    what its runs must get, one object for each action that runs a deployment, in their order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    fires: StrictBool = True
    events: Annotated[list[dict[str, Any]], Field(max_length=MOST_EVENTS)] = []
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    parameters: Annotated[list[dict[str, Any]], Field(max_length=MOST_RUNS)] | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said: dict[str, Any] = handler(self)
        return {key: value for key, value in said.items() if value is not None}
