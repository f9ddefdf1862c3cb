"""What a sample of events tells lint about a document: values, roles, and labels that lack.

The conditions are tested by what the engine compiles them to, so a share is a share of events
that production would have matched, had the label been there.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from events_app.domain.event import RESOURCE_ROLE, Event
from events_app.domain.matching import NamePatterns, compile_specification
from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.engine.keys import compile_key
from triggers_app.automation.lint.context import Lacking
from triggers_app.automation.lint.places import related_maps, values_of_labels
from triggers_app.automation.loops.overlap import listed
from triggers_app.automation.triggers import EventTrigger, Leaf, Specification, Values

# A label with more values than this has values that nobody has seen yet.
MOST_VALUES = 200
Test = Callable[[Event], bool]


@dataclass(slots=True)
class SampleSummary:
    """As in `Facts`, of the events that were looked at."""

    label_values: dict[str, dict[str, int]] = field(default_factory=dict)
    lacking: dict[Lacking, float] = field(default_factory=dict)
    related_per_role: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class TriggerSample:
    """The same of one trigger; the paths of `lacking` begin at it."""

    label_values: dict[str, Counter[str]]
    lacking: dict[Lacking, float]
    related_per_role: dict[str, int]

    @property
    def weight(self) -> int:
        return 1 + sum(map(len, self.label_values.values()))


def labels_of_conditions(document: AutomationDocument) -> frozenset[str]:
    """The labels whose values a rule wants to know of."""
    return frozenset(full for *_, full in values_of_labels(document) if full)


def sample_of(trigger: Leaf, labels: Iterable[str], events: Iterable[Event]) -> TriggerSample:
    """Read the events once for each label that a rule wants to know of."""
    takes = NamePatterns(trigger.event_names).match
    named = [event for event in events if takes(event.event)]
    values: dict[str, Counter[str]] = {label: Counter() for label in labels}
    roles: dict[str, int] = {}
    for event in named:
        _count_roles(event, roles)
        _count_values(event, values)
    return TriggerSample(values, dict(_lacking((), trigger, named)), roles)


def summary_of(samples: Iterable[tuple[Loc, TriggerSample]]) -> SampleSummary:
    """The samples of all triggers of a document, each with the path of its trigger."""
    summary = SampleSummary()
    values: dict[str, Counter[str]] = {}
    for loc, sample in samples:
        for label, seen in sample.label_values.items():
            values.setdefault(label, Counter()).update(seen)
        for role, most in sample.related_per_role.items():
            summary.related_per_role[role] = max(summary.related_per_role.get(role, 0), most)
        for (where, label), share in sample.lacking.items():
            summary.lacking[(*loc, *where), label] = share
    summary.label_values = {
        label: dict(seen) for label, seen in values.items() if 0 < len(seen) <= MOST_VALUES
    }
    return summary


def _count_roles(event: Event, most: dict[str, int]) -> None:
    counted = Counter(other[RESOURCE_ROLE] for other in event.related if RESOURCE_ROLE in other)
    for role, number in counted.items():
        most[role] = max(most.get(role, 0), number)


def _count_values(event: Event, values: Mapping[str, Counter[str]]) -> None:
    for label, seen in values.items():
        if not label.startswith("related:"):
            if label in event.resource:
                seen[event.resource[label]] += 1
            continue
        _, role, name = label.split(":", 2)
        for other in event.related:
            if other.get(RESOURCE_ROLE) == role and name in other:
                seen[other[name]] += 1


def _lacking(loc: Loc, trigger: Leaf, events: Sequence[Event]) -> Iterator[tuple[Lacking, float]]:
    """The labels of `for_each`, of negations in `match`, and of those in `match_related`."""
    maps = related_maps(loc, trigger)
    specifications = [one for _, one in maps]
    if isinstance(trigger, EventTrigger):
        matching = list(filter(_meets(trigger.match, specifications), events))
        for label in trigger.for_each:
            yield from _share((loc, label), matching, _has_no_key(label))
    for label in _negated(trigger.match):
        others = list(filter(_meets(_without(trigger.match, label), specifications), events))
        yield from _share((loc, label), others, _has_no(label))
    for where, one in maps:
        for label in _negated(one):
            rest = _without(one, label)
            around = [rest if other is one else other for other in specifications]
            others = list(filter(_meets(trigger.match, around), events))
            yield from _share((where, label), others, _nobody_has(label, rest))


def _share(key: Lacking, events: Sequence[Event], lacks: Test) -> Iterator[tuple[Lacking, float]]:
    """Nothing where nothing was seen that could tell."""
    if events:
        yield key, sum(map(lacks, events)) / len(events)


def _has_no_key(label: str) -> Test:
    key = compile_key([label])
    return lambda event: key(event) == ("",)


def _has_no(label: str) -> Test:
    return lambda event: label not in event.resource


def _nobody_has(label: str, rest: Specification) -> Test:
    """No related resource that meets the rest of its map has the label."""
    meant = compile_specification(rest)
    return lambda event: (
        not any(label in other for other in event.related if meant is None or meant(other))
    )


def _meets(match: Specification, related: Iterable[Specification]) -> Test:
    of_resource = compile_specification(match)
    of_related = [test for one in related if (test := compile_specification(one)) is not None]

    def meets(event: Event) -> bool:
        if of_resource is not None and not of_resource(event.resource):
            return False
        return all(any(test(other) for other in event.related) for test in of_related)

    return meets


def _negated(specification: Mapping[str, Values]) -> list[str]:
    """The labels whose values are negations, all of them."""
    return [
        label
        for label, values in specification.items()
        if listed(values) and all(value.startswith("!") for value in listed(values))
    ]


def _without(specification: Specification, label: str) -> Specification:
    return {key: values for key, values in specification.items() if key != label}
