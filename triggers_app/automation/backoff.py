"""When an effect outside is tried again. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_TRIES = 6
LONGEST = timedelta(hours=1)


def wait_before(next_try: int, *, jitter: float, retry_after: timedelta | None) -> timedelta:
    """How long to wait before try number `next_try` (2 is the first that is one again).

    2, 4, 8 … seconds, each half to one and a half times as long (`jitter` in [0, 1)), so that
    many that failed together do not come back together; at least what the other side asks.
    """
    own = timedelta(seconds=2 ** (next_try - 1) * (0.5 + jitter))
    return min(max(own, retry_after or timedelta(0)), LONGEST)


def parse_retry_after(text: str | None, *, now: datetime) -> timedelta | None:
    """The header `Retry-After`: seconds, or a date of HTTP. None when it says nothing."""
    if text is None:
        return None
    if text.strip().isdigit():
        return timedelta(seconds=min(int(text), LONGEST.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
