"""How full the log is, and how far behind a reader is: counters, never a scan."""

from dataclasses import dataclass
from typing import Any

import redis

from events_app.domain.position import StreamId
from events_app.stream.appending import LOG, MAX_UNREAD_BYTES, MAX_UNREAD_EVENTS, META

_COUNTERS = ("events", "bytes", "events_read", "bytes_read", "duplicates", "conflicts")


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the log began, but for `entries`, which are those that are still held.

    Unread is what the door believes: it learns every 5 s, when the log is trimmed.
    """

    events: int
    bytes: int
    unread_events: int
    unread_bytes: int
    duplicates: int
    conflicts: int
    max_events: int
    max_bytes: int
    entries: int


@dataclass(frozen=True, slots=True)
class Behind:
    """What a reader has still to read, and how long the oldest of it has waited."""

    events: int = 0
    seconds: float = 0.0


def totals(client: redis.Redis) -> Totals:
    values: Any = client.hmget(META, *_COUNTERS, "max_events", "max_bytes")
    events, size, events_read, bytes_read, duplicates, conflicts = (
        int(value or 0) for value in values[:6]
    )
    return Totals(
        events=events,
        bytes=size,
        unread_events=events - events_read,
        unread_bytes=size - bytes_read,
        duplicates=duplicates,
        conflicts=conflicts,
        max_events=int(values[6] or MAX_UNREAD_EVENTS),
        max_bytes=int(values[7] or MAX_UNREAD_BYTES),
        entries=client.xlen(LOG),
    )


def behind(client: redis.Redis, position: StreamId) -> Behind:
    """By the counters of the first entry after `position`."""
    reply: Any = client.xrange(LOG, f"({position}", "+", count=1)
    if not reply:
        return Behind()
    id_, fields = reply[0]
    before = int(fields[b"e"]) - int(fields[b"n"])
    (total,) = client.hmget(META, "events")
    seconds, microseconds = client.time()
    waited = seconds + microseconds / 1e6 - StreamId.parse(id_.decode()).ms / 1000
    return Behind(max(0, int(total or 0) - before), max(0.0, waited))


def received_lately(client: redis.Redis, length_ms: int) -> int:
    """Events of the last so many milliseconds, as far as the log still holds them."""
    seconds, microseconds = client.time()
    since = seconds * 1000 + microseconds // 1000 - length_ms
    return behind(client, StreamId(since, 0)).events
