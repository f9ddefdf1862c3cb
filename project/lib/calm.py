"""Saying the same again and again only now and then: for everything that retries and logs.

During an outage each loop notices it many times a second. What is said once says it all; what
was left out is counted, and told with the next that is let through. The pause between two
grows from a second to half a minute while it goes on.
"""

import re
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
_KEYS = 1000
# Numbers, ids and moments differ in what is otherwise the same.
_VARYING = re.compile(r"[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]+)*|[0-9]+")


@dataclass(slots=True)
class _Said:
    last: float
    pause: float = FIRST_PAUSE_SECONDS
    left_out: int = 0


class Calm:
    """Remembers what was said lately. `clock` answers monotonic seconds; threads may share it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[Hashable, _Said] = {}
        self._lock = threading.Lock()

    def left_out_before(self, key: Hashable) -> int | None:
        """Whether to say it: how many like it were left out since the last; None for not now."""
        now = self._clock()
        with self._lock:
            said = self._said.pop(key, None)
            if said is None:
                said = _Said(now)
                self._drop_oldest()
                self._said[key] = said
                return 0
            self._said[key] = said  # the latest stands last
            if now - said.last < said.pause:
                said.left_out += 1
                return None
            grown = min(said.pause * 2, LONGEST_PAUSE_SECONDS)
            left_out, said.left_out = said.left_out, 0
            said.last, said.pause = now, grown if left_out else FIRST_PAUSE_SECONDS
            return left_out

    def _drop_oldest(self) -> None:
        if len(self._said) >= _KEYS:
            self._said.pop(next(iter(self._said)))


def likeness(text: str) -> str:
    """The same for texts that differ in numbers and ids only."""
    return _VARYING.sub("#", text[:500])


def with_left_out(text: str, left_out: int) -> str:
    return f"{text} ({left_out:,} more like it were left out)" if left_out else text
