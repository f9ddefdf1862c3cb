"""How many events are left after each condition of a trigger. Asked of the engine's own index.

A condition looks at names, labels and related resources, and at nothing else. So events that
agree in those are tested once, however many they are: whoever counts sends each kind of event
with how often it came (a `Kind`), not each event.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events_app.domain.event import EPOCH, RESOURCE_ID, Event
from events_app.domain.matching import NamePatterns
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.automation.engine.index import Index
from triggers_app.automation.engine.keys import compile_key, sorted_labels
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.triggers import METRIC_EVENTS, Specification, Values, event_names

_NOBODY = UUID(int=0)
_related = msgspec.json.Decoder(list[dict[str, str]]).decode


class ConditionRow(NamedTuple):
    """One label with its values. `place`: `match.<i>`, or `related.<j>.<i>` of the j-th group."""

    place: str
    group: int | None
    label: str
    values: Values


class Kind(NamedTuple):
    """Events alike in what is looked at: the texts of `Sieve.labels`, related resources as JSON."""

    event: str
    texts: Sequence[str | None]
    related: str | None
    events: int


@dataclass(frozen=True, slots=True)
class LeafQuery:
    """What the document of an event or metric trigger asks of single events."""

    expect: tuple[str, ...]
    after: tuple[str, ...] = ()
    rows: tuple[ConditionRow, ...] = ()
    for_each: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return event_names(self.expect, self.after)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the resource that matter, in the order in which kinds have them."""
        matched = {row.label for row in self.rows if row.group is None}
        return tuple(sorted(matched | {*self.for_each}))

    @property
    def looks_at_related(self) -> bool:
        keys = any(label.startswith("related:") for label in self.for_each)
        return keys or any(row.group is not None for row in self.rows)

    @property
    def tests_nothing(self) -> bool:
        """Whether the name decides alone, and there is nothing to be told apart."""
        return not self.rows and not self.for_each


@dataclass(slots=True)
class Left:
    """How many events are left: of these names, after each row, at the end; and how many buckets
    they have.

    `selected`: those that meet the one condition under which an index finds the trigger.
    """

    named: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    met: int = 0
    selected: int = 0
    begins: int = 0
    buckets: int = 0


def query_of(node: Mapping[str, Any]) -> LeafQuery | None:
    """Read a trigger that may be half written; None when its conditions cannot be told yet."""
    metric = node.get("type") == "metric"
    match, related = node.get("match") or {}, node.get("match_related") or {}
    groups = related if isinstance(related, list) else [related]
    lists = [[] if metric else node.get(key) or [] for key in ("expect", "after", "for_each")]
    if not all(_is_specification(one) for one in [match, *groups]):
        return None
    if not all(_are_texts(one) for one in lists):
        return None
    rows = [
        *(ConditionRow(f"match.{i}", None, *pair) for i, pair in enumerate(match.items())),
        *(
            ConditionRow(f"related.{j}.{i}", j, *pair)
            for j, group in enumerate(groups)
            for i, pair in enumerate(group.items())
        ),
    ]
    expect, after, for_each = (tuple(one) for one in lists)
    return LeafQuery((METRIC_EVENTS,) if metric else expect, after, tuple(rows), for_each)


class Funnel:
    """The conditions of one trigger, one added after the other, at work on kinds of events.

    `selection`: all of them at once, as the engine compiles them.
    """

    def __init__(self, query: LeafQuery) -> None:
        self.query = query
        self.left = Left()
        steps = list(_steps(query))
        self.selection = steps[-1].selection
        self._last = len(steps) - 1
        self._index: Index[_Step] = Index()
        for step in [*steps, _Step(len(steps), _first_selection(query, self.selection))]:
            self._index.add(step)
        self._after = NamePatterns(query.after) if query.after and query.expect else None
        self._key = compile_key(sorted_labels(query.for_each)) if query.for_each else None
        self._counts = [0] * (len(steps) + 1)
        self._keys: set[tuple[str, ...]] = set()

    def count(self, kinds: Iterable[Kind]) -> Left:
        labels = self.query.labels
        others: dict[str, list[dict[str, str]]] = {}
        for kind in kinds:
            if kind.event == IGNORED_NAME:
                continue
            text = kind.related or "[]"
            if text not in others:
                others[text] = _related(text)
            texts = zip(labels, kind.texts, strict=True)
            resource = {label: text for label, text in texts if text is not None}
            # Every event has an id; where nobody looks at it, it does not matter which.
            resource.setdefault(RESOURCE_ID, "")
            self._pass(_event(kind.event, resource, others[text]), kind.events)
        return self._result()

    def _pass(self, event: Event, events: int) -> None:
        for step in self._index.find(event):
            self._counts[step.number] += events
            if step.number == self._last:
                if self._after is not None and self._after.match(event.event):
                    self.left.begins += events
                if self._key is not None:
                    self._keys.add(self._key(event))

    def _result(self) -> Left:
        left = self.left
        left.named, left.met, left.selected = self._counts[0], *self._counts[-2:]
        left.buckets = len(self._keys)
        left.rows = {
            row.place: self._counts[number] for number, row in enumerate(self.query.rows, start=1)
        }
        return left


class _Step:
    """The first so many conditions."""

    __slots__ = ("number", "rank", "selection")

    def __init__(self, number: int, selection: Selection) -> None:
        self.number = number
        self.rank = (number, 0)
        self.selection = selection


def _steps(query: LeafQuery) -> Iterator[_Step]:
    match: Specification = {}
    groups: dict[int, Specification] = {}
    yield _Step(0, Selection(query.names, {}, []))
    for number, row in enumerate(query.rows, start=1):
        into = match if row.group is None else groups.setdefault(row.group, {})
        into[row.label] = row.values
        yield _Step(number, Selection(query.names, match, [*groups.values()]))


def _first_selection(query: LeafQuery, whole: Selection) -> Selection:
    """Names, and of all conditions only the one that a dictionary looks up."""
    key: Specification = (
        {whole.label: list(whole.values)} if whole.by in ("label", "related") else {}
    )
    if whole.by == "prefix":
        key = {whole.label: next(row.values for row in query.rows if _is_id(row))}
    if whole.by == "related":
        return Selection(query.names, {}, [key])
    return Selection(query.names, key, [])


def _is_id(row: ConditionRow) -> bool:
    return row.group is None and row.label == RESOURCE_ID


def _event(name: str, resource: dict[str, str], related: list[dict[str, str]]) -> Event:
    return Event(occurred=EPOCH, event=name, resource=resource, related=related, id=_NOBODY)


def _is_specification(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(label, str) and (isinstance(texts, str) or _are_texts(texts))
        for label, texts in value.items()
    )


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
