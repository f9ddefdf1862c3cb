"""What one rendering may cost: steps, time, and the size of every value it makes.

A busy template cannot be interrupted from outside (it runs in a thread), so everything it
does passes through `Budget.step`, and no single operation may make more than the sizes below.
"""

from collections.abc import Callable, Mapping
from typing import Any

from triggers_app.automation.templating.views import View

MAX_OUTPUT_BYTES = 1024 * 1024
MAX_TEXT = 2 * 1024 * 1024  # characters of a value on the way; an event has at most 1.5 MB
MAX_ITEMS = 100_000
MAX_BITS = 8192  # of a whole number
MAX_WIDTH = 10_000
MAX_DEPTH = 100
MAX_STEPS = 2_000_000
MAX_SECONDS = 0.5
_STEPS_PER_LOOK_AT_THE_CLOCK = 64


class OutOfBudget(Exception):
    """The rendering wanted more than it may have; the message says of what."""


class Budget:
    """Steps and seconds left for one rendering. `clock` answers monotonic seconds."""

    __slots__ = ("_clock", "_deadline", "_look", "_steps", "written")

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        seconds: float = MAX_SECONDS,
        steps: int = MAX_STEPS,
    ) -> None:
        self._clock = clock
        self._deadline = clock() + seconds
        self._steps = steps
        self._look = steps - _STEPS_PER_LOOK_AT_THE_CLOCK
        self.written = 0

    def step(self, cost: int = 1) -> None:
        """Count one operation; `cost` is its weight when it works on something long."""
        self._steps -= cost
        if self._steps < self._look:
            self._look = self._steps - _STEPS_PER_LOOK_AT_THE_CLOCK
            if self._steps < 0:
                raise OutOfBudget("The template takes too many steps.")
            self.look()

    def look(self) -> None:
        """Raises OutOfBudget when the time is over."""
        if self._clock() > self._deadline:
            raise OutOfBudget("The template takes too long.")

    def write(self, text: str) -> str:
        """Count a piece of output."""
        self.step()
        self.count(storable_bytes(text))
        return text

    def count(self, size: int) -> None:
        self.written += size
        if self.written > MAX_OUTPUT_BYTES:
            raise OutOfBudget("The output is longer than 1 MiB.")


def storable_bytes(text: str) -> int:
    """The length in UTF-8; raises TypeError for what neither JSON nor the database can hold."""
    if "\x00" in text:
        raise TypeError("The value contains the NUL character.")
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise TypeError("The value contains half a surrogate pair.") from None


def require(value: Any, *, at_most: int, what: str) -> int:
    """`value` as a whole number, or OutOfBudget when it is larger than it may be."""
    number = int(value)
    if number > at_most:
        raise OutOfBudget(f"{what} may be at most {at_most:,}, not {number:,}.")
    return number


def weight(value: Any) -> int:
    """The steps that going once through `value` costs."""
    if isinstance(value, str):
        return 1 + len(value) // 4096
    try:
        return 1 + len(value) // 16
    except TypeError:
        return 1


def size_of(value: Any, *, at_most: int, budget: Budget) -> int:
    """About how many characters `value` has as text; raises OutOfBudget when above `at_most`.

    Walks without recursion, and stops at the limit: a list that holds itself many times
    over is small in memory and endless as text.
    """
    size = 0
    todo: list[tuple[Any, int]] = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        budget.step()
        if depth > MAX_DEPTH:
            raise OutOfBudget(f"The value is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(item, str):
            size += len(item)
        elif isinstance(item, View):
            todo.append((item.document(), depth + 1))
        elif isinstance(item, Mapping):
            size += 2 * len(item)
            _require_room(size + len(todo), at_most)
            for key, child in item.items():
                todo.append((key, depth + 1))
                todo.append((child, depth + 1))
        elif isinstance(item, list | tuple | set | frozenset):
            size += 2 * len(item)
            _require_room(size + len(todo), at_most)
            todo.extend((child, depth + 1) for child in item)
        elif isinstance(item, int):
            size += item.bit_length() // 3 + 1
        else:
            size += 8
        _require_room(size, at_most)
    return size


def _require_room(size: int, at_most: int) -> None:
    if size > at_most:
        raise OutOfBudget(f"A value is larger than {at_most:,} characters.")
