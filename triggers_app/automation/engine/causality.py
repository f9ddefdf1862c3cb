"""Followers: events that say which event came before them wait until that one was seen.

1. The leader stands earlier in the log and was evaluated: so is the follower, at once.
2. The leader is unknown, or waits itself: the follower waits.
3. A leader was evaluated: its followers are, in the order in which they occurred, and then
   their followers, 20 deep; log time is that of the entry that released them.
4. After 15 minutes of log time a follower is evaluated without its leader.
5. An absence whose deadline comes counts the followers that wait, for they are in the log;
   the trigger does not look at them again when they are released.
Source: docs/semantics.md, "Order".
"""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from events_app.domain.event import Event, to_us
from events_app.domain.position import Position
from triggers_app.automation.engine.keys import Key
from triggers_app.automation.engine.ledger import Agenda, Ledger, Rank
from triggers_app.automation.engine.node import ceil_ms
from triggers_app.automation.engine.outcome import NEVER_US, Triggering, Window, WindowKey

NOBODY = UUID(int=0)
PATIENCE_US = 15 * 60 * 1_000_000
MAX_DEPTH = 20
# Whoever makes up leaders must not fill the memory: beyond this, followers do not wait.
MAX_WAITING = 10_000

# Of an event, its position, the log time, and the triggers that are not to look at it.
Evaluate = Callable[[Event, Position, int, Sequence[UUID]], None]
# The windows of absences that an event would be counted in.
Places = Callable[[Event], Iterable[WindowKey]]


class Followers:
    """The events that wait, stored like windows of an automation that nobody has."""

    rank: Rank = (-1, 0)
    alive = True
    automation_id = NOBODY
    trigger_id = NOBODY

    def __init__(self, ledger: Ledger, evaluate: Evaluate, places: Places) -> None:
        self.ledger = ledger
        self.evaluate = evaluate
        self.places = places
        ledger.waiting_for = self.waiting_for
        self.windows: dict[tuple[str, ...], Window] = {}
        self.changed: dict[tuple[str, ...], Window | None] = {}
        self._waiting_for: dict[UUID, list[Window]] = {}
        self._ids: set[UUID] = set()
        # Case 5: found when a deadline asks, for few followers ever wait through one.
        self._by_place: dict[WindowKey, dict[Key, Window]] | None = None

    def must_wait(self, event: Event, *, leader_known: bool) -> bool:
        """Cases 1 and 2."""
        leader = event.follows
        if leader is None or leader == event.id:
            return False
        if leader_known and leader not in self._ids:
            return False
        return len(self.windows) < MAX_WAITING

    def wait(self, event: Event, position: Position) -> None:
        due_us = position.ms * 1000 + PATIENCE_US
        window = Window(NOBODY, NOBODY, _key(position), position, 0, 0, due_us, open=False)
        window.last = Triggering(event, position.ms)
        self.resume(window)
        self.ledger.changed(self, window.key, window)

    def resume(self, window: Window) -> None:
        window.queued_us = NEVER_US
        event = _event(window)
        self.windows[window.key] = window
        self._ids.add(event.id)
        assert event.follows is not None
        self._waiting_for.setdefault(event.follows, []).append(window)
        self.ledger.deadlines.add(self, window)
        if self._by_place is not None:
            self._place(window, self._by_place)

    def agenda(self, window: Window) -> Agenda:
        return self.ledger.deadlines

    def due(self, window: Window) -> None:
        """Case 4."""
        self._release(window, ceil_ms(window.due_us), 0)

    def leader_seen(self, leader: UUID, log_ms: int, depth: int = 1) -> None:
        """Case 3."""
        if leader not in self._waiting_for or depth > MAX_DEPTH:
            return
        followers = sorted(self._waiting_for[leader], key=_by_occurrence)
        for window in followers:
            # Ids made up to go in circles may have released it already.
            if self.windows.get(window.key) is window:
                self._release(window, log_ms, depth)

    def waiting_for(self, place: WindowKey) -> Sequence["Follower"]:
        """Case 5: those that a window would count and has not, by event time."""
        if not self.windows:
            return ()
        if self._by_place is None:
            self._by_place = {}
            for window in self.windows.values():
                self._place(window, self._by_place)
        waiting = self._by_place.get(place, {}).values()
        followers = [
            Follower(self, one) for one in waiting if place.trigger_id not in one.counted_by
        ]
        return sorted(followers, key=lambda one: (one.us, one.position))

    def clear_places(self) -> None:
        """Other triggers are at work now."""
        self._by_place = None

    def _place(self, window: Window, by_place: dict[WindowKey, dict[Key, Window]]) -> None:
        for place in self.places(_event(window)):
            by_place.setdefault(place, {})[window.key] = window

    def _displace(self, window: Window, by_place: dict[WindowKey, dict[Key, Window]]) -> None:
        for place in self.places(_event(window)):
            waiting = by_place[place]
            del waiting[window.key]
            if not waiting:
                del by_place[place]

    def _release(self, window: Window, log_ms: int, depth: int) -> None:
        event = _event(window)
        del self.windows[window.key]
        self.ledger.changed(self, window.key, None)
        if self._by_place is not None:
            self._displace(window, self._by_place)
        self._ids.discard(event.id)
        assert event.follows is not None
        beside = self._waiting_for[event.follows]
        beside.remove(window)
        if not beside:
            del self._waiting_for[event.follows]
        self.evaluate(event, window.opened, log_ms, window.counted_by)
        self.leader_seen(event.id, log_ms, depth + 1)


class Follower:
    """Case 5: what a trigger sees of a follower that waits."""

    __slots__ = ("_followers", "_window", "event", "position", "us")

    def __init__(self, followers: Followers, window: Window) -> None:
        self._followers = followers
        self._window = window
        self.event = _event(window)
        self.position = window.opened
        self.us = min(to_us(self.event.occurred), self.position.ms * 1000)

    def tell(self, trigger_id: UUID) -> None:
        window = self._window
        window.counted_by = (*window.counted_by, trigger_id)
        self._followers.ledger.changed(self._followers, window.key, window)


def _key(position: Position) -> tuple[str, ...]:
    """Sorts as the position does: what is given up at one instant goes by position."""
    return tuple(f"{number:020}" for number in position)


def _event(window: Window) -> Event:
    assert window.last is not None
    return window.last.event


def _by_occurrence(window: Window) -> tuple[object, Position]:
    return _event(window).occurred, window.opened
