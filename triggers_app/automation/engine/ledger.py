"""What changes while the engine works, and what it will have to look at later."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Protocol
from uuid import UUID

from events_app.domain.event import Event
from events_app.domain.position import Position
from triggers_app.automation.engine.outcome import (
    NEVER_US,
    ClosedWindow,
    Firing,
    Outcome,
    Window,
    WindowKey,
)
from triggers_app.automation.engine.snoozing import Snoozes

Rank = tuple[int, int]


class WaitingFollower(Protocol):
    """A follower that waits for its leader."""

    event: Event
    position: Position

    def tell(self, trigger_id: UUID) -> None:
        """The trigger has counted it, and will not look at it again."""


class Keeper(Protocol):
    """A trigger at work: whoever keeps windows."""

    rank: Rank
    alive: bool
    automation_id: UUID
    trigger_id: UUID
    windows: dict[tuple[str, ...], Window]
    changed: dict[tuple[str, ...], Window | None]

    def agenda(self, window: Window) -> "Agenda":
        """The agenda that the window's state asks for."""

    def due(self, window: Window) -> None:
        """The log time `window.due_us` has come."""


# Due time, then rank and key: the order does not depend on what was restored when.
_Item = tuple[int, Rank, tuple[str, ...], int, Keeper, Window]


class Agenda:
    """Windows by the log time at which they are due; later changes of it are found lazily."""

    def __init__(self, attribute: str) -> None:
        self._heap: list[_Item] = []
        self._attribute = attribute
        self._serial = 0

    def add(self, keeper: Keeper, window: Window) -> None:
        """Look at the window at its `due_us`; costs nothing if that is planned no later."""
        if window.due_us >= getattr(window, self._attribute):
            return
        self._serial += 1
        setattr(window, self._attribute, window.due_us)
        item = (window.due_us, keeper.rank, window.key, self._serial, keeper, window)
        heappush(self._heap, item)

    @property
    def from_us(self) -> int:
        """No window is due before: changes only make later what was added."""
        return self._heap[0][0] if self._heap else NEVER_US

    @property
    def next_us(self) -> int | None:
        """The earliest due time; clears away what is no longer due then."""
        while self._heap:
            due_us, _, key, _, keeper, window = self._heap[0]
            current = keeper.alive and keeper.windows.get(key) is window
            mine = current and keeper.agenda(window) is self
            if mine and window.due_us == due_us:
                return due_us
            heappop(self._heap)
            if current and getattr(window, self._attribute) == due_us:
                setattr(window, self._attribute, NEVER_US)
                if mine:
                    self.add(keeper, window)
        return None

    def pop(self) -> tuple[Keeper, Window]:
        """The window that `next_us` told of."""
        *_, keeper, window = heappop(self._heap)
        setattr(window, self._attribute, NEVER_US)
        return keeper, window


class Ledger:
    """One evaluator's books: the latest log time, changes since the last take, agendas.

    Who needs less of a fold than what changed keeps books of its own, and costs less.
    """

    # Whether firings get ids; without, all have the same.
    names_firings = True

    def __init__(self) -> None:
        self.now_us = 0
        self.deadlines = Agenda("queued_us")
        self.sweeps = Agenda("sweep_queued_us")
        self.snoozes = Snoozes()
        self.firings: list[Firing] = []
        self.closed: list[ClosedWindow] = []
        self.raised: dict[UUID, str] = {}
        # The followers that an absence would count if they did not wait for their leaders.
        self.waiting_for: Callable[[WindowKey], Sequence[WaitingFollower]] = lambda _: ()
        # Sees the firings of every trigger, also of those below others.
        self.witness: Callable[[Keeper, Firing], None] | None = None
        self._changed: dict[int, Keeper] = {}

    @property
    def now_ms(self) -> int:
        return self.now_us // 1000

    def fire(self, firing: Firing) -> None:
        """Note the firing of a whole automation."""
        self.firings.append(firing)

    def notes_closed(self, outcome: str) -> bool:
        """Whether it is to be told of windows that end so."""
        return True

    def close(self, window: ClosedWindow) -> None:
        """Note how a window ended."""
        self.closed.append(window)

    def changed(self, keeper: Keeper, key: tuple[str, ...], window: Window | None) -> None:
        """Note the window as it now stands; None: it is gone."""
        keeper.changed[key] = window
        self._changed[id(keeper)] = keeper

    def adopt(self, keeper: Keeper) -> None:
        """The keeper comes with changes that another one noted."""
        self._changed[id(keeper)] = keeper

    def run(self, until_us: int, on_error: Callable[[UUID, Exception], None]) -> None:
        """Decide and sweep what is due until then, in order of time."""
        # Most steps of log time decide nothing, which the two beginnings tell without a search.
        if self.sweeps.from_us <= until_us or self.deadlines.from_us <= until_us:
            while (agenda := self._next_agenda(until_us)) is not None:
                keeper, window = agenda.pop()
                try:
                    keeper.due(window)
                except Exception as error:
                    on_error(keeper.automation_id, error)
        self.now_us = max(self.now_us, until_us)

    def _next_agenda(self, until_us: int) -> Agenda | None:
        # What is swept at an instant is gone for what is decided at it: entries, too, find
        # everything swept that was due at their log time.
        sweep_us, deadline_us = self.sweeps.next_us, self.deadlines.next_us
        if sweep_us is not None and sweep_us <= until_us:
            if deadline_us is None or sweep_us <= deadline_us:
                return self.sweeps
        elif deadline_us is None or deadline_us > until_us:
            return None
        return self.deadlines

    def take(self) -> Outcome:
        outcome = Outcome(firings=self.firings, closed=self.closed, raised=self.raised)
        self.firings, self.closed, self.raised = [], [], {}
        for keeper in self._changed.values():
            for key, window in keeper.changed.items():
                if window is None:
                    gone = WindowKey(keeper.automation_id, keeper.trigger_id, key)
                    outcome.deleted.append(gone)
                else:
                    outcome.windows.append(window)
            keeper.changed.clear()
        self._changed.clear()
        return outcome
