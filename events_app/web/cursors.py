"""Places in lists of events, as addresses carry them."""

from events_app.domain.position import Position


def position_of(text: str) -> Position:
    """Raises ValueError for what no position of the log looks like."""
    position = Position.parse(text)
    if min(position) < 0 or max(position) >= 1 << 63 or position[2] >= 1 << 31:
        raise ValueError("A position holds two 64-bit numbers and one of 32 bits.")
    return position
