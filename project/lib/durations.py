"""Durations as people and documents write them. Pure."""

import re
from datetime import timedelta

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SHORT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_CLOCK = re.compile(r"(?:(\d+) days?, )?(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)")
_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def parse_duration(value: str) -> timedelta:
    """Read `7d`, `1h 30m`, `90` (seconds), `PT1M` or `00:01:30`.

    Raises ValueError with a sentence that says what would be right.
    """
    text = value.strip()
    seconds = _plain(text)
    if seconds is None:
        seconds = _short(text)
    if seconds is None:
        seconds = parse_document_seconds(text)
    if seconds is None:
        raise ValueError(f"{value!r} is not a duration; write 30s, 15m, 12h or 7d.")
    return timedelta(seconds=seconds)


def parse_document_seconds(text: str) -> float | None:
    """Seconds of an ISO 8601 duration or `HH:MM:SS`, the texts that documents may hold."""
    if clock := _CLOCK.fullmatch(text):
        days, hours, minutes, seconds = clock.groups(default="0")
        return int(days) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    iso = _ISO.fullmatch(text)
    if iso is None or not any(iso.groups()):
        return None
    factors = (604800, 86400, 3600, 60, 1)
    return sum(float(n) * f for n, f in zip(iso.groups(default="0"), factors, strict=True))


def _plain(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None


def _short(text: str) -> float | None:
    parts = _SHORT.findall(text)
    if not parts or _SHORT.sub("", text).strip():
        return None
    return float(sum(float(number) * _UNITS[unit] for number, unit in parts))
