"""What sentences are made of: durations and names as they stand in a text. Pure."""

from datetime import timedelta

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def duration(value: timedelta) -> str:
    """`1 hour 59 minutes`, `0.5 seconds`."""
    seconds = value.total_seconds()
    if seconds < 0:
        return f"minus {duration(-value)}"
    whole, parts = int(seconds), []
    for unit, size in _UNITS:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    left = round(whole + seconds % 1, 6)
    if left or not parts:
        parts.append(f"{left:g} second{'' if left == 1 else 's'}")
    return " ".join(parts)


def shortened(text: str) -> str:
    """A name of at most 60 characters; of a longer one its beginning and its end."""
    return text if len(text) <= 60 else f"{text[:40]}…{text[-18:]}"
