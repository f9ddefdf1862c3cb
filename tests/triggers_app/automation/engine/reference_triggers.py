"""What one trigger does with the events and firings that it is shown; see `reference`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from events_app.domain.causes import causes_in
from events_app.domain.event import Event
from events_app.domain.position import Position
from tests.triggers_app.automation.engine.reference_matching import covers, label_of, matches_any
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.triggers import (
    Composite,
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    Posture,
    SequenceTrigger,
    Trigger,
)

SECOND = 1_000_000
BACK_DATED = 15 * 60 * SECOND
SWEEP_AFTER = 60 * SECOND
HELD_FOR = 30 * 60 * SECOND

Key = tuple[str, ...]


@dataclass(frozen=True)
class Happening:
    """An event as it is evaluated: when it counts, and where it stands in the log."""

    event: Event
    us: int
    position: Position

    @property
    def lag(self) -> int:
        """How late it came into the log."""
        return self.position.ms * 1000 - self.us


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
    lag: int = 0
    count: int = 0
    last: UUID | None = None
    ahead: list[Happening] = field(default_factory=list)


class World:
    """What all triggers share: log time in microseconds, and the list of what fired."""

    def __init__(self) -> None:
        self.now = 0
        # Of each parked follower, by its position, the triggers that have counted it.
        self.told: dict[Position, set[UUID]] = {}
        self.firings: dict[UUID, list[Fired]] = {}

    def waiting(self) -> list[Happening]:
        """The parked followers, the earliest first."""
        raise NotImplementedError


class Node:
    """One trigger of a tree, and what is remembered of it."""

    def __init__(
        self, world: World, version: Version, trigger: Trigger, parent: "Node | None" = None
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
        opens, expected = self.wants(trigger, event)
        if not (opens or expected) or self.has_caused(event):
            return
        key = tuple(label_of(event, name) for name in self.for_each)
        if not self.absence:
            self.react(trigger, key, happening, opens, expected)
        elif trigger.threshold > 0:
            self.watch(trigger, key, happening, opens, expected)

    def has_caused(self, event: Event) -> bool:
        itself = str(self.version.automation_id)
        return self.version.guarded and itself in causes_in(event.resource)

    def wants(self, trigger: EventTrigger, event: Event) -> tuple[bool, bool]:
        opens = matches_any(trigger.after, event.event)
        return opens, not trigger.expect or matches_any(trigger.expect, event.event)

    def react(
        self, trigger: EventTrigger, key: Key, happening: Happening, opens: bool, expected: bool
    ) -> None:
        us = happening.us
        if opens and expected and trigger.threshold <= 0:
            if key in self.windows and us < self.windows[key].start:
                return
            self.windows.pop(key, None)
            self.fire(happening.event.id, happening.position, key)
            return
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
                self.open(key, us, lag=happening.lag)
        window = self.windows[key]
        if us >= window.end:
            if opens or not trigger.after:
                window.ahead.append(happening)
                most = max(20, trigger.threshold)
                window.ahead[most:-most] = []
            return
        # What opens a window after which something is awaited must not count itself.
        if expected and us >= window.start and not (opened and trigger.after):
            window.count, window.last = window.count + 1, event_id
        if window.count >= trigger.threshold:
            self.satisfy(trigger, key, happening, heartbeat=opens and expected)

    def satisfy(
        self, trigger: EventTrigger, key: Key, happening: Happening, *, heartbeat: bool
    ) -> None:
        former = self.windows.pop(key)
        if not trigger.after:
            # Satisfied: from here on, the next silence is waited for.
            window = self.open(key, happening.us, lag=happening.lag)
            window.last = happening.event.id if trigger.for_each else None
        elif heartbeat and self.open_after(key, happening).count >= trigger.threshold:
            # A heartbeat moves the deadline, unless what ends the watch has come already.
            del self.windows[key]
        for late in former.ahead:
            self.feed(late)

    def count_parked(self, trigger: EventTrigger, key: Key) -> bool:
        """Whether the followers that wait satisfy the absence that is decided now."""
        window = self.windows[key]
        for parked in self.world.waiting():
            told = self.world.told[parked.position]
            opens, expected = self.wants(trigger, parked.event)
            wanted = expected and covers(trigger, parked.event)
            if not wanted or trigger.node_id in told or self.has_caused(parked.event):
                continue
            inside = window.start <= parked.us < window.end
            if inside and key == tuple(label_of(parked.event, name) for name in self.for_each):
                told.add(trigger.node_id)
                window.count, window.last = window.count + 1, parked.event.id
                if window.count >= trigger.threshold:
                    self.satisfy(trigger, key, parked, heartbeat=opens)
                    return True
        return False

    def open_after(self, key: Key, happening: Happening) -> Window:
        """Open an absence at this event; what was held because it came too early counts."""
        window = self.open(key, happening.us, lag=happening.lag)
        early = [
            one
            for expires, one in self.held.get(key, [])
            if expires > self.world.now and window.start <= one.us < window.end
        ]
        latest = max(early, key=lambda one: (one.us, one.position), default=happening)
        window.count, window.last = len(early), latest.event.id
        return window

    def open(self, key: Key, start: int, seen: int | None = None, lag: int = 0) -> Window:
        """`seen`: the event time at which it is opened, if that is not its start."""
        end = start + self.within
        swept = self.world.now + end - (start if seen is None else seen) + SWEEP_AFTER
        due = max(end + lag, self.world.now) if self.absence else swept
        window = self.windows[key] = Window(start, end, due, lag)
        return window

    def decide(self, key: Key) -> None:
        """A window is due: an absence fires, an expired reactive one is swept."""
        if not self.absence:
            del self.windows[key]
            return
        assert isinstance(self.trigger, EventTrigger)
        if self.count_parked(self.trigger, key):
            return
        window = self.windows.pop(key)
        if self.always_on:
            self.open((), window.end, lag=window.lag)
        self.fire(window.last, None, key)
        for late in window.ahead:
            self.feed(late)

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
