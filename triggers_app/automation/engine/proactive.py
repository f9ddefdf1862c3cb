"""Proactive event triggers: fire when too few expected events have come in time.

`threshold` <= 0 never fires. Windows cover event time; their deadlines are log time, as much
after the end as the event that opened or last moved the window was late (docs/semantics.md,
"Proactive").

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

With and without:
8. A follower that waits for its leader when the deadline comes is in the log: it counts, once.
9. An event past the end of a window that is not judged yet waits for the judgment, and is
   evaluated then.
"""

from abc import abstractmethod

from events_app.domain.event import Event
from events_app.domain.position import Position
from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.keys import Key
from triggers_app.automation.engine.leaf import EventLeaf, also_counted
from triggers_app.automation.engine.ledger import Agenda
from triggers_app.automation.engine.node import NO_EVENT, ceil_ms
from triggers_app.automation.engine.outcome import MAX_COUNTED, Ahead, Held, Window

HELD_US = 30 * 60 * 1_000_000
# So many of the first and of the last events past an end wait; `threshold` of each if that is more.
MAX_AHEAD = 20


class _Proactive(EventLeaf):
    __slots__ = ()

    @abstractmethod
    def satisfied(self, window: Window, moment: CurrentEvent) -> None:
        """With this event, all that was expected has come."""

    def awaits(self, event: Event) -> Key | None:
        if self.threshold <= 0 or not self.expect.match(event.event):
            return None
        return self.key_of(event)

    def agenda(self, window: Window) -> Agenda:
        return self.ledger.deadlines if window.open else self.ledger.sweeps

    def keep(self, window: Window) -> None:
        window.absence = window.open
        super().keep(window)

    def begin(self, window: Window, start_us: int, *, lag_us: int, log_us: int) -> None:
        """The window now covers `within` from `start_us`, with nothing counted."""
        window.open = True
        window.quiet = False
        window.start_us = start_us
        window.end_us = start_us + self.within_us
        window.lag_us = lag_us
        # One opened by a follower that was released too late is due at once, not in the past.
        window.due_us = max(window.end_us + lag_us, log_us)
        window.count = 0
        window.counted = ()
        self.keep(window)
        self.watch(window)

    def take(self, window: Window, moment: CurrentEvent) -> Fate:
        """Count an event that lies in the window."""
        window.count += 1
        window.counted = also_counted(window, moment)
        window.last = moment.whole
        self.keep(window)
        if window.count < self.threshold:
            return Fate.COUNTED
        self.satisfied(window, moment)
        return Fate.SATISFIED

    def count_waiting(self, window: Window) -> bool:
        """Case 8. True when that satisfied the window, which therefore does not fire."""
        moment = CurrentEvent()
        for follower in self.ledger.waiting_for(window.window_key):
            moment.set(follower.event, follower.position, ceil_ms(window.due_us))
            if window.start_us <= moment.us < window.end_us:
                follower.tell(self.trigger_id)
                if self.take(window, moment) is Fate.SATISFIED:
                    return True
        return False

    def postpone(self, window: Window, moment: CurrentEvent) -> Fate:
        """Case 9. What lies between many such events may be left out: the ends decide."""
        most = max(MAX_AHEAD, self.threshold)
        ahead = [*window.ahead, Ahead(moment.event, moment.position)]
        if len(ahead) > 2 * most:
            del ahead[most]
        window.ahead = tuple(ahead)
        self.keep(window)
        return Fate.AHEAD

    def resume_ahead(self, window: Window, log_ms: int) -> None:
        """Case 9: the window was judged, or has moved."""
        if not window.ahead:
            return
        ahead, window.ahead = window.ahead, ()
        moment = CurrentEvent()
        for one in ahead:
            moment.set(one.event, one.position, log_ms)
            self.feed(moment)

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
            self.begin(window, log_ms * 1000, lag_us=0, log_us=log_ms * 1000)

    def feed(self, moment: CurrentEvent) -> Fate:
        if self.threshold <= 0:
            return Fate.NEVER
        key = self.key_of(moment.event)
        window = self.windows.get(key)
        us = moment.us
        if window is None:
            window = self.new_window(moment, key, us, us)
            self.begin(window, us, lag_us=moment.lag_us, log_us=moment.log_us)
        if us < window.start_us:
            return Fate.LATE
        if us >= window.end_us:
            return self.postpone(window, moment)
        return self.take(window, moment)

    def satisfied(self, window: Window, moment: CurrentEvent) -> None:
        self.begin(window, moment.us, lag_us=moment.lag_us, log_us=moment.log_us)
        if not self.labels:
            window.last = None
        if window.ahead:
            self.resume_ahead(window, moment.log_ms)

    def due(self, window: Window) -> None:
        if self.count_waiting(window):
            return
        due_us = window.due_us
        self.fire_absence(window)
        if self.labels:
            self.drop(window)
        else:
            window.last = None
            self.begin(window, window.end_us, lag_us=window.lag_us, log_us=due_us)
        self.resume_ahead(window, ceil_ms(due_us))


class Watch(_Proactive):
    """Cases 3 to 7."""

    __slots__ = ()

    def feed(self, moment: CurrentEvent) -> Fate:
        if self.threshold <= 0:
            return Fate.NEVER
        assert self.after is not None
        name = moment.event.event
        key = self.key_of(moment.event)
        opens, expected = self.after.match(name), self.expect.match(name)
        window = self.windows.get(key)
        if window is None or not window.open:
            if opens:
                self._open(moment, key, window)
                return Fate.OPENED
            over = window is not None and window.quiet
            self._hold(moment, key, window)
            return Fate.OVER if over else Fate.HELD
        if expected and not opens:
            self._hold(moment, key, window)
        if moment.us >= window.end_us:
            return self.postpone(window, moment) if opens else Fate.HELD
        if not expected:
            return Fate.ALREADY_OPEN
        if moment.us < window.start_us:
            return Fate.LATE
        return self.take(window, moment)

    def due(self, window: Window) -> None:
        if not window.open:
            self.drop(window)  # the last held event is too old for any window
        elif not self.count_waiting(window):
            due_us = window.due_us
            self.fire_absence(window)
            self._close(window, due_us)
            self.resume_ahead(window, ceil_ms(due_us))

    def satisfied(self, window: Window, moment: CurrentEvent) -> None:
        assert self.after is not None
        if self.after.match(moment.event.event):
            self._begin_with_held(window, moment)  # case 5
        else:
            self._end_watch(window, moment)  # case 4
        self.resume_ahead(window, moment.log_ms)

    def _open(self, moment: CurrentEvent, key: Key, window: Window | None) -> None:
        """Case 3."""
        if window is None:
            window = self.new_window(moment, key, moment.us, moment.us)
        window.opened = moment.position
        self._begin_with_held(window, moment)

    def _begin_with_held(self, window: Window, moment: CurrentEvent) -> None:
        """Cases 3 and 5: from this event on, with what is held of that time."""
        self.begin(window, moment.us, lag_us=moment.lag_us, log_us=moment.log_us)
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

    def _end_watch(self, window: Window, moment: CurrentEvent) -> None:
        self.note_closed(window, "satisfied", moment.log_ms)
        self._close(window, moment.log_us)

    def _close(self, window: Window, log_us: int) -> None:
        """The watch is over; only held events remain, if any."""
        window.held = tuple(held for held in window.held if held.expires_us > log_us)
        if not window.held:
            self.drop(window)
            return
        window.open = False
        window.quiet = True
        window.count = 0
        window.counted = ()
        window.last = None
        window.due_us = max(held.expires_us for held in window.held)
        self.keep(window)
        self.watch(window)

    def _hold(self, moment: CurrentEvent, key: Key, window: Window | None) -> Window:
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
