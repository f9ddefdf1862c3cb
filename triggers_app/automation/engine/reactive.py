"""Reactive event triggers: fire when enough expected events have come.

Cases (docs/semantics.md, "Reactive"):
1. Threshold 1, no window, no `after`: every event fires; nothing is remembered.
2. `after`: an event that matches it opens a window; an open one is left alone. With a
   threshold below 1, one that is expected too fires by itself.
3. No `after`: the first expected event opens the window, back-dated by 15 minutes so that
   older events which arrive out of order count in it too.
4. Too early for the window: late, or in the quiet rest of a firing's window.
5. In the window (or no window length): counted; fires when the threshold is reached.
6. After a firing the next window begins where this one ends.
7. After the end: too few came. The event opens the next window, unless `after` has to.
"""

from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.keys import Key
from triggers_app.automation.engine.leaf import EventLeaf, also_counted
from triggers_app.automation.engine.node import ceil_ms, is_worth_noting
from triggers_app.automation.engine.outcome import Window

BACKDATED_US = 15 * 60 * 1_000_000
# How long an expired window is kept after its end, in log time.
RETENTION_US = 60 * 1_000_000


class Counting(EventLeaf):
    """Cases 2 to 7."""

    __slots__ = ()

    def feed(self, moment: CurrentEvent) -> Fate:
        event = moment.event
        key = self.key_of(event)
        window = self.windows.get(key)
        expected = self.expect.match(event.event)
        if self.after is not None and self.after.match(event.event):
            if expected and self.threshold <= 0 and self._over(window, moment):
                return self._fire_alone(moment, key)
            if window is None:  # case 2
                return self._opened(self._open(moment, key, moment.us), expected)
            if not expected:
                return Fate.ALREADY_OPEN
        if window is None:
            if self.after is not None:
                return Fate.BEFORE_AFTER
            window = self._open(moment, key, moment.us - BACKDATED_US)  # case 3
        return self._evaluate(window, moment)

    def _over(self, window: Window | None, moment: CurrentEvent) -> bool:
        """Whether there is no window for the event; removes one that has ended."""
        if window is None:
            return True
        if not self.within_us or moment.us < window.end_us:
            return False
        self._expire(window, moment.log_ms)
        return True

    def _fire_alone(self, moment: CurrentEvent, key: Key) -> Fate:
        position = moment.position
        self.fire(
            key,
            cause=position,
            fired_ms=moment.log_ms,
            position=position,
            triggering=moment.whole,
            window=None,
            counted=(moment.counted,),
            counted_total=1,
        )
        return Fate.FIRED

    def _opened(self, window: Window, expected: bool) -> Fate:
        """An opener never counts itself; without a window length it even closes what it opened."""
        if expected and not self.within_us:
            self.drop(window)
        return Fate.OPENED

    def _evaluate(self, window: Window, moment: CurrentEvent) -> Fate:
        now_us = moment.us
        if now_us < window.start_us:  # case 4
            in_rest = window.quiet and now_us >= window.start_us - self.within_us
            return Fate.QUIET if in_rest else Fate.LATE
        if now_us < window.end_us or not self.within_us:
            return self._count(window, moment)
        self._expire(window, moment.log_ms)  # case 7
        if self.after is not None:
            return Fate.BEFORE_AFTER
        return self._count(self._open(moment, window.key, now_us), moment)

    def _count(self, window: Window, moment: CurrentEvent) -> Fate:
        """Case 5."""
        window.count += 1
        window.counted = also_counted(window, moment)
        if window.count >= self.threshold:
            self._fire(window, moment)
            return Fate.FIRED
        if self.after is not None and not self.within_us:
            self._expire(window, moment.log_ms)
        else:
            self.keep(window)
        return Fate.COUNTED

    def _fire(self, window: Window, moment: CurrentEvent) -> None:
        position = moment.position
        self.note_closed(window, "fired", moment.log_ms)
        self.drop(window)
        if self.after is None and self.within_us:  # case 6
            following = self._open(moment, window.key, window.end_us)
            following.quiet = True
        self.fire(
            window.key,
            cause=position,
            fired_ms=moment.log_ms,
            position=position,
            triggering=moment.whole,
            window=window,
            counted=window.counted,
            counted_total=window.count,
        )

    def _open(self, moment: CurrentEvent, key: Key, start_us: int) -> Window:
        # Case 3 back-dates the start only: the window still ends `within` after the event.
        end_us = max(start_us, moment.us) + self.within_us
        window = self.new_window(moment, key, start_us, end_us)
        # A lagging sender's windows live as long, in log time, as a punctual one's.
        window.due_us = moment.log_us + (end_us - moment.us) + RETENTION_US
        self.keep(window)
        self.watch(window)
        return window

    def _expire(self, window: Window, closed_ms: int) -> None:
        if is_worth_noting(window):
            self.note_closed(window, "expired", closed_ms)
        self.drop(window)

    def due(self, window: Window) -> None:
        self._expire(window, ceil_ms(window.due_us))


class Immediate(Counting):
    """Case 1."""

    __slots__ = ()

    def feed(self, moment: CurrentEvent) -> Fate:
        return self._fire_alone(moment, self.key_of(moment.event))
