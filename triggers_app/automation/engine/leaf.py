"""The triggers of a tree that look at events themselves."""

from abc import abstractmethod
from typing import Any

from events_app.domain.causes import causes_in
from events_app.domain.event import Event
from events_app.domain.matching import NamePatterns
from events_app.domain.position import Position
from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.keys import Key, compile_key, sorted_labels
from triggers_app.automation.engine.node import CompiledNode
from triggers_app.automation.engine.outcome import (
    MAX_COUNTED,
    Counted,
    Firing,
    Triggering,
    Window,
)
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.triggers import EventTrigger, MetricTrigger


class Leaf(CompiledNode):
    """A trigger without children: it evaluates the events that its selection accepts."""

    __slots__ = ("_itself", "guarded", "selection")

    def __init__(self, trigger: EventTrigger | MetricTrigger, **place: Any) -> None:
        super().__init__(trigger, **place)
        self.selection = Selection.of(trigger)
        self.guarded = False
        self._itself = str(self.automation_id)

    @abstractmethod
    def feed(self, moment: CurrentEvent) -> Fate:
        """Evaluate an event that this trigger's selection accepts."""

    def caused(self, event: Event) -> bool:
        """Whether the event's causal chain contains this automation."""
        return self._itself in causes_in(event.resource)

    def awaits(self, event: Event) -> Key | None:
        """The key of the absence that would count the event; None: there is none."""
        return None

    def new_window(self, moment: CurrentEvent, key: Key, start_us: int, end_us: int) -> Window:
        window = Window(
            self.automation_id,
            self.trigger_id,
            key,
            moment.position,
            start_us,
            end_us,
            end_us,
        )
        self.windows[key] = window
        return window


class EventLeaf(Leaf):
    """An event trigger at work: what reactive and proactive ones have in common."""

    __slots__ = ("after", "expect", "key_of", "labels", "threshold", "within_us")

    def __init__(self, trigger: EventTrigger, **place: Any) -> None:
        super().__init__(trigger, **place)
        self.expect = NamePatterns(trigger.expect)
        self.after = NamePatterns(trigger.after) if trigger.after else None
        self.labels = sorted_labels(trigger.for_each)
        self.key_of = compile_key(self.labels)
        self.threshold = trigger.threshold
        self.within_us = round(trigger.within.total_seconds() * 1_000_000)

    def fire(
        self,
        key: Key,
        *,
        cause: object,
        fired_ms: int,
        position: Position | None,
        triggering: Triggering | None,
        window: Window | None,
        counted: tuple[Counted, ...],
        counted_total: int,
    ) -> None:
        self.send(
            Firing(
                id=self.firing_id(cause),
                automation_id=self.automation_id,
                version=self.version,
                trigger_id=self.trigger_id,
                position=position,
                fired_ms=fired_ms,
                triggering=triggering,
                labels=dict(zip(self.labels, key, strict=True)) if key else {},
                counted=counted,
                counted_total=counted_total,
                window_start_us=None if window is None else window.start_us,
                window_end_us=None if window is None else window.end_us,
            ),
        )


def also_counted(window: Window, moment: CurrentEvent) -> tuple[Counted, ...]:
    """The latest counted events, this one last."""
    return (*window.counted[1 - MAX_COUNTED :], moment.counted)
