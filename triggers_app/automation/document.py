"""An automation as a document: when its trigger fires, its actions are carried out."""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    field_validator,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from triggers_app.automation.actions import Action, AnyAction, Selecting
from triggers_app.automation.saved_test import MOST_CHARACTERS, MOST_TESTS, SavedTest
from triggers_app.automation.triggers import (
    AnyTrigger,
    EventTrigger,
    Trigger,
    in_prefects_order,
    renumber,
)

ActionPlace = tuple[str, int]
"""A list of actions, and an index in it."""


class FlintOptions(BaseModel):
    """What Prefect's documents have no place for.

    `shadow`: evaluated like any other, and its firings recorded; nothing follows from them.
    `tests`: events that are kept, with whether it fires; nothing live looks at them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_actions_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    shadow: StrictBool = False
    tests: Annotated[list[SavedTest], Field(max_length=MOST_TESTS)] = Field(default_factory=list)

    @field_validator("tests", mode="before")
    @classmethod
    def _not_too_much(cls, tests: Any) -> Any:
        if isinstance(tests, list) and tests:
            try:
                length = len(json.dumps(tests, default=str))
            except (ValueError, RecursionError):
                length = MOST_CHARACTERS + 1
            if length > MOST_CHARACTERS:
                raise PydanticCustomError(
                    "too_long",
                    "All tests together have at most {most} characters.",
                    {"most": MOST_CHARACTERS},
                )
        return tests

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Documents that were saved before there was a shadow stay as they are.
        options: dict[str, Any] = handler(self)
        silent = "max_actions_per_minute" if self.shadow else "shadow"
        if options.get(silent) in (None, False):
            options.pop(silent, None)
        if not options["tests"]:
            del options["tests"]
        elif options.get("max_actions_per_minute", 0) is None:
            del options["max_actions_per_minute"]
        return options


class AutomationDocument(BaseModel):
    """`owner_resource` is accepted on input and kept beside the document, not in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    enabled: bool = True
    tags: list[str] = Field(default_factory=list)
    trigger: AnyTrigger
    actions: list[AnyAction]
    actions_on_trigger: list[AnyAction] = Field(default_factory=list)
    actions_on_resolve: list[AnyAction] = Field(default_factory=list)
    owner_resource: Annotated[str | None, Field(exclude=True)] = None
    flint: FlintOptions | None = None

    @property
    def all_actions(self) -> list[Action]:
        """In the order of their indexes: when fired, on trigger, on resolve."""
        return [action for _, action in self.placed_actions]

    @property
    def placed_actions(self) -> list[tuple[ActionPlace, Action]]:
        """Each with its list and its index there."""
        return [
            ((name, index), action)
            for name in ACTION_LISTS
            for index, action in enumerate(getattr(self, name))
        ]

    @property
    def related_resources(self) -> list[str]:
        """Resource ids of everything that its actions select, without repeats."""
        resources = (
            action.target_resource for action in self.all_actions if isinstance(action, Selecting)
        )
        return list(dict.fromkeys(resource for resource in resources if resource))


ACTION_LISTS = tuple(
    name
    for name, field in AutomationDocument.model_fields.items()
    if field.annotation == list[AnyAction]
)
"""The lists of actions: when fired, on trigger, on resolve."""
ON_RESOLVE = "actions_on_resolve"
FIRED_LISTS = tuple(name for name in ACTION_LISTS if name != ON_RESOLVE)
METRIC_LISTS = tuple(name for name in ACTION_LISTS if name != "actions")
"""Those that only a metric has a use for, as it alone calms down."""


def actions_in(document: Mapping[str, Any]) -> Iterator[tuple[ActionPlace, dict[str, Any]]]:
    """The actions of a document with their places; it may be half written, what is no object is
    passed over."""
    for name in ACTION_LISTS:
        listed = document.get(name)
        for index, action in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(action, dict):
                yield (name, index), action


def document(automation: AutomationDocument) -> dict[str, Any]:
    """The automation as the API shows it, in JSON values; trigger ids where it has them."""
    content = automation.model_dump(mode="json")
    content["trigger"] = in_prefects_order(content["trigger"])
    if automation.flint is None:
        del content["flint"]  # Prefect's clients know no such key
    return content


def without_tests(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as Prefect's clients may see it, who know no tests."""
    options = document.get("flint")
    if not isinstance(options, Mapping) or "tests" not in options:
        return dict(document)
    rest = {key: value for key, value in options.items() if key != "tests"}
    bare = {key: value for key, value in document.items() if key != "flint"}
    return {**bare, "flint": rest} if any(rest.values()) else bare


def is_shadow(document: Mapping[str, Any]) -> bool:
    """Whether a document, as it is stored, says that nothing follows from its firings."""
    options = document.get("flint")
    return isinstance(options, Mapping) and options.get("shadow") is True


def in_shadow(automation: AutomationDocument, on: bool) -> AutomationDocument:
    """The automation in shadow, or out of it; a ceiling of its own and its tests stay."""
    options = (automation.flint or FlintOptions()).model_copy(update={"shadow": on})
    empty = options == FlintOptions()
    return automation.model_copy(update={"flint": None if empty else options})


def with_ids(
    automation: AutomationDocument, predecessor: AutomationDocument | None = None
) -> AutomationDocument:
    """The automation with an id in every trigger, whatever ids the sender wrote.

    A node that means the same as one of the predecessor's keeps that one's id, and with
    it its windows; every other node gets a new id.
    """
    known = {} if predecessor is None else _ids_by_meaning(predecessor.trigger)
    keys = _keys(automation.trigger) if known else {}

    def new_id(trigger: Trigger) -> UUID:
        left = known.get(keys[id(trigger)]) if known else None
        return left.pop(0) if left else uuid4()

    return automation.model_copy(update={"trigger": renumber(automation.trigger, new_id)})


def meaning(trigger: Trigger) -> str:
    """A text that is equal for triggers that the engine treats alike.

    Ids and unknown keys do not matter, nor does the order of names and of labels.
    """
    return repr(_sorted(_plain(trigger)))


def _plain(trigger: Trigger, **update: object) -> dict[str, Any]:
    if isinstance(trigger, EventTrigger):
        named = ("after", "expect", "for_each")
        update |= {name: sorted(getattr(trigger, name)) for name in named}
    plain = trigger.model_copy(update={"id": None, **update})
    return plain.model_dump(mode="json", include=set(type(plain).model_fields))


def meaning_key(trigger: Trigger) -> str:
    """A short text that is equal for equal meanings, and in practice for nothing else."""
    return blake2b(meaning(trigger).encode(), digest_size=16).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _sorted(value[key])) for key in sorted(value) if key != "id"]
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _ids_by_meaning(trigger: Trigger) -> dict[bytes, list[UUID]]:
    known: dict[bytes, list[UUID]] = {}
    keys = _keys(trigger)
    for node in trigger.walk():
        if node.id is not None:
            known.setdefault(keys[id(node)], []).append(node.id)
    return known


def _keys(trigger: Trigger) -> dict[int, bytes]:
    """What each node means, by its `id()`: equal for equal meanings.

    Of a group by the keys of its parts, so that a deep tree is not written out at every level.
    """
    keys: dict[int, bytes] = {}
    for node in reversed([*trigger.walk()]):  # parts first
        parts = [keys[id(child)] for child in node.children]
        own = _plain(node, triggers=[]) if parts else _plain(node)
        text = repr((_sorted(own), parts))
        keys[id(node)] = blake2b(text.encode(errors="replace"), digest_size=16).digest()
    return keys
