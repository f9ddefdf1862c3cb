"""What templates would see: a firing that the engine itself makes of recorded events. Pure.

An event alone may not make a trigger fire (it counts to three, or waits for another one). Then
the occasion is what its firing would be with this event as the last: what other events would
add (`events`, `firings`) is not there, and `complete` says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from events_app.domain.event import Entry, Event, event_json, from_ms
from events_app.domain.position import Position, StreamId
from events_app.storage.stored_events import StoredEvent
from project.lib.json_documents import Document
from project.lib.problems import Invalid
from triggers_app.automation.editing.examples import example_event
from triggers_app.automation.engine.evaluator import IGNORED_NAME, Evaluator, Version
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.index import Index
from triggers_app.automation.engine.keys import compile_key, sorted_labels
from triggers_app.automation.engine.leaf import Leaf
from triggers_app.automation.engine.outcome import Firing
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.firing_record import children_text
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Composite, Trigger, for_each_of, renumber

# Nobody's: whatever is made here is thrown away.
NAMES = UUID("6f0f8f2e-3f0e-4a87-9d0f-5f4f2a9f6f11")


@dataclass(frozen=True, slots=True)
class PreviewFiring:
    """A firing as templates see it. `event_text` is None for an absence of any event."""

    event_text: str | None
    labels: dict[str, str]
    fired: datetime
    children: str = "[]"
    complete: bool = True


def trigger_of(document: Document) -> Trigger | None:
    """The trigger of a draft with an id in every node; None while it cannot be read."""
    try:
        trigger = parse_trigger(document.get("trigger"))
    except Invalid:
        return None
    numbers = iter(range(1_000_000))
    return renumber(trigger, lambda node: node.id or uuid5(NAMES, f"node {next(numbers)}"))


def matching(trigger: Trigger, recorded: Iterable[StoredEvent]) -> Iterator[StoredEvent]:
    """Those that some part of the trigger wants, as the engine's index finds them."""
    index: Index[_Part] = Index()
    for number, leaf in enumerate(trigger.leaves):
        index.add(_Part((number, 0), Selection.of(leaf)))
    for one in recorded:
        if one.event.event != IGNORED_NAME and index.find(one.event):
            yield one


@dataclass(frozen=True, slots=True)
class _Part:
    rank: tuple[int, int]
    selection: Selection


def preview_of(trigger: Trigger | None, events: Sequence[StoredEvent]) -> PreviewFiring:
    """The firing that the last of the events would decide. Raises ValueError without an event."""
    last = events[-1]
    if trigger is None:
        return _assumed(last, {})
    firings, leaves = _fold(trigger, events)
    for firing in reversed(firings):
        if firing.triggering is not None and firing.triggering.event.id == last.event.id:
            return _of(firing, last)
    label_names = for_each_of(trigger) if isinstance(trigger, Composite) else ()
    for leaf in leaves:
        if not isinstance(trigger, Composite):
            label_names = for_each_of(leaf.trigger)
    return _assumed(last, labels_of(last.event, label_names))


def labels_of(event: Event, names: Sequence[str]) -> dict[str, str]:
    """The key of an event, by label."""
    labels = sorted_labels(names)
    return dict(zip(labels, compile_key(labels)(event), strict=True))


def _fold(trigger: Trigger, events: Sequence[StoredEvent]) -> tuple[list[Firing], list[Leaf]]:
    """What fires, and the triggers that wanted the last of the events."""
    evaluator = Evaluator()
    version = Version(uuid5(NAMES, "automation"), 1, True, trigger)
    ordered = sorted(events, key=lambda one: one.position)
    evaluator.apply(version, log_ms=ordered[0].position.ms)
    leaves: list[Leaf] = []

    def note(leaf: Leaf, fate: Fate, log_ms: int) -> None:
        leaves.append(leaf)

    evaluator.watch = note
    for one in ordered:
        leaves.clear()
        place = StreamId(one.position.ms, one.position.seq)
        # Followers shall not wait here: their leaders are somewhere else.
        evaluator.fold(Entry(place, [one.event], frozenset({0})))
    return evaluator.take().firings, leaves


def _of(firing: Firing, last: StoredEvent) -> PreviewFiring:
    return PreviewFiring(
        event_text=_text(last),
        labels=firing.labels,
        fired=from_ms(firing.fired_ms),
        children=children_text(firing),
    )


def _assumed(last: StoredEvent, labels: dict[str, str]) -> PreviewFiring:
    return PreviewFiring(_text(last), labels, from_ms(last.position.ms), complete=False)


def absence(labels: dict[str, str], fired: datetime) -> PreviewFiring:
    """A firing because nothing came."""
    return PreviewFiring(None, labels, fired)


def _text(one: StoredEvent) -> str:
    return event_json(one.event, received=one.received).decode()


def made_up(trigger: Trigger | None, *, now: datetime) -> StoredEvent:
    """An event that the trigger would want, see `example_event`, as if it were recorded now."""
    position = Position(int(now.timestamp() * 1000), 0, 0)
    return StoredEvent(position, example_event(trigger, now=now))
