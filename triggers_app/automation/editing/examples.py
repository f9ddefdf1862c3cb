"""An event that a trigger would want, made up from what the trigger says. Pure.

1. Of several names or values the first that is not negated; of patterns the simplest text that
   they match.
2. Where only negated values stand, a text that none of them excludes.
3. Every related specification gets a resource of its own.
4. What `for_each` counts by is there, so that windows have a name.
A trigger that contradicts itself wants nothing; then the example is as near as it gets.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from events_app.domain.matching import can_match_a_name, compile_values
from triggers_app.automation.triggers import (
    EventTrigger,
    Leaf,
    MetricTrigger,
    Posture,
    Specification,
    Trigger,
    Values,
)

TEST_LABEL = "flint.test"
_IDS = UUID("5b2f7a0c-91c4-4f5e-8d14-4f0d6c2c1f11")
_ANY_EVENT = EventTrigger(posture=Posture.REACTIVE)
_SOMETHING = "example"
_WILD = re.compile(r"\*|\?|\[!?\]?[^\]]*\]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
_RUN = {"prefect.state-type": "COMPLETED", "prefect.state-name": "Completed"}


def example_event(trigger: Trigger | None, *, now: datetime) -> Event:
    """What the first part of the trigger that looks at events would want; any event without one."""
    leaves = [] if trigger is None else trigger.leaves
    document = example_of(leaves[0] if leaves else _ANY_EVENT)
    names = {key: document[key] for key in ("event", "resource", "related")}
    return Event(id=uuid5(_IDS, repr(document)), occurred=now.astimezone(UTC), **names)


def example_of(leaf: Leaf) -> dict[str, Any]:
    """The event's document without id and time. It is marked as a test by a label."""
    resource = {RESOURCE_ID: _SOMETHING}
    if isinstance(leaf, MetricTrigger):
        name, own = "prefect.flow-run.Completed", _RUN
        resource[RESOURCE_ID] = "prefect.flow-run.example"
    else:
        name, own = _name([*leaf.expect, *leaf.after]), {}
    resource |= own | _resource(leaf.match)
    related = [_related(one) for one in leaf.related_specifications]
    for label in leaf.for_each if isinstance(leaf, EventTrigger) else ():
        _add_key(label, resource, related)
    return {
        "event": name,
        "resource": {**resource, TEST_LABEL: resource.get(TEST_LABEL, "true")},
        "related": related,
        "payload": {},
    }


def _name(patterns: Sequence[str]) -> str:
    usable = [*filter(can_match_a_name, patterns), *patterns]
    return usable[0].replace("*", _SOMETHING) if usable else _SOMETHING


def _resource(specification: Specification) -> dict[str, str]:
    return {label: _value(values) for label, values in specification.items()}


def _related(specification: Specification) -> dict[str, str]:
    return {RESOURCE_ID: _SOMETHING, RESOURCE_ROLE: _SOMETHING, **_resource(specification)}


def _add_key(label: str, resource: dict[str, str], related: list[dict[str, str]]) -> None:
    """Case 4; see `engine.keys` for how a label is read."""
    first, last = label.find(":"), label.rfind(":")
    if not label.startswith("related:") or first == last:
        resource.setdefault(label, _SOMETHING)
        return
    role, name = label[first + 1 : last], label[last + 1 :]
    for one in related:
        if one.get(RESOURCE_ROLE) == role:
            one.setdefault(name, _SOMETHING)
            return
    related.append({RESOURCE_ID: _SOMETHING, name: _SOMETHING, RESOURCE_ROLE: role})


def _value(values: Values) -> str:
    listed = [values] if isinstance(values, str) else values
    positive = [concrete(value) for value in listed if not value.startswith("!")]
    test = compile_values(listed) if listed else bool
    tries = (*positive, _SOMETHING, "other", "x", "1", "")
    return next((text for text in tries if test(text)), tries[0])


def concrete(pattern: str) -> str:
    """A simple text that a glob matches."""
    return _WILD.sub(lambda match: _instead(match[0]), pattern)


def _instead(wild: str) -> str:
    if wild == "*":
        return _SOMETHING
    if wild == "?":
        return "x"
    members = wild[1:-1]
    if not members.startswith("!"):
        return members[0]
    taken = re.compile(f"[{re.escape(members[1:])}]")
    return next((letter for letter in _LETTERS if not taken.match(letter)), "x")
