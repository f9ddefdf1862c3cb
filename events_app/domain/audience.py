"""Who listens to what goes by, and what waits for them. Pure: no clock, no socket.

A listener has a bounded backlog. What does not fit any more is not kept: the listener is told
that it was overrun, and goes on by itself from the last that it was given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

MAX_WAITING = 1_000
MAX_WAITING_CHARACTERS = 4 << 20

Place = TypeVar("Place")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Taken(Generic[Place]):
    """What waited, where the last of it stands, and from where on more did not fit."""

    texts: list[str]
    last: Place | None
    overrun: bool
    missed: Place | None = None


class Backlog(Generic[Place]):
    """Texts on their way to one listener, and where the last of them stands."""

    def __init__(
        self, *, most: int = MAX_WAITING, most_characters: int = MAX_WAITING_CHARACTERS
    ) -> None:
        self._most = most
        self._most_characters = most_characters
        self._texts: list[str] = []
        self._characters = 0
        self._last: Place | None = None
        self._overrun = False
        self._missed: Place | None = None

    def add(self, text: str, place: Place) -> bool:
        """Keep a text; False, from the first that does not fit until `take`."""
        if self._overrun:
            return False
        full = len(self._texts) >= self._most
        if full or self._characters + len(text) > self._most_characters:
            self._overrun, self._missed = True, place
            return False
        self._texts.append(text)
        self._characters += len(text)
        self._last = place
        return True

    def overrun(self) -> None:
        """Nothing is kept until `take`, which says so."""
        self._overrun = True

    def take(self) -> Taken[Place]:
        taken = Taken(self._texts, self._last, self._overrun, self._missed)
        self._texts, self._characters = [], 0
        self._overrun, self._missed = False, None
        return taken


@dataclass(eq=False, slots=True)
class Listener(Generic[Item, Place]):
    """`names`: nothing else is for it, whatever `accepts` says; None for no such limit.

    `arrived` is called after something was added, or did not fit.
    """

    accepts: Callable[[Item], bool]
    arrived: Callable[[], None]
    names: frozenset[str] | None = None
    backlog: Backlog[Place] = field(default_factory=Backlog)


class Audience(Generic[Item, Place]):
    """All listeners, by the names that they listen for: what nobody listens for costs nothing."""

    def __init__(self) -> None:
        # Tuples, made anew with each change: who walks through one may change the audience.
        self._by_name: dict[str, tuple[Listener[Item, Place], ...]] = {}
        self._of_all: tuple[Listener[Item, Place], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._of_all or self._by_name)

    def add(self, listener: Listener[Item, Place]) -> None:
        if listener.names is None:
            self._of_all = (*self._of_all, listener)
            return
        for name in listener.names:
            self._by_name[name] = (*self._by_name.get(name, ()), listener)

    def discard(self, listener: Listener[Item, Place]) -> None:
        self._of_all = tuple(each for each in self._of_all if each is not listener)
        for name in listener.names or ():
            left = tuple(each for each in self._by_name.get(name, ()) if each is not listener)
            if left:
                self._by_name[name] = left
            else:
                self._by_name.pop(name, None)

    def everybody(self) -> "list[Listener[Item, Place]]":
        named = (each for listeners in self._by_name.values() for each in listeners)
        return list(dict.fromkeys([*self._of_all, *named]))

    def listening_for(self, name: str) -> Sequence[Listener[Item, Place]]:
        """Whoever may want something of this name; `accepts` is still to be asked."""
        named = self._by_name.get(name)
        return self._of_all if named is None else self._of_all + named
