"""Finds the triggers that want an event, at a cost that depends on those alone.

A trigger is kept on a shelf for each of its names (or the beginning of each, if one has a
`*`), and on the shelf under its most selective literal condition. So ten thousand
automations on one event name that differ in their resource id cost as much as ten.
"""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from events_app.domain.event import RESOURCE_ID, Event
from triggers_app.automation.engine.selection import Selection, shortest_prefixes

# Names come from outside; the memory of which shelves a name selects must stay bounded.
MAX_CACHED_NAMES = 20_000


class Indexed(Protocol):
    @property
    def selection(self) -> Selection: ...

    @property
    def rank(self) -> tuple[int, int]:
        """Automation and place within it: the order in which one event is evaluated."""


T = TypeVar("T", bound=Indexed)


class _Shelf(Generic[T]):
    """Triggers with one name, or one beginning of a name."""

    __slots__ = ("labels", "prefixes", "related", "rest")

    def __init__(self) -> None:
        self.labels: dict[str, dict[str, list[T]]] = {}
        self.related: dict[str, list[T]] = {}
        self.prefixes: dict[int, dict[str, list[T]]] = {}
        self.rest: list[T] = []

    def add(self, item: T) -> None:
        if item.selection.by:
            for texts, value in self._places(item.selection):
                texts.setdefault(value, []).append(item)
        else:
            self.rest.append(item)

    def remove(self, item: T) -> None:
        selection = item.selection
        if not selection.by:
            self.rest.remove(item)
        for texts, value in self._places(selection):
            texts[value].remove(item)
            if not texts[value]:
                del texts[value]
        if selection.by == "label" and self.labels.get(selection.label) == {}:
            del self.labels[selection.label]
        for length in [length for length, texts in self.prefixes.items() if not texts]:
            del self.prefixes[length]

    @property
    def empty(self) -> bool:
        return not (self.labels or self.prefixes or self.related or self.rest)

    def _places(self, selection: Selection) -> Iterator[tuple[dict[str, list[T]], str]]:
        for value in selection.values:
            match selection.by:
                case "label":
                    yield self.labels.setdefault(selection.label, {}), value
                case "related":
                    yield self.related, value
                case _:
                    yield self.prefixes.setdefault(len(value), {}), value

    def candidates(self, event: Event, candidates: list[T]) -> None:
        resource = event.resource
        for label, texts in self.labels.items():
            text = resource.get(label)
            if text is not None and (items := texts.get(text)):
                candidates += items
        if self.prefixes:
            resource_id = resource[RESOURCE_ID]
            for length, beginnings in self.prefixes.items():
                if items := beginnings.get(resource_id[:length]):
                    candidates += items
        if self.related and event.related:
            hits = (self.related.get(other[RESOURCE_ID]) for other in event.related)
            # A trigger may be found by two of the related resources; once is enough.
            candidates += dict.fromkeys(item for items in hits if items for item in items)
        if self.rest:
            candidates += self.rest


class Index(Generic[T]):
    def __init__(self) -> None:
        self._names: dict[str, _Shelf[T]] = {}
        self._beginnings: dict[str, _Shelf[T]] = {}
        self._lengths: list[int] | None = None
        self._cache: dict[str, tuple[tuple[_Shelf[T], bool], ...]] = {}

    def add(self, item: T) -> None:
        for names, key in self._shelves_of(item):
            shelf = names.get(key)
            if shelf is None:
                shelf = names[key] = _Shelf()
                self._clear_cache()
            shelf.add(item)

    def remove(self, item: T) -> None:
        for names, key in self._shelves_of(item):
            shelf = names[key]
            shelf.remove(item)
            if shelf.empty:
                del names[key]
                self._clear_cache()

    def find(self, event: Event) -> list[T]:
        """The triggers whose conditions the event meets, in rank order."""
        name = event.event
        shelves = self._cache.get(name)
        if shelves is None:
            shelves = self._remember(name)
        if not shelves:
            return []
        matches: list[T] = []
        for shelf, wildcard in shelves:
            candidates: list[T] = []
            shelf.candidates(event, candidates)
            for item in candidates:
                selection = item.selection
                if wildcard and not selection.names.match(name):
                    continue
                test = selection.test
                if test is None or test(event):
                    matches.append(item)
        if len(matches) > 1:
            matches.sort(key=_rank)
        return matches

    def _shelves_of(self, item: T) -> Iterator[tuple[dict[str, _Shelf[T]], str]]:
        names = item.selection.names
        if names.every:
            yield self._beginnings, ""
        elif names.wildcards:
            for prefix in shortest_prefixes([*names.prefixes, *names.literals]):
                yield self._beginnings, prefix
        else:
            for name in names.literals:
                yield self._names, name

    def _remember(self, name: str) -> tuple[tuple[_Shelf[T], bool], ...]:
        if len(self._cache) >= MAX_CACHED_NAMES:
            self._cache.clear()
        if self._lengths is None:
            self._lengths = sorted({len(prefix) for prefix in self._beginnings})
        shelves: list[tuple[_Shelf[T], bool]] = []
        if name in self._names:
            shelves.append((self._names[name], False))
        for length in self._lengths:
            shelf = self._beginnings.get(name[:length])
            if shelf is not None and len(name) >= length:
                shelves.append((shelf, True))
        self._cache[name] = tuple(shelves)
        return self._cache[name]

    def _clear_cache(self) -> None:
        self._cache.clear()
        self._lengths = None


def _rank(item: Indexed) -> tuple[int, int]:
    return item.rank
