"""Which events a trigger covers, by the same descriptions as `reference`."""

import re
from fnmatch import fnmatchcase
from typing import Any

from events_app.domain.event import Event
from triggers_app.automation.triggers import EventTrigger


def matches_any(patterns: list[str], name: str) -> bool:
    return any(name_matches(pattern, name) for pattern in patterns)


def name_matches(pattern: str, name: str) -> bool:
    if re.search(r"\[.*\]", pattern):
        return False
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.fullmatch(".+".join(parts), name, re.DOTALL) is not None


def value_matches(pattern: str, value: str) -> bool:
    if pattern.startswith("!"):
        return not fnmatchcase(value, pattern[1:])
    return fnmatchcase(value, pattern)


def satisfies(resource: dict[str, str], specification: dict[str, Any]) -> bool:
    return all(
        label in resource
        and any(
            value_matches(pattern, resource[label])
            for pattern in ([values] if isinstance(values, str) else values)
        )
        for label, values in specification.items()
    )


def covers(leaf: EventTrigger, event: Event) -> bool:
    related = leaf.match_related
    specifications = related if isinstance(related, list) else [related]
    return satisfies(event.resource, leaf.match) and all(
        not one or any(satisfies(resource, one) for resource in event.related)
        for one in specifications
    )


def label_of(event: Event, name: str) -> str:
    if name.startswith("related:"):
        role, _, label = name.removeprefix("related:").rpartition(":")
        for resource in event.related:
            if resource.get("prefect.resource.role") == role:
                return resource.get(label, "")
    return event.resource.get(name, "")
