"""Trigger documents, wire-compatible with Prefect 3.9.1. What they mean: docs/semantics.md."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, cast, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

PROACTIVE_MINIMUM = timedelta(seconds=10)
METRIC_MINIMUM = timedelta(seconds=300)

Values = str | list[str]
Specification = dict[str, Values]


UNGROUPED = "ungrouped"
"""The type of the problem that a part of a group lacks a label of the group."""


class Posture(StrEnum):
    REACTIVE = "Reactive"
    PROACTIVE = "Proactive"


def _seconds(value: timedelta) -> float:
    return value.total_seconds()


Seconds = Annotated[timedelta, PlainSerializer(_seconds, return_type=float)]
"""A duration: number of seconds, ISO 8601 or HH:MM:SS; written as float seconds."""


def _not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise PydanticCustomError("greater_than_equal", "This duration must not be negative.")
    return value


def _without_repeats(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _check_values(value: object) -> object:
    if isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    ):
        return value
    raise PydanticCustomError(
        "string_type", "A label is matched against a text or a list of texts."
    )


Names = Annotated[list[str], AfterValidator(_without_repeats)]
_Specification = dict[str, Annotated[Any, BeforeValidator(_check_values)]]


def _form_of_related(value: object) -> str:
    return "list" if isinstance(value, list) else "map"


_Related = Annotated[
    Annotated[_Specification, Tag("map")] | Annotated[list[_Specification], Tag("list")],
    Discriminator(_form_of_related),
]


def _uuid_or_none(value: object) -> object:
    # The server makes the ids; whatever else a client writes here is not worth a refusal.
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            return None
    return value if isinstance(value, UUID) else None


NodeId = Annotated[UUID | None, BeforeValidator(_uuid_or_none)]


class Node(BaseModel):
    """What all triggers share. Keys nobody knows are carried along untouched."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: NodeId = None

    @property
    def node_id(self) -> UUID:
        """The id; raises ValueError while the server has not given one (see `with_ids`)."""
        if self.id is None:
            raise ValueError("This trigger has no id yet.")
        return self.id

    @property
    def children(self) -> "list[Trigger]":
        return []

    @property
    def needed(self) -> int:
        """How many events, or firings of its parts, it takes to fire it; of an absence, to keep
        it from firing."""
        return 1

    def model_dump(self, **options: Any) -> dict[str, Any]:
        # A serializer of pydantic's own would write all below a node out again at every level.
        return in_prefects_order(super().model_dump(**options))

    def walk(self) -> "Iterator[Trigger]":
        """This trigger and everything below it, in declaration order."""
        yield cast("Trigger", self)
        for child in self.children:
            yield from child.walk()

    @property
    def leaves(self) -> "list[Leaf]":
        """The parts that look at events themselves, in declaration order."""
        return [node for node in self.walk() if isinstance(node, Matching)]


def in_prefects_order(dumped: dict[str, Any]) -> dict[str, Any]:
    """A trigger as pydantic writes it, in the order in which Prefect does; children included."""
    children = dumped.get("triggers")
    if isinstance(children, list):
        dumped["triggers"] = [in_prefects_order(child) for child in children]
        # Flint's own key of composites is only shown where somebody uses it.
        if not dumped.get("for_each"):
            dumped.pop("for_each", None)
    first: dict[str, Any] = {key: dumped[key] for key in ("type", "id") if key in dumped}
    return first | dumped


METRIC_EVENTS = "prefect.flow-run.*"
"""The events from which a metric of flow runs is taken."""


def event_names(expect: Iterable[str], after: Iterable[str]) -> list[str]:
    """The patterns of names that an event trigger looks at; no pattern stands for every name.

    An empty `expect` takes every event, whatever `after` says.
    """
    expected = list(expect)
    return [*expected, *after] if expected else []


def event_names_of(node: Mapping[str, Any]) -> list[str] | None:
    """The same of a document, which may be half written; None of a group, which looks at none."""
    kind = kind_of(node)
    if kind in GROUPS:
        return None
    return (
        [METRIC_EVENTS]
        if kind == "metric"
        else event_names(_texts(node.get("expect")), _texts(node.get("after")))
    )


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


class Matching(Node):
    """A trigger on events, whose resources it may narrow."""

    match: _Specification = Field(default_factory=dict)
    match_related: _Related = Field(default_factory=dict)

    @property
    def related_specifications(self) -> list[Specification]:
        """`match_related` as a list; what constrains nothing is left out."""
        related = self.match_related
        specifications = related if isinstance(related, list) else [related]
        return [specification for specification in specifications if specification]

    @property
    def event_names(self) -> list[str]:
        """The patterns of names that it looks at; no pattern stands for every name."""
        raise NotImplementedError


class EventTrigger(Matching):
    type: Literal["event"] = "event"
    after: Names = Field(default_factory=list)
    expect: Names = Field(default_factory=list)
    for_each: Names = Field(default_factory=list)
    posture: Posture
    threshold: int = 1
    within: Annotated[Seconds, AfterValidator(_not_negative)] = timedelta(0)

    @property
    def event_names(self) -> list[str]:
        return event_names(self.expect, self.after)

    @property
    def needed(self) -> int:
        return self.threshold

    @model_validator(mode="after")
    def _enough_time_to_be_absent(self) -> Self:
        if self.posture is not Posture.PROACTIVE:
            return self
        if self.within == timedelta(0):
            # Frozen for everybody else; Prefect turns 0 into 10 without a word.
            object.__setattr__(self, "within", PROACTIVE_MINIMUM)
        elif self.within < PROACTIVE_MINIMUM:
            raise PydanticCustomError(
                "value_error", "`within` must be at least 10 seconds for a proactive trigger."
            )
        return self


class Composite(Node):
    """Fires from the firings of its children.

    `for_each` is Flint's own: labels that all children share, so that firings are only
    put together when these agree.
    """

    triggers: "list[AnyTrigger]"
    for_each: Names = Field(default_factory=list)

    @property
    def children(self) -> "list[Trigger]":
        return list(self.triggers)

    @property
    def needed(self) -> int:
        return len(self.triggers)

    @model_validator(mode="after")
    def _children_share_the_labels(self) -> Self:
        for index, child in enumerate(self.children if self.for_each else []):
            own = set(for_each_of(child))
            missing = [name for name in self.for_each if name not in own]
            if missing:
                raise PydanticCustomError(
                    UNGROUPED,
                    "Condition {number} is not grouped by {names}, as the whole is.",
                    {"names": ", ".join(f"`{name}`" for name in missing), "number": index + 1},
                )
        return self


class CompoundTrigger(Composite):
    type: Literal["compound"] = "compound"
    within: Seconds | None
    require: Annotated[int | Literal["any", "all"], BeforeValidator(lambda v: _require(v))]

    @property
    def needed(self) -> int:
        if isinstance(self.require, int):
            return self.require
        return 1 if self.require == "any" else len(self.triggers)

    @model_validator(mode="after")
    def _require_is_possible(self) -> Self:
        if isinstance(self.require, int):
            if self.require < 1:
                raise PydanticCustomError("value_error", "`require` must be at least 1.")
            if self.require > len(self.triggers):
                raise PydanticCustomError(
                    "value_error", "`require` must not be larger than the number of triggers."
                )
        return self


class SequenceTrigger(Composite):
    type: Literal["sequence"] = "sequence"
    within: Seconds | None


class Operator(StrEnum):
    LT = "<"
    LTE = "<="
    GT = ">"
    GTE = ">="


def _five_minutes(value: timedelta) -> timedelta:
    if value < METRIC_MINIMUM:
        raise PydanticCustomError("value_error", "This must be at least 300 seconds.")
    return value


METRIC_NAMES = ("lateness", "duration", "successes")


class MetricQuery(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    threshold: float
    operator: Operator
    range: Annotated[Seconds, AfterValidator(_five_minutes)] = METRIC_MINIMUM
    firing_for: Annotated[Seconds, AfterValidator(_five_minutes)] = METRIC_MINIMUM


class MetricTrigger(Matching):
    type: Literal["metric"] = "metric"
    posture: Literal["Metric"] = "Metric"
    metric: MetricQuery

    @property
    def event_names(self) -> list[str]:
        return [METRIC_EVENTS]


def _require(value: object) -> object:
    if value in ("any", "all") or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise PydanticCustomError("value_error", "`require` must be `any`, `all` or a whole number.")


def kind_of(value: object) -> str:
    """The type of a trigger document; told from its keys where `type` is left out."""
    if isinstance(value, Node):
        return cast("Trigger", value).type
    if not isinstance(value, dict):
        return "event"
    kind = value.get("type")
    if kind is not None:
        return kind if isinstance(kind, str) else "?"
    if value.get("posture") == "Metric" or "metric" in value:
        return "metric"
    if "triggers" in value:
        return "compound" if "require" in value else "sequence"
    return "event"


Leaf = EventTrigger | MetricTrigger
Trigger = EventTrigger | CompoundTrigger | SequenceTrigger | MetricTrigger
AnyTrigger = Annotated[
    Annotated[EventTrigger, Tag("event")]
    | Annotated[CompoundTrigger, Tag("compound")]
    | Annotated[SequenceTrigger, Tag("sequence")]
    | Annotated[MetricTrigger, Tag("metric")],
    Discriminator(kind_of),
]
TRIGGERS: Mapping[str, type[Node]] = {
    str(model.model_fields["type"].default): model for model in get_args(Trigger)
}
"""The class of every kind of trigger, by its `type`."""
KINDS = tuple(TRIGGERS)
GROUPS = tuple(kind for kind, model in TRIGGERS.items() if issubclass(model, Composite))
LEAVES = tuple(kind for kind, model in TRIGGERS.items() if issubclass(model, Matching))

Composite.model_rebuild()
CompoundTrigger.model_rebuild()
SequenceTrigger.model_rebuild()


def for_each_of(trigger: Trigger) -> list[str]:
    """The labels that a firing of this trigger carries."""
    return [] if isinstance(trigger, MetricTrigger) else trigger.for_each


def renumber(trigger: Trigger, new_id: Callable[[Trigger], UUID]) -> Trigger:
    """A copy in which every node has the id that `new_id` gives it, parents first."""
    update: dict[str, object] = {"id": new_id(trigger)}
    if isinstance(trigger, Composite):
        update["triggers"] = [renumber(child, new_id) for child in trigger.children]
    return trigger.model_copy(update=update)
