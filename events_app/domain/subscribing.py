"""What a subscriber asks for: Prefect's `filter` message, and how far back it reaches. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from events_app.domain.event import to_us
from events_app.domain.position import Position

MAX_BACKFILL = timedelta(minutes=15)
# A sender's clock may be ahead of the log's: what it dates now was received a little earlier.
CLOCKS_APART = timedelta(minutes=1)
# Whoever is so far behind the log does not read what it asks for.
MAX_BEHIND = 2 * MAX_BACKFILL
MAX_REASON_BYTES = 120  # of a close frame

Filter = TypeVar("Filter", bound=BaseModel)


class Unacceptable(Exception):
    """The message is none, and the socket closes with this reason."""


@dataclass(frozen=True, slots=True)
class SubscriptionFilter(Generic[Filter]):
    filter: Filter
    backfill: bool


def parse_filter(message: str | bytes | None, model: type[Filter]) -> SubscriptionFilter[Filter]:
    """Read a `filter` message. Raises Unacceptable."""
    try:
        document = json.loads(message or b"")
    except (ValueError, RecursionError):
        raise Unacceptable("Expected 'filter' message") from None
    if not isinstance(document, dict) or document.get("type") != "filter":
        raise Unacceptable("Expected 'filter' message")
    try:
        filter = model.model_validate(document.get("filter") or {})
    except ValidationError as error:
        raise Unacceptable(_reason(error)) from None
    return SubscriptionFilter(filter, backfill=document.get("backfill") is not False)


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "filter"
    return shortened(f"Invalid filter: {place}: {first['msg']}")


def shortened(reason: str) -> str:
    """As much of a reason as a close frame holds."""
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


def history_start(since: datetime | None, *, now: datetime) -> Position:
    """Where in the log to look for what occurred `since`: 15 minutes back at the most."""
    earliest = now - MAX_BACKFILL
    start = earliest if since is None else max(earliest, min(since, now))
    return Position(to_us(start - CLOCKS_APART) // 1000, 0, -1)
