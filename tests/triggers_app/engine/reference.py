"""What triggers mean in Flint, said a second time: slow, obvious, and ignorant of the engine.

Written from the descriptions of Prefect's and Flint's behavior, not from the engine. Every
event is shown to every trigger, every deadline is looked for in every window. Times are
microseconds (`us`) of event time, min(occurred, log time), or of log time.

Where the descriptions leave something open, this is what was chosen:

 1. A reactive trigger with `threshold` below 1 behaves like one with 1.
 2. An absence that expects `threshold` 0 or fewer events never fires, so it has no windows.
 3. A satisfied absence is over at once; Prefect sees it at its next tick.
 4. A key is watched for absence from its first event on; that Prefect's first windows begin
    15 minutes early holds for reactive triggers only. A late event must not invent silence.
 5. Of what is due at the same microsecond, expired windows are swept first; then followers
    are given up, by position; then absences are decided in the order of declaration, those
    of one trigger by key.
 6. An absence is decided in the millisecond of its deadline, rounded up. A window that is
    opened after its own end is due at once; but what came in time and in the same entry
    still counts, so that one late delivery of beginning and end is no absence.
 7. A held event is kept for max(30 minutes, `within`) of log time. It is held again if the
    log has let its id in again.
 8. A window that begins with held events has the latest of them as its last event; without
    any, the event that opened it.
 9. A held follower keeps its own event time; it is decided at the log time of its release.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events_app.domain.event import Entry, Event, to_us
from events_app.domain.position import Position
from tests.triggers_app.engine.reference_matching import covers, label_of, matches_any
from triggers_app.domain.triggers import (
    Composite,
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    Posture,
    SequenceTrigger,
    Trigger,
)
from triggers_app.engine.evaluator import Version

SECOND = 1_000_000
BACK_DATED = 15 * 60 * SECOND
SWEEP_AFTER = 60 * SECOND
HELD_FOR = 30 * 60 * SECOND
LEADER_AWAITED = 15 * 60 * SECOND
IGNORED = "prefect.log.write"

Key = tuple[str, ...]


@dataclass(frozen=True)
class Happening:
    """An event as it is evaluated: when it counts, and where it stands in the log."""

    event: Event
    us: int
    position: Position


@dataclass(frozen=True)
class Fired:
    """A firing, reduced to what every evaluator must agree on."""

    at_ms: int
    version: int
    trigger_id: UUID
    event_id: UUID | None
    position: Position | None
    labels: tuple[tuple[str, str], ...]
    children: frozenset["Fired"] = frozenset()


@dataclass
class Window:
    start: int
    end: int
    due: int  # log time at which an absence is decided, or an expired window is swept
    order: int
    count: int = 0
    last: UUID | None = None


class Reference:
    """`firings` by automation, in the order in which they were decided."""

    def __init__(self) -> None:
        self.roots: dict[UUID, Node] = {}
        self.firings: dict[UUID, list[Fired]] = {}
        self.parked: list[tuple[int, Happening]] = []
        self.now = 0
        self.opened = 0

    def apply(self, version: Version, *, log_ms: int) -> None:
        self.advance(log_ms)
        former = self.roots.pop(version.automation_id, None)
        if version.enabled:
            root = self.roots[version.automation_id] = Node(self, version, version.trigger)
            known = {node.trigger.node_id: node for node in former.walk()} if former else {}
            for node in root.walk():
                node.begin(known.get(node.trigger.node_id))

    def remove(self, automation_id: UUID, *, log_ms: int) -> None:
        self.advance(log_ms)
        self.roots.pop(automation_id, None)

    def fold(self, entry: Entry) -> None:
        self.advance(entry.id.ms)
        for index, event in enumerate(entry.events):
            us = min(to_us(event.occurred), entry.id.ms * 1000)
            happening = Happening(event, us, entry.position(index))
            if self.must_wait(event, index in entry.known_leaders):
                self.parked.append((self.now + LEADER_AWAITED, happening))
            else:
                self.process(happening)

    def advance(self, log_ms: int) -> None:
        """Decide what is due, the earliest first."""
        while due := min(self.agenda(), key=lambda one: one[0], default=None):
            (us, *_), decide, what = due
            if us > log_ms * 1000:
                break
            self.now = max(self.now, -(-us // 1000) * 1000)
            decide(what)
        self.now = max(self.now, log_ms * 1000)

    def agenda(self) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
        for due, happening in self.parked:
            yield (due, 1, happening.position), self.release, happening
        for root in self.roots.values():
            for number, node in enumerate(root.walk()):
                for key, window in node.windows.items():
                    rank = 2 if node.absence else 0
                    yield (window.due, rank, number, key), node.decide, key

    def must_wait(self, event: Event, leader_known: bool) -> bool:
        leader = event.follows
        if leader is None or leader == event.id:
            return False
        return not leader_known or any(one.event.id == leader for _, one in self.parked)

    def release(self, happening: Happening) -> None:
        self.parked = [one for one in self.parked if one[1] is not happening]
        self.process(happening)

    def process(self, happening: Happening) -> None:
        event = happening.event
        for root in self.roots.values() if event.event != IGNORED else ():
            for node in root.walk():
                node.feed(happening)
        waiting = [one for _, one in self.parked if one.event.follows == event.id]
        for follower in sorted(waiting, key=lambda one: (one.event.occurred, one.position)):
            self.release(follower)


class Node:
    """One trigger of a tree, and what is remembered of it."""

    def __init__(
        self, world: Reference, version: Version, trigger: Trigger, parent: "Node | None" = None
    ) -> None:
        self.world, self.version, self.trigger, self.parent = world, version, trigger, parent
        self.children = [Node(world, version, child, self) for child in trigger.children]
        self.windows: dict[Key, Window] = {}
        self.held: dict[Key, list[tuple[int, Happening]]] = {}
        self.slots: dict[Key, dict[int, Fired]] = {}
        self.for_each = [] if isinstance(trigger, MetricTrigger) else sorted(trigger.for_each)
        if isinstance(trigger, EventTrigger):
            self.within = round(trigger.within.total_seconds() * SECOND)
            self.absence = trigger.posture is Posture.PROACTIVE
            # Nothing has to happen before the absence of anything at all is waited for.
            self.always_on = self.absence and trigger.threshold > 0 and not trigger.after
            self.always_on = self.always_on and not trigger.for_each

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def begin(self, former: "Node | None") -> None:
        """A trigger that stays the same goes on; any other begins with nothing."""
        if former and former.trigger == self.trigger:
            self.windows, self.held, self.slots = former.windows, former.held, former.slots
        elif isinstance(self.trigger, EventTrigger) and self.always_on:
            self.open((), self.world.now)

    def feed(self, happening: Happening) -> None:
        """An event passes by."""
        trigger, event = self.trigger, happening.event
        if not isinstance(trigger, EventTrigger) or not covers(trigger, event):
            return
        opens = matches_any(trigger.after, event.event)
        expected = not trigger.expect or matches_any(trigger.expect, event.event)
        if not (opens or expected):
            return
        key = tuple(label_of(event, name) for name in self.for_each)
        if not self.absence:
            self.react(trigger, key, happening, opens, expected)
        elif trigger.threshold > 0:
            if key in self.windows and self.windows[key].end <= happening.us:
                self.decide(key)
            self.watch(trigger, key, happening, opens, expected)

    def react(
        self, trigger: EventTrigger, key: Key, happening: Happening, opens: bool, expected: bool
    ) -> None:
        us = happening.us
        if key not in self.windows:
            if trigger.after and opens:
                # What opens a window must not count itself.
                self.open(key, us).count -= expected
            elif not trigger.after:
                self.open(key, us).start -= BACK_DATED
        while expected and key in self.windows:
            window = self.windows[key]
            if us < window.start:
                return  # late, or in the quiet rest of a window that fired
            spent = self.within == 0 or us < window.end
            window.count += spent
            if window.count >= max(1, trigger.threshold):
                del self.windows[key]
                self.fire(happening.event.id, happening.position, key)
            elif us < window.end:
                return
            if trigger.after:
                self.windows.pop(key, None)
            elif self.within:
                self.open(key, max(window.end, us), seen=us)
            if spent:
                return

    def watch(
        self, trigger: EventTrigger, key: Key, happening: Happening, opens: bool, expected: bool
    ) -> None:
        us, event_id = happening.us, happening.event.id
        if expected and trigger.after and not opens:
            expires = self.world.now + max(HELD_FOR, self.within)
            self.held.setdefault(key, []).append((expires, happening))
        opened = key not in self.windows
        if opened:
            if trigger.after and not opens:
                return
            if trigger.after:
                self.open_after(key, happening)
            else:
                self.open(key, us)
        window = self.windows[key]
        # What opens a window after which something is awaited must not count itself.
        if expected and us >= window.start and not (opened and trigger.after):
            window.count, window.last = window.count + 1, event_id
        if window.count < trigger.threshold:
            return
        del self.windows[key]
        if not trigger.after:
            # Satisfied: from here on, the next silence is waited for.
            self.open(key, us).last = event_id if trigger.for_each else None
        elif opens and expected and self.open_after(key, happening).count >= trigger.threshold:
            # A heartbeat moves the deadline, unless what ends the watch has come already.
            del self.windows[key]

    def open_after(self, key: Key, happening: Happening) -> Window:
        """Open an absence at this event; what was held because it came too early counts."""
        window = self.open(key, happening.us)
        early = [
            one
            for expires, one in self.held.get(key, [])
            if expires > self.world.now and window.start <= one.us < window.end
        ]
        latest = max(early, key=lambda one: (one.us, one.position), default=happening)
        window.count, window.last = len(early), latest.event.id
        return window

    def open(self, key: Key, start: int, seen: int | None = None) -> Window:
        """`seen`: the event time at which it is opened, if that is not its start."""
        end = start + self.within
        swept = self.world.now + end - (start if seen is None else seen) + SWEEP_AFTER
        self.world.opened += 1
        due = max(end, self.world.now) if self.absence else swept
        window = Window(start, end, due, self.world.opened)
        self.windows[key] = window
        return window

    def decide(self, key: Key) -> None:
        """A window is due: an absence fires, an expired reactive one is swept."""
        window = self.windows.pop(key)
        if self.absence:
            if self.always_on:
                self.open((), window.end)
            self.fire(window.last, None, key)

    def fire(
        self,
        event_id: UUID | None,
        position: Position | None,
        key: Key,
        children: frozenset[Fired] = frozenset(),
    ) -> None:
        fired = Fired(
            self.world.now // 1000,
            self.version.version,
            self.trigger.node_id,
            event_id,
            position,
            tuple(zip(self.for_each, key, strict=True)),
            children,
        )
        if self.parent is None:
            self.world.firings.setdefault(self.version.automation_id, []).append(fired)
        else:
            self.parent.child_fired(self.parent.children.index(self), fired)

    def child_fired(self, number: int, fired: Fired) -> None:
        trigger = self.trigger
        assert isinstance(trigger, Composite)
        key = tuple(dict(fired.labels)[name] for name in self.for_each)
        require = trigger.require if isinstance(trigger, CompoundTrigger) else "all"
        needed = {"any": 1, "all": len(self.children)}.get(str(require)) or int(require)
        if needed == 1:
            self.fire(fired.event_id, fired.position, key, frozenset({fired}))
            return
        slots = self.slots.setdefault(key, {})
        if trigger.within is not None:
            oldest = fired.at_ms - trigger.within.total_seconds() * 1000
            for late in [other for other in slots if slots[other].at_ms < oldest]:
                del slots[late]
        # Slots stand in the order in which they were filled: the latest firing goes last.
        slots.pop(number, None)
        slots[number] = fired
        in_order = not isinstance(trigger, SequenceTrigger) or list(slots) == sorted(slots)
        if len(slots) >= needed and in_order:
            children = frozenset(slots.values())
            slots.clear()
            self.fire(fired.event_id, fired.position, key, children)
