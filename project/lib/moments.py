"""Times and durations in people's words. Pure; `static/js/app.js` says the same."""

from datetime import UTC, datetime, timedelta

_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (30 * 86_400, 86_400, "d"))


def relative(moment: datetime, *, now: datetime) -> str:
    """`3 min ago`, `in 2 h`; the date when it is more than 30 days away."""
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 5:
        return "just now"
    for limit, unit_seconds, unit in _STEPS:
        if size < limit:
            text = f"{int(size // unit_seconds)} {unit}"
            return f"{text} ago" if seconds > 0 else f"in {text}"
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def absolute(moment: datetime) -> str:
    """`Fri 2026-11-20 04:12:09.412 UTC`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%a %Y-%m-%d %H:%M:%S}.{utc.microsecond // 1000:03d} UTC"


def minute(moment: datetime) -> str:
    """`2026-11-20 04:12`, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def clock(moment: datetime) -> str:
    """`04:12:09.412`, in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}"


def in_words(length: timedelta) -> str:
    """`1 h 5 min`, `2.3 s`, `40 ms`: the two largest units, or a tenth of a second."""
    seconds = length.total_seconds()
    if 0 < abs(seconds) < 0.1:
        return f"{seconds * 1000:.0f} ms"
    seconds = round(seconds, 1)
    if abs(seconds) < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    parts = []
    rest = int(seconds)
    for unit_seconds, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, unit_seconds)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
