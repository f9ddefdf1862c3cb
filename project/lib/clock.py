"""The wall clock. Read on the interface floor only; below it, time is an argument."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    return datetime.now(UTC)
