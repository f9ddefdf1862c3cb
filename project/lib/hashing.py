"""Hashing passwords: slow on purpose, therefore bounded, and with no connection in hand.

However many passwords are tried at once, two are hashed, a few wait, and the others are
answered with 503. Who waits is served in turn by address, so that a flood from one of them
keeps nobody else out.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections

RETRY_AFTER_SECONDS = 2


class Busy(Exception):
    """Too many passwords are being hashed; nothing was looked at."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose password is hashed, for whom."""

    user: str = ""
    address: str = ""


@dataclass(slots=True, eq=False)
class _Place:
    asker: Asker
    state: str = "waiting"  # running, turned away


class Gate:
    """Lets `at_once` threads through; `waiting` others wait, at most `per_user` for one user."""

    def __init__(
        self, *, at_once: int, waiting: int, per_user: int, patience_seconds: float
    ) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._per_user = per_user
        self._patience_seconds = patience_seconds
        self._places: list[_Place] = []  # running and waiting, the oldest first
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, asker: Asker) -> Iterator[None]:
        """Wait for one's turn. Raises Busy where that would take too long."""
        place = _Place(asker)
        with self._changed:
            self._enter(place)
            self._wait(place)
        try:
            yield
        finally:
            with self._changed:
                self._leave(place)

    def _enter(self, place: _Place) -> None:
        asker = place.asker
        mine = [each for each in self._places if asker.user and each.asker.user == asker.user]
        waiting = [each for each in self._places if each.state == "waiting"]
        if len(mine) >= self._per_user:
            self._displace([each for each in mine if each.state == "waiting"], asker)
        elif len(waiting) >= self._waiting:
            self._displace(waiting, asker)
        self._places.append(place)
        self._admit()

    def _displace(self, waiting: list[_Place], asker: Asker) -> None:
        """Turn away the last of the address that has the most. Raises Busy if that is ours."""
        counts = Counter(each.asker.address for each in waiting)
        address, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
        if count <= counts[asker.address] + 1:
            raise Busy
        last = [each for each in waiting if each.asker.address == address][-1]
        last.state = "turned away"
        self._places.remove(last)

    def _admit(self) -> None:
        while True:
            running = Counter(p.asker.address for p in self._places if p.state == "running")
            waiting = [each for each in self._places if each.state == "waiting"]
            if not waiting or running.total() >= self._at_once:
                break
            min(waiting, key=lambda each: running[each.asker.address]).state = "running"
        self._changed.notify_all()

    def _wait(self, place: _Place) -> None:
        until = time.monotonic() + self._patience_seconds
        while place.state == "waiting":
            if not self._changed.wait(until - time.monotonic()) and place.state == "waiting":
                self._places.remove(place)
                raise Busy
        if place.state == "turned away":
            raise Busy

    def _leave(self, place: _Place) -> None:
        self._places.remove(place)
        self._admit()


NOBODY = Asker()
GATE = Gate(at_once=2, waiting=8, per_user=4, patience_seconds=5.0)
_asker: ContextVar[Asker] = ContextVar("asker", default=NOBODY)


@contextmanager
def on_behalf_of(user: str, address: str) -> Iterator[None]:
    """Whatever is hashed meanwhile is for this user, asked from this address."""
    token = _asker.set(Asker(user, address))
    try:
        yield
    finally:
        _asker.reset(token)


class GatedHasher(PBKDF2PasswordHasher):
    """Django's usual hash, behind the gate. Raises Busy."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        release_connections()
        with GATE.turn(_asker.get()):
            return str(super().encode(password, salt, iterations))


def release_connections() -> None:
    """Give this thread's connections back to the pool, for everybody who needs one meanwhile."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
