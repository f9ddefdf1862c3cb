"""A trigger of the tree at work: the keeper of its windows."""

import hashlib
from abc import ABC, abstractmethod
from typing import Protocol
from uuid import UUID

from triggers_app.automation.engine.keys import Key
from triggers_app.automation.engine.ledger import Agenda, Ledger, Rank
from triggers_app.automation.engine.outcome import (
    MAX_COUNTED,
    NEVER_US,
    ClosedWindow,
    Counted,
    Firing,
    Window,
)
from triggers_app.automation.triggers import Trigger

NO_EVENT = -1
_FIRINGS = UUID("6f1c5a0e-57a4-4b0e-9d3e-0c4f6b8a2d11")
_UNNAMED = UUID(int=0)


class Parent(Protocol):
    """Where a firing goes: up to a composite, or out."""

    def receive(self, child: int, firing: Firing) -> None: ...


class CompiledNode(ABC):
    """Keeps the windows of one trigger by bucketing key.

    `rank` is its place among all triggers: the order in which they see an event and in
    which simultaneous deadlines are decided. `child` is its place below its parent.
    """

    __slots__ = (
        "_id_hash",
        "alive",
        "automation_id",
        "changed",
        "child",
        "ledger",
        "parent",
        "rank",
        "trigger",
        "trigger_id",
        "version",
        "windows",
    )

    def __init__(
        self,
        trigger: Trigger,
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
        self.windows: dict[Key, Window] = {}
        self.changed: dict[Key, Window | None] = {}
        beginning = f"{automation_id}/{version}/{self.trigger_id}/".encode()
        self._id_hash = hashlib.sha1(_FIRINGS.bytes + beginning, usedforsecurity=False)

    @abstractmethod
    def due(self, window: Window) -> None:
        """Log time has reached `window.due_us`."""

    def agenda(self, window: Window) -> Agenda:
        """Where the window is looked at: a sweep, unless a deadline decides something."""
        return self.ledger.sweeps

    def watch(self, window: Window) -> None:
        """Have the window looked at when it is due."""
        self.agenda(window).add(self, window)

    def start(self, log_ms: int) -> None:  # noqa: B027 (most have nothing to do)
        """The automation was loaded at this log time."""

    def resume(self, window: Window) -> None:
        """Go on with a window of this very trigger: stored, or of its earlier version."""
        window.queued_us = window.sweep_queued_us = NEVER_US
        self.windows[window.key] = window
        self.watch(window)

    def keep(self, window: Window) -> None:
        """The window has changed and stays."""
        self.ledger.changed(self, window.key, window)

    def drop(self, window: Window) -> None:
        del self.windows[window.key]
        self.ledger.changed(self, window.key, None)

    def note_closed(self, window: Window, outcome: str, closed_ms: int) -> None:
        if not self.ledger.notes_closed(outcome):
            return
        self.ledger.close(
            ClosedWindow(
                self.automation_id,
                self.trigger_id,
                window.key,
                window.start_us,
                window.end_us,
                window.count,
                outcome,
                closed_ms,
                counted_in(window),
                tuple(slot.child for slot in window.slots),
            )
        )

    def abandon(self, outcome: str) -> None:
        """Forget every window: the trigger is gone, changed, disabled or set aside."""
        for window in list(self.windows.values()):
            if is_worth_noting(window):
                self.note_closed(window, outcome, self.ledger.now_ms)
            self.drop(window)

    def send(self, firing: Firing) -> None:
        """Hand a firing to the parent, and to a witness if one looks on."""
        if self.ledger.witness is not None:
            self.ledger.witness(self, firing)
        self.parent.receive(self.child, firing)

    def firing_id(self, cause: object) -> UUID:
        """The same for the same cause, so that a replay gives the same ids."""
        if not self.ledger.names_firings:
            return _UNNAMED
        # uuid5, whose beginning is the same for all of this trigger.
        digest = self._id_hash.copy()
        digest.update(str(cause).encode())
        return UUID(bytes=digest.digest()[:16], version=5)


def counted_in(window: Window) -> tuple[Counted, ...]:
    """The latest events that it counted; of a composite those that its parts counted."""
    if not window.slots:
        return window.counted
    return tuple(one for slot in window.slots for one in slot.firing.counted)[-MAX_COUNTED:]


def ceil_ms(us: int) -> int:
    return -(-us // 1000)


def is_worth_noting(window: Window) -> bool:
    """Whether its end explains something: it was open, and not just the rest after a firing."""
    return window.open and not (window.quiet and not window.count)
