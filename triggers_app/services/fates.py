"""What one event did to the automations: one row for each that has a say. For the event's page.

Cheap: found by index, never folded. Automations that fired are read from their firings;
others, as they are saved now, are found as the engine finds them. Why one of them did not fire
is a question of its own (`explaining.explain`).
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events_app.domain.event import EPOCH, Event
from events_app.domain.position import Position
from project.lib.problems import Invalid
from project.lib.process_memory import process_memory
from triggers_app.automation.causes import causes_of
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.engine.index import Index
from triggers_app.automation.engine.keys import compile_key, sorted_labels
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import LEAVES, Trigger, event_names_of
from triggers_app.storage import history_fates as storage
from triggers_app.storage.history_fates import ChangedListener, Place

MOST_IGNORED = 20
MOST_CANDIDATES = 200
_BLANK = UUID(int=0)


@dataclass(frozen=True, slots=True)
class FateRow:
    """One automation's row.

    `fate`: fired, counted, matched (it met the conditions of a trigger, and is in no window
    that is known; ask `explain`) or ignored, with the first reason.
    """

    automation_id: UUID
    name: str
    fate: str
    sentence: str
    firing_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Fates:
    """`ignored_total` and `matched_total` count those, too, that are not listed."""

    rows: list[FateRow]
    matched_total: int
    ignored_total: int


def fates(event: Event, position: Position) -> Fates:
    """Fired first, then counted and matched, then ignored for anything but the name.

    Eight queries at most, and one more where automations changed since the last call.
    """
    fired = [
        FateRow(
            row.automation_id,
            row.name,
            "fired",
            _fired_words(row),
            row.firing_id,
        )
        for row in storage.fired_by(position, waited=event.follows is not None)
    ]
    if event.event == IGNORED_NAME:
        return Fates(fired, 0, 0)
    listeners = known_listeners()
    listeners.refresh()
    known = {row.automation_id for row in fired}
    matched = listeners.matching(event, without=known)
    ignored = listeners.named(event, without=known | set(matched))
    caused = listeners.guarded(matched, causes_of(event))
    for automation_id in caused:
        del matched[automation_id]
    rows = _matched(event, position, list(matched.items())[:MOST_CANDIDATES])
    rows += _caused(caused) + _ignored(event, ignored[:MOST_IGNORED])
    return Fates(fired + rows, len(matched), len(ignored) + len(caused))


def _fired_words(row: storage.FiredBy) -> str:
    if row.snooze_id is not None:
        return "It fired while snoozed: nothing followed."
    return "It fired in shadow: nothing followed." if row.shadow else "It fired."


class _Leaf:
    """A leaf of a saved automation, as the engine's index keeps it."""

    __slots__ = ("automation_id", "for_each", "rank", "selection", "trigger_id")

    def __init__(
        self, automation_id: UUID, place: int, node: Mapping[str, Any], selection: Selection
    ) -> None:
        self.automation_id = automation_id
        self.rank = (automation_id.int, place)
        self.trigger_id = UUID(node["id"])
        self.for_each = tuple(node.get("for_each") or ())
        self.selection = selection


class Listeners:
    """Who listens to what, kept up to date by the number of the last change seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = 0
        self._leaves: dict[UUID, list[tuple[_Leaf, _Leaf]]] = {}
        self._guarded: set[UUID] = set()
        self._exact: Index[_Leaf] = Index()
        self._names: Index[_Leaf] = Index()

    def refresh(self) -> None:
        """Read what changed. One query; the first time it reads everything."""
        with self._lock:
            for changed in storage.changed_after(self._seen):
                self._remove(changed.automation_id)
                if changed.enabled:
                    self._remember(changed)
                self._seen = max(self._seen, changed.change)

    def matching(self, event: Event, *, without: set[UUID]) -> dict[UUID, list[_Leaf]]:
        """The leaves whose conditions the event meets, by automation."""
        matches: dict[UUID, list[_Leaf]] = {}
        with self._lock:
            for leaf in self._exact.find(event):
                if leaf.automation_id not in without:
                    matches.setdefault(leaf.automation_id, []).append(leaf)
        return matches

    def named(self, event: Event, *, without: set[UUID]) -> list[UUID]:
        """Automations that wait for the event's name, whatever else they want of it."""
        with self._lock:
            leaves = self._names.find(event)
        ids = dict.fromkeys(leaf.automation_id for leaf in leaves)
        return [automation_id for automation_id in ids if automation_id not in without]

    def of_names(self, names: Iterable[str]) -> dict[str, list[UUID]]:
        """By name, the automations that wait for it, whatever else they want of its events."""
        by_name = {}
        for name in names:
            blank = Event(id=_BLANK, occurred=EPOCH, event=name, resource={})
            by_name[name] = self.named(blank, without=set())
        return by_name

    def guarded(self, candidates: Iterable[UUID], causes: Sequence[str]) -> list[UUID]:
        """Those that ignore the event, because they have caused it themselves."""
        with self._lock:
            return [one for one in candidates if one in self._guarded and str(one) in causes]

    def _remember(self, changed: ChangedListener) -> None:
        both = []
        for place, node in enumerate(_leaf_documents(changed.trigger)):
            names = event_names_of(node) or []
            related = node.get("match_related") or []
            specifications = [one for one in _listed(related) if one]
            exact = Selection(names, node.get("match") or {}, specifications)
            both.append(
                (
                    _Leaf(changed.automation_id, place, node, exact),
                    _Leaf(changed.automation_id, place, node, Selection(names, {}, [])),
                )
            )
        for leaf, by_name in both:
            self._exact.add(leaf)
            self._names.add(by_name)
        self._leaves[changed.automation_id] = both
        if changed.guarded:
            self._guarded.add(changed.automation_id)

    def _remove(self, automation_id: UUID) -> None:
        self._guarded.discard(automation_id)
        for leaf, by_name in self._leaves.pop(automation_id, []):
            self._exact.remove(leaf)
            self._names.remove(by_name)


@process_memory
def known_listeners() -> Listeners:
    """Of this process: reading ten thousand automations takes a second."""
    return Listeners()


def listeners_of(names: Iterable[str]) -> dict[str, list[UUID]]:
    """The automations at work that wait for each of these names. One query."""
    listeners = known_listeners()
    listeners.refresh()
    return listeners.of_names(names)


def _matched(
    event: Event, position: Position, candidates: list[tuple[UUID, list[_Leaf]]]
) -> list[FateRow]:
    places = {
        Place(leaf.automation_id, leaf.trigger_id, compile_key(sorted_labels(leaf.for_each))(event))
        for _, leaves in candidates
        for leaf in leaves
    }
    counted = storage.counted_in(position, places)
    names = storage.names([automation_id for automation_id, _ in candidates])
    rows = []
    for automation_id, _ in candidates:
        sentence = counted.get(automation_id)
        fate = "matched" if sentence is None else "counted"
        words = sentence or "It met the conditions of a trigger."
        rows.append(FateRow(automation_id, names.get(automation_id, ""), fate, words))
    return sorted(rows, key=lambda row: (row.fate, row.name))


def _caused(automation_ids: list[UUID]) -> list[FateRow]:
    names = storage.names(automation_ids) if automation_ids else {}
    rows = [
        FateRow(one, names.get(one, ""), "ignored", "Ignored: caused by this automation.")
        for one in automation_ids
    ]
    return sorted(rows, key=lambda row: row.name)


def _ignored(event: Event, automation_ids: list[UUID]) -> list[FateRow]:
    rows = []
    for row in storage.triggers_of(automation_ids):
        try:
            reason = _reason(parse_trigger(row.trigger), event)
        except Invalid:
            continue  # saved by a newer Flint
        rows.append(FateRow(row.automation_id, row.name, "ignored", f"Ignored: {reason}."))
    return sorted(rows, key=lambda row: row.name)


def _reason(trigger: Trigger, event: Event) -> str:
    """The first condition that failed, of the leaf that waits for this name."""
    for node in trigger.walk():
        decided = conditions(node, event)
        if decided and decided[0].met:
            failed = [one for one in decided if not one.met]
            if failed:
                return failed[0].sentence
    return "none of its parts wanted it"


def _leaf_documents(trigger: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    children: Iterable[Mapping[str, Any]] = trigger.get("triggers") or ()
    if trigger.get("type") in LEAVES:
        yield trigger
    for child in children:
        yield from _leaf_documents(child)


def _listed(related: Any) -> list[dict[str, Any]]:
    return related if isinstance(related, list) else [related]
