"""Answers kept for some seconds in this process: pages ask the same again and again."""

import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any


class TtlCache:
    """Keeps answers until they are too old, or too much; each question is worked out once.

    `most` bounds the sum of weights of what is kept; an answer that alone is more is not kept.
    """

    def __init__(self, *, seconds: float, most: int) -> None:
        self._lock = threading.Lock()
        self._length = timedelta(seconds=seconds)
        self._most = most
        self._kept: dict[Hashable, tuple[datetime, int, Any]] = {}
        self._asking: dict[Hashable, threading.Lock] = {}

    def get(self, question: Hashable, *, now: datetime) -> Any | None:
        """The answer, if it is still known."""
        with self._lock:
            return self._known(question, now)

    def ask(
        self,
        question: Hashable,
        answer: Callable[[], Any],
        *,
        now: datetime,
        weight: Callable[[Any], int] = lambda answer: 1,
    ) -> Any:
        """The known answer, or `answer()`. Who asks the same meanwhile waits for it."""
        with self._lock:
            known = self._known(question, now)
            asking = self._asking.setdefault(question, threading.Lock())
        if known is not None:
            return known
        with asking:
            with self._lock:
                known = self._known(question, now)
            if known is not None:
                return known
            value = answer()
            self._keep(question, value, now=now, weight=weight(value))
            return value

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._asking.clear()

    def _known(self, question: Hashable, now: datetime) -> Any | None:
        kept = self._kept.get(question)
        # A test's clock may stand behind what an earlier one kept.
        if kept is None or not timedelta(0) <= now - kept[0] <= self._length:
            return None
        return kept[2]

    def _keep(self, question: Hashable, value: Any, *, now: datetime, weight: int) -> None:
        with self._lock:
            self._asking.pop(question, None)
            self._kept.pop(question, None)
            if weight <= self._most:
                self._kept[question] = (now, weight, value)
            # The oldest stand first.
            while sum(kept[1] for kept in self._kept.values()) > self._most:
                self._kept.pop(next(iter(self._kept)))
