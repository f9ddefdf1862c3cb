"""An event trigger at work: what reactive and proactive ones have in common."""

from abc import ABC, abstractmethod
from typing import Protocol
from uuid import UUID, uuid5

from events_app.domain.matching import NamePatterns
from events_app.domain.position import Position
from triggers_app.domain.triggers import EventTrigger
from triggers_app.engine.fate import Fate
from triggers_app.engine.keys import Key, compile_key, sorted_labels
from triggers_app.engine.ledger import Ledger, Rank
from triggers_app.engine.moment import Moment
from triggers_app.engine.outcome import (
    MAX_COUNTED,
    NEVER_US,
    ClosedWindow,
    Counted,
    Firing,
    Triggering,
    Window,
)
from triggers_app.engine.selection import Selection

NO_EVENT = -1
_FIRINGS = UUID("6f1c5a0e-57a4-4b0e-9d3e-0c4f6b8a2d11")


class Parent(Protocol):
    """Where a firing goes: up to a composite, or out."""

    def receive(self, child: int, firing: Firing) -> None: ...


def firing_id(*, automation: UUID, version: int, node: UUID, cause: str) -> UUID:
    """The same for the same cause, so that a replay gives the same ids."""
    return uuid5(_FIRINGS, f"{automation}/{version}/{node}/{cause}")


def ceil_ms(us: int) -> int:
    return -(-us // 1000)


class Leaf(ABC):
    """Keeps the windows of one event trigger by bucketing key."""

    __slots__ = (
        "after",
        "alive",
        "automation_id",
        "changed",
        "child",
        "expect",
        "key_of",
        "labels",
        "ledger",
        "parent",
        "rank",
        "selection",
        "threshold",
        "trigger",
        "trigger_id",
        "version",
        "windows",
        "within_us",
    )

    def __init__(
        self,
        trigger: EventTrigger,
        *,
        automation_id: UUID,
        version: int,
        rank: Rank,
        parent: Parent,
        child: int,
        ledger: Ledger,
    ) -> None:
        self.trigger = trigger
        self.trigger_id = trigger.node_id
        self.automation_id = automation_id
        self.version = version
        self.rank = rank
        self.parent = parent
        self.child = child
        self.ledger = ledger
        self.alive = True
        self.selection = Selection.of(trigger)
        self.expect = NamePatterns(trigger.expect)
        self.after = NamePatterns(trigger.after) if trigger.after else None
        self.labels = sorted_labels(trigger.for_each)
        self.key_of = compile_key(self.labels)
        self.threshold = trigger.threshold
        self.within_us = round(trigger.within.total_seconds() * 1_000_000)
        self.windows: dict[Key, Window] = {}
        self.changed: dict[Key, Window | None] = {}

    @abstractmethod
    def feed(self, moment: Moment) -> Fate:
        """Evaluate an event that this trigger's selection accepts."""

    @abstractmethod
    def due(self, window: Window) -> None:
        """Log time has reached `window.due_us`."""

    @abstractmethod
    def watch(self, window: Window) -> None:
        """Put the window on the agenda that its state asks for."""

    def start(self, log_ms: int) -> None:  # noqa: B027 (most have nothing to do)
        """The automation was loaded at this log time."""

    def resume(self, window: Window) -> None:
        """Go on with a window of this very trigger: stored, or of its earlier version."""
        window.queued_us = window.sweep_queued_us = NEVER_US
        self.windows[window.key] = window
        self.watch(window)

    def new_window(self, moment: Moment, key: Key, start_us: int, end_us: int) -> Window:
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

    def keep(self, window: Window) -> None:
        """The window has changed and stays."""
        self.ledger.changed(self, window.key, window)

    def drop(self, window: Window) -> None:
        del self.windows[window.key]
        self.ledger.changed(self, window.key, None)

    def note_closed(self, window: Window, outcome: str, closed_ms: int) -> None:
        self.ledger.closed.append(
            ClosedWindow(
                self.automation_id,
                self.trigger_id,
                window.key,
                window.start_us,
                window.end_us,
                window.count,
                outcome,
                closed_ms,
                window.counted,
            )
        )

    def abandon(self, outcome: str) -> None:
        """Forget every window: the trigger is gone, changed, disabled or set aside."""
        for window in list(self.windows.values()):
            if is_worth_noting(window):
                self.note_closed(window, outcome, self.ledger.now_ms)
            self.drop(window)

    def fire(
        self,
        key: Key,
        *,
        cause: str,
        fired_ms: int,
        position: Position | None,
        triggering: Triggering | None,
        window: Window | None,
        counted: tuple[Counted, ...],
        counted_total: int,
    ) -> None:
        self.parent.receive(
            self.child,
            Firing(
                id=firing_id(
                    automation=self.automation_id,
                    version=self.version,
                    node=self.trigger_id,
                    cause=cause,
                ),
                automation_id=self.automation_id,
                version=self.version,
                trigger_id=self.trigger_id,
                position=position,
                fired_ms=fired_ms,
                triggering=triggering,
                labels=dict(zip(self.labels, key, strict=True)),
                counted=counted,
                counted_total=counted_total,
                window_start_us=None if window is None else window.start_us,
                window_end_us=None if window is None else window.end_us,
            ),
        )


def also_counted(window: Window, moment: Moment) -> tuple[Counted, ...]:
    """The latest counted events, this one last."""
    return (*window.counted[1 - MAX_COUNTED :], moment.counted)


def is_worth_noting(window: Window) -> bool:
    """Whether its end explains something: it was open, and not just the rest after a firing."""
    return window.open and not (window.quiet and not window.count)
