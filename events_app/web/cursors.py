"""Places in lists of events, as addresses carry them."""

from events_app.domain.event import from_us
from events_app.domain.position import Position
from events_app.storage.stored_events import Key

_LAST_US = 1 << 58


def position_of(text: str) -> Position:
    """Raises ValueError for what no position of the log looks like."""
    position = Position.parse(text)
    if min(position) < 0 or max(position) >= 1 << 63 or position[2] >= 1 << 31:
        raise ValueError("A position holds two 64-bit numbers and one of 32 bits.")
    return position


def key_of(text: str) -> Key:
    """A place in the order of happening: microseconds, then the position. Raises ValueError."""
    head, dash, rest = text[1:].partition("-")
    us = int(text[:1] + head)  # the sign of times before 1970 is no separator
    if not dash or abs(us) > _LAST_US:
        raise ValueError("A place is a time and a position.")
    return Key(from_us(us), position_of(rest))
