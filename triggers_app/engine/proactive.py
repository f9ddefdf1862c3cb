"""Proactive event triggers: fire when too few expected events have come in time.

Deadlines are log time (docs/semantics.md, "Proactive"); `threshold` <= 0 never fires.

Without `after` (class Silence):
1. No `for_each`: a window opens when the automation is loaded. Satisfied, the next one
   begins with the satisfying event, which does not count in it; unsatisfied, it fires at
   its end and the next one begins there.
2. `for_each`: a key is watched from its first expected event, which counts. Satisfied, as
   above; unsatisfied, it fires once and the key's next event arms it again.

With `after` (class Watch), with or without `for_each`:
3. `after` opens a window and does not count itself; an open one is left alone.
4. Satisfied by an event that matches only `expect`: the watch is over.
5. Satisfied by an event that matches both (a heartbeat): the deadline moves.
6. Expected events are held, so that they count in a window that opens later around them.
7. Unsatisfied: it fires at its end with the last event, and waits for the next `after`.
"""

from events_app.domain.position import Position
from triggers_app.engine.fate import Fate
from triggers_app.engine.keys import Key
from triggers_app.engine.leaf import EventLeaf, also_counted
from triggers_app.engine.ledger import Agenda
from triggers_app.engine.moment import Moment
from triggers_app.engine.node import NO_EVENT, ceil_ms
from triggers_app.engine.outcome import MAX_COUNTED, Held, Window

HELD_US = 30 * 60 * 1_000_000


class _Proactive(EventLeaf):
    __slots__ = ()

    def agenda(self, window: Window) -> Agenda:
        return self.ledger.deadlines if window.open else self.ledger.sweeps

    def begin(self, window: Window, start_us: int, log_us: int) -> None:
        """The window now covers `within` from `start_us`, with nothing counted."""
        window.open = True
        window.start_us = start_us
        window.end_us = start_us + self.within_us
        # A window that opens after its own end is due at once, and not in the past.
        window.due_us = max(window.end_us, log_us)
        window.count = 0
        window.counted = ()
        self.keep(window)
        self.watch(window)

    def count(self, window: Window, moment: Moment) -> None:
        window.count += 1
        window.counted = also_counted(window, moment)
        window.last = moment.whole
        self.keep(window)

    def fire_absence(self, window: Window) -> None:
        fired_ms = ceil_ms(window.due_us)
        self.note_closed(window, "fired", fired_ms)
        self.fire(
            window.key,
            cause=f"{window.end_us}/{window.opened}/{window.key!r}",
            fired_ms=fired_ms,
            position=None,
            triggering=window.last,
            window=window,
            counted=window.counted,
            counted_total=window.count,
        )


class Silence(_Proactive):
    """Cases 1 and 2."""

    __slots__ = ()

    def start(self, log_ms: int) -> None:
        if not self.labels and self.threshold > 0 and () not in self.windows:
            at = Position(log_ms, 0, NO_EVENT)
            window = Window(self.automation_id, self.trigger_id, (), at, 0, 0, 0)
            self.windows[()] = window
            self.begin(window, log_ms * 1000, log_ms * 1000)

    def feed(self, moment: Moment) -> Fate:
        if self.threshold <= 0:
            return Fate.NEVER
        key = self.key_of(moment.event)
        window = self.windows.get(key)
        if window is not None and moment.us >= window.end_us:
            # Opened after its own end, by an event of this same entry.
            self.due(window)
            window = self.windows.get(key)
        if window is None:
            window = self.new_window(moment, key, moment.us, moment.us)
            self.begin(window, moment.us, moment.log_us)
        if moment.us < window.start_us:
            return Fate.LATE
        self.count(window, moment)
        if window.count < self.threshold:
            return Fate.COUNTED
        self.begin(window, moment.us, moment.log_us)
        if not self.labels:
            window.last = None
        return Fate.SATISFIED

    def due(self, window: Window) -> None:
        self.fire_absence(window)
        if self.labels:
            self.drop(window)
        else:
            window.last = None
            self.begin(window, window.end_us, window.due_us)


class Watch(_Proactive):
    """Cases 3 to 7."""

    __slots__ = ()

    def feed(self, moment: Moment) -> Fate:
        if self.threshold <= 0:
            return Fate.NEVER
        assert self.after is not None
        name = moment.event.event
        key = self.key_of(moment.event)
        opens, expected = self.after.match(name), self.expect.match(name)
        window = self.windows.get(key)
        if window is not None and window.open and moment.us >= window.end_us:
            # Opened after its own end, by an event of this same entry.
            self.due(window)
            window = self.windows.get(key)
        if expected and not opens:
            window = self._hold(moment, key, window)
        if window is None or not window.open:
            if not opens:
                return Fate.HELD
            self._open(moment, key, window)
            return Fate.OPENED
        if not expected:
            return Fate.ALREADY_OPEN
        if moment.us < window.start_us:
            return Fate.LATE
        self.count(window, moment)
        if window.count < self.threshold:
            return Fate.COUNTED
        self._satisfied(window, moment, heartbeat=opens)
        return Fate.SATISFIED

    def due(self, window: Window) -> None:
        if window.open:
            self.fire_absence(window)
            self._close(window, window.due_us)
        else:
            self.drop(window)  # the last held event is too old for any window

    def _open(self, moment: Moment, key: Key, window: Window | None) -> None:
        """Case 3."""
        if window is None:
            window = self.new_window(moment, key, moment.us, moment.us)
        window.opened = moment.position
        self._begin_with_held(window, moment)

    def _begin_with_held(self, window: Window, moment: Moment) -> None:
        """Cases 3 and 5: from this event on, with what is held of that time."""
        self.begin(window, moment.us, moment.log_us)
        window.last = moment.whole
        inside = [
            held
            for held in window.held
            if window.start_us <= held.us < window.end_us and held.expires_us > moment.log_us
        ]
        window.count = len(inside)
        window.counted = tuple(held.counted for held in inside[-MAX_COUNTED:])
        if inside and inside[-1].whole is not None:
            window.last = inside[-1].whole
        if window.count >= self.threshold:
            self._end_watch(window, moment)

    def _satisfied(self, window: Window, moment: Moment, *, heartbeat: bool) -> None:
        if heartbeat:
            self._begin_with_held(window, moment)  # case 5
        else:
            self._end_watch(window, moment)  # case 4

    def _end_watch(self, window: Window, moment: Moment) -> None:
        self.note_closed(window, "satisfied", moment.log_ms)
        self._close(window, moment.log_us)

    def _close(self, window: Window, log_us: int) -> None:
        """The watch is over; only held events remain, if any."""
        window.held = tuple(held for held in window.held if held.expires_us > log_us)
        if not window.held:
            self.drop(window)
            return
        window.open = False
        window.count = 0
        window.counted = ()
        window.last = None
        window.due_us = max(held.expires_us for held in window.held)
        self.keep(window)
        self.watch(window)

    def _hold(self, moment: Moment, key: Key, window: Window | None) -> Window:
        """Case 6. What is kept decides any window: see `thinned`."""
        held = Held(
            moment.us,
            moment.counted,
            moment.log_us + max(HELD_US, self.within_us),
            # With a threshold of 1 a window that a held event falls into never fires.
            moment.whole if self.threshold > 1 else None,
        )
        if window is None:
            window = self.new_window(moment, key, moment.us, moment.us)
            window.open = False
        kept = [old for old in window.held if old.expires_us > moment.log_us]
        window.held = thinned([*kept, held], self.threshold, self.within_us)
        if not window.open:
            window.due_us = max(old.expires_us for old in window.held)
            self.watch(window)
        self.keep(window)
        return window


def thinned(held: list[Held], threshold: int, within_us: int) -> tuple[Held, ...]:
    """The first and the last `threshold` of each slot of `within`, in event time order.

    A window overlaps at most two slots: the end of one and the beginning of the next. So
    whether it holds `threshold` events is told as well by what is left as by all of them.
    """
    slots: dict[int, list[Held]] = {}
    for one in sorted(held, key=lambda one: (one.us, one.counted.position)):
        slots.setdefault(one.us // within_us, []).append(one)
    kept: list[Held] = []
    for slot in slots.values():
        if len(slot) <= 2 * threshold:
            kept += slot
        else:
            kept += slot[:threshold] + slot[-threshold:]
    return tuple(kept)
