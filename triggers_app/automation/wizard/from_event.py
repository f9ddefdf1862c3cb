"""From an event that was seen to a trigger that also fires for tomorrow's: the ladder. Pure.

Each step offers the event's own value first and then wider ones; how many recorded events
each would select is for the caller to count. The default is the narrowest that does not pin
what will never come again:
1. The name, unless a piece of it is of one occasion.
2. The resource by the narrowest pattern that selects at least half of the events of this
   name; its own id only if that came more than once and is not of one occasion.
3. For events of flow and task runs the deployment (else the flow) through `match_related`:
   a run's own id never comes again, and its name says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from events_app.domain.matching import can_match_a_name
from triggers_app.automation.wizard.patterns import (
    exactly,
    is_of_one_event,
    widened,
    wider_names,
)

ANY = ""
"""The pattern of a step that narrows nothing."""
RESOURCE_NAME = "prefect.resource.name"
MOST_RELATED = 20
MOST_LABELS = 20
_RUNS = ("prefect.flow-run.", "prefect.task-run.")
# Values of these change with every event; nobody counts by them.
_FLEETING = {"prefect.state-timestamp", "prefect.state-message", "prefect.run-count"}


@dataclass(frozen=True, slots=True)
class Kin:
    """A related resource as a condition: `word` is how people call it."""

    place: int
    role: str
    id: str
    word: str

    @property
    def specification(self) -> dict[str, str]:
        role = {RESOURCE_ROLE: exactly(self.role)} if self.role else {}
        return {**role, RESOURCE_ID: exactly(self.id)}


@dataclass(frozen=True, slots=True)
class Ladder:
    """What an event offers, each step from the narrowest to the widest.

    `resources` are patterns, the first its own id, the last ANY; `labels` are `for_each`
    labels.
    """

    event: Event
    names: list[str]
    resources: list[str]
    related: list[Kin]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose on a ladder; `related` are places in the event's related."""

    name: str
    resource: str = ANY
    related: Sequence[int] = ()
    each: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ValueTally:
    """What was counted of the events of this name: all, and by pattern of the resource."""

    total: int = 0
    resources: Mapping[str, int] = field(default_factory=dict)


def ladder(event: Event) -> Ladder:
    """The steps of an event."""
    names = [name for name in wider_names(event.event) if can_match_a_name(name)]
    return Ladder(
        event=event,
        names=names or [ANY],
        resources=[exactly(event.resource_id), *widened(event.resource_id), ANY],
        related=_related(event),
        labels=_labels(event),
    )


def _related(event: Event) -> list[Kin]:
    flow = next((_name(one) for one in event.related if one.get(RESOURCE_ROLE) == "flow"), "")
    kin = [
        Kin(place, one.get(RESOURCE_ROLE, ""), one[RESOURCE_ID], _word(one, flow))
        for place, one in enumerate(event.related)
        if RESOURCE_ID in one
    ]
    return kin[:MOST_RELATED]


def _word(related: Mapping[str, str], flow: str) -> str:
    """A deployment by `flow / deployment`, others by their name, else by their id."""
    name = _name(related)
    if related.get(RESOURCE_ROLE) != "deployment" or not flow or not name:
        return name or related[RESOURCE_ID]
    return name if name == flow else f"{flow} / {name}"


def _name(related: Mapping[str, str]) -> str:
    return related.get(RESOURCE_NAME, "")


def _labels(event: Event) -> list[str]:
    own = [name for name in sorted(event.resource) if name not in {*_FLEETING, RESOURCE_ID}]
    roles = dict.fromkeys(one.get(RESOURCE_ROLE, "") for one in event.related)
    related = [f"related:{role}:{RESOURCE_ID}" for role in roles if role and role != "tag"]
    return [RESOURCE_ID, *own, *related][:MOST_LABELS]


def default_choice(steps: Ladder, tally: ValueTally) -> Choice:
    """What also matches the next event of this kind; see the head of this file."""
    name = next((one for one in steps.names if not is_of_one_event(one)), steps.names[0])
    related = _owner(steps) if steps.event.resource_id.startswith(_RUNS) else []
    return Choice(name, _default_resource(steps, tally), related)


def _default_resource(steps: Ladder, tally: ValueTally) -> str:
    """Case 2."""
    own, *wider = steps.resources
    repeats = tally.resources.get(own, 0) > 1 and not is_of_one_event(steps.event.resource_id)
    offered = [own, *wider] if repeats else wider
    if not tally.total:
        return offered[0]
    half = (one for one in offered if tally.resources.get(one, 0) * 2 >= tally.total)
    return next(half, ANY)


def _owner(steps: Ladder) -> list[int]:
    """Case 3."""
    for role in ("deployment", "flow"):
        for kin in steps.related:
            if kin.role == role:
                return [kin.place]
    return []


def trigger_of(steps: Ladder, choice: Choice) -> dict[str, Any]:
    """The document of the trigger that a choice makes. Places that do not exist are ignored."""
    specifications = [kin.specification for kin in steps.related if kin.place in choice.related]
    match = {} if choice.resource == ANY else {RESOURCE_ID: choice.resource}
    one = len(specifications) == 1
    return {
        "type": "event",
        "posture": "Reactive",
        "expect": [choice.name] if choice.name != ANY else [],
        "match": match,
        "match_related": specifications[0] if one else specifications or {},
        "for_each": [label for label in steps.labels if label in choice.each],
        "after": [],
        "threshold": 1,
        "within": 0,
    }


def automation_of(trigger: Mapping[str, Any], *, name: str) -> dict[str, Any]:
    """An automation's document around a trigger; it does nothing yet."""
    return {
        "name": name,
        "description": "",
        "enabled": False,
        "tags": [],
        "trigger": dict(trigger),
        "actions": [],
        "actions_on_trigger": [],
        "actions_on_resolve": [],
    }


def empty_automation() -> dict[str, Any]:
    """What somebody begins with who wants to begin with nothing: a trigger without a name."""
    trigger = {
        **{"type": "event", "posture": "Reactive", "expect": [], "match": {}, "match_related": {}},
        **{"for_each": [], "after": [], "threshold": 1, "within": 0},
    }
    return automation_of(trigger, name="")


def copy_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an automation's document under a name that says so, switched off."""
    left_out = ("id", "created", "updated", "owner_resource")
    kept = {key: value for key, value in document.items() if key not in left_out}
    return {**kept, "name": f"Copy of {document.get('name', '')}".strip(), "enabled": False}
