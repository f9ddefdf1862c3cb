"""Compound and sequence triggers: fire from the firings of their children.

1. One needed (`any`, 1, or a single child): every firing of a child fires the whole.
2. Each child has one slot; a new firing of the same child replaces the old one.
3. Slots older than `within` are dropped. Fire times are log time; `within` 0 means the same
   millisecond.
4. A compound is ready when enough slots are filled; a sequence when all are, and the order
   of their firings is the declared one. Firings of one instant count in declaration order.
5. Ready: the slots are cleared and the whole fires with the last child's event.
6. With `for_each` (Flint's own) there is a set of slots per key.
"""

from operator import attrgetter
from typing import Any

from events_app.domain.position import Position
from triggers_app.automation.engine.keys import sorted_labels
from triggers_app.automation.engine.node import CompiledNode, ceil_ms
from triggers_app.automation.engine.outcome import (
    MAX_COUNTED,
    NEVER_US,
    RESOLVED,
    Firing,
    Slot,
    Window,
)
from triggers_app.automation.triggers import CompoundTrigger, SequenceTrigger

_child = attrgetter("child")


class CompositeNode(CompiledNode):
    __slots__ = ("children", "in_order", "labels", "needed", "within_us")

    def __init__(self, trigger: CompoundTrigger | SequenceTrigger, **place: Any) -> None:
        super().__init__(trigger, **place)
        self.children = len(trigger.triggers)
        self.in_order = isinstance(trigger, SequenceTrigger)
        self.needed = trigger.needed
        self.labels = sorted_labels(trigger.for_each)
        within = trigger.within
        self.within_us = None if within is None else round(within.total_seconds() * 1_000_000)

    def receive(self, child: int, firing: Firing) -> None:
        """A child has fired; that it has calmed down is no step."""
        if firing.state == RESOLVED:
            return
        labels = firing.labels
        key = tuple([labels.get(label, "") for label in self.labels])
        if self.needed == 1:
            self._fire(key, firing, (Slot(child, 0, firing),))  # case 1
            return
        window = self.windows.get(key)
        slots = () if window is None else self._in_time(window.slots, firing.fired_ms)
        order = slots[-1].order + 1 if slots else 1
        slots = (
            *[slot for slot in slots if slot.child != child],  # case 2
            Slot(child, order, firing),
        )
        if not self._ready(slots):
            self._keep(key, window, slots)
            return
        assert window is not None  # two slots or more: one of them was filled before
        self.drop(window)
        self._fire(key, firing, slots)

    def _in_time(self, slots: tuple[Slot, ...], fired_ms: int) -> tuple[Slot, ...]:
        """Case 3."""
        if self.within_us is None:
            return slots
        oldest_us = fired_ms * 1000 - self.within_us
        return tuple([slot for slot in slots if slot.firing.fired_ms * 1000 >= oldest_us])

    def _ready(self, slots: tuple[Slot, ...]) -> bool:
        """Case 4. The slots are in the order of their firings."""
        if self.in_order:
            return [slot.child for slot in slots] == list(range(self.children))
        return len(slots) >= self.needed

    def _keep(self, key: tuple[str, ...], window: Window | None, slots: tuple[Slot, ...]) -> None:
        first, last = slots[0].firing.fired_ms * 1000, slots[-1].firing.fired_ms * 1000
        end_us = NEVER_US if self.within_us is None else first + self.within_us
        if window is None:
            opened = slots[0].firing.position or Position(slots[0].firing.fired_ms, 0, -1)
            window = Window(
                self.automation_id, self.trigger_id, key, opened, first, end_us, NEVER_US
            )
            self.windows[key] = window
        window.start_us, window.end_us = first, end_us
        window.slots, window.count = slots, len(slots)
        if self.within_us is not None:
            window.due_us = last + self.within_us + 1000
        self.keep(window)
        self.watch(window)

    def due(self, window: Window) -> None:
        """The last slot is too old for any firing to come."""
        self.note_closed(window, "expired", ceil_ms(window.due_us))
        self.drop(window)

    def _fire(self, key: tuple[str, ...], last: Firing, slots: tuple[Slot, ...]) -> None:
        """Case 5."""
        firings = tuple([slot.firing for slot in sorted(slots, key=_child)])
        counted = tuple([one for firing in firings for one in firing.counted])
        self.send(
            Firing(
                id=self.firing_id(last.id),
                automation_id=self.automation_id,
                version=self.version,
                trigger_id=self.trigger_id,
                position=last.position,
                fired_ms=last.fired_ms,
                triggering=last.triggering,
                labels=dict(zip(self.labels, key, strict=True)) if key else {},
                counted=counted[-MAX_COUNTED:],
                counted_total=sum([firing.counted_total for firing in firings]),
                window_start_us=min([firing.fired_ms for firing in firings]) * 1000,
                window_end_us=last.fired_ms * 1000,
                child_firings=firings,
            ),
        )
