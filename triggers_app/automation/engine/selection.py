"""Which events a trigger wants at all: names, `match`, `match_related`; compiled once."""

from collections.abc import Callable, Sequence

from events_app.domain.event import RESOURCE_ID, Event
from events_app.domain.matching import (
    NamePatterns,
    ResourceTest,
    compile_specification,
    literal_values,
    prefixes_of,
)
from triggers_app.automation.triggers import Leaf, Specification

EventTest = Callable[[Event], bool]


class Selection:
    """The conditions on a single event, and by which of them it is found fastest.

    `by` says where the index keeps it: under the `values` of a `label` of the resource, of
    the ids of related resources, of beginnings of the resource's id, or nowhere special.
    """

    __slots__ = ("by", "label", "names", "related_tests", "resource_test", "test", "values")

    def __init__(
        self,
        names: Sequence[str],
        match: Specification,
        related: Sequence[Specification],
    ) -> None:
        self.names = NamePatterns(names)
        self.by, self.label, self.values = _key(match, related)
        # What the key already proves need not be tested again.
        proven = self.label if self.by == "label" else ""
        self.resource_test = compile_specification(
            {label: values for label, values in match.items() if label != proven}
        )
        tests = (compile_specification(specification) for specification in related)
        self.related_tests = tuple(test for test in tests if test is not None)
        self.test = _event_test(self.resource_test, self.related_tests)

    @classmethod
    def of(cls, trigger: Leaf) -> "Selection":
        return cls(trigger.event_names, trigger.match, trigger.related_specifications)


def _key(
    match: Specification, related: Sequence[Specification]
) -> tuple[str, str, tuple[str, ...]]:
    """The most selective condition that a dictionary can look up."""
    ids = literal_values(match.get(RESOURCE_ID))
    if ids is not None:
        return "label", RESOURCE_ID, tuple(ids)
    for specification in related:
        ids = literal_values(specification.get(RESOURCE_ID))
        if ids is not None:
            return "related", RESOURCE_ID, tuple(ids)
    for label, values in match.items():
        texts = literal_values(values)
        if texts is not None:
            return "label", label, tuple(texts)
    prefixes = prefixes_of(match.get(RESOURCE_ID))
    if prefixes is not None:
        return "prefix", RESOURCE_ID, tuple(shortest_prefixes(prefixes))
    return "", "", ()


def shortest_prefixes(prefixes: Sequence[str]) -> list[str]:
    """Without those that begin with another one: no text begins with two of the rest."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


def _event_test(resource: ResourceTest | None, related: Sequence[ResourceTest]) -> EventTest | None:
    """One test for all conditions; None when there is nothing left to test."""
    if not related:
        return None if resource is None else lambda event: resource(event.resource)

    def accepts(event: Event) -> bool:
        if resource is not None and not resource(event.resource):
            return False
        others = event.related
        return all(any(test(other) for other in others) for test in related)

    return accepts
