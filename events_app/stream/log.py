"""The log: one entry of a Redis stream per accepted request, in an order that never changes.

Keys: `flint:log` (the stream), `flint:log:meta` (counters, floor, limits), and
`flint:log:ids:young|old` (what was received lately, to drop what is sent twice).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError

from events_app.domain.event import Entry, Event, decode_frame
from events_app.domain.position import StreamId
from events_app.stream.appending import (
    KEYS,
    LOG,
    MAX_UNREAD_BYTES,
    MAX_UNREAD_EVENTS,
    META,
    Appended,
    LogFull,
    append_arguments,
    appended,
)
from events_app.stream.scripts import ADVANCE, APPEND

__all__ = [
    "LOG",
    "MAX_UNREAD_BYTES",
    "MAX_UNREAD_EVENTS",
    "META",
    "Appended",
    "LogFull",
    "Read",
    "append",
    "append_async",
    "append_wakeup",
    "entry_of",
    "last_id",
    "read_or_advance",
]

# A full disk, a replica, too few replicas: it answers, and will take writes again.
_NO_WRITES = ("MISCONF", "READONLY", "NOREPLICAS", "MASTERDOWN")
LONGEST_BLOCK_MS = 3_000  # redis-py gives up on a socket that is silent for 5 s


@dataclass(frozen=True, slots=True)
class Read:
    """Entries in order; no later entry has a log time below `floor_ms`."""

    entries: list[Entry]
    floor_ms: int


def append(client: redis.Redis, events: Sequence[Event]) -> Appended:
    """Append the events as one entry, without those whose id was received lately.

    It is on disk when this returns. Raises LogFull.
    """
    try:
        return appended(APPEND.run(client, KEYS, append_arguments(events)))
    except ResponseError as error:
        raise _refusal(error) from None


async def append_async(client: "redis.asyncio.Redis", events: Sequence[Event]) -> Appended:
    """The same for an event loop."""
    try:
        return appended(await APPEND.run_async(client, KEYS, append_arguments(events)))
    except ResponseError as error:
        raise _refusal(error) from None


def append_wakeup(client: redis.Redis) -> StreamId:
    """Append an empty entry: a fresh point in log time, and a sleeping reader wakes up.

    A full log takes it too.
    """
    try:
        ms, seq, *_ = APPEND.run(client, KEYS, (b"[]", b"", b"", 0, 0, 0, 0, 1))
    except ResponseError as error:
        raise _refusal(error) from None
    return StreamId(ms, seq)


def _refusal(error: ResponseError) -> Exception:
    """LogFull for what Redis says at its `maxmemory`; an outage while it takes no writes.

    (The error may be wrapped in the script's.)
    """
    text = str(error)
    if isinstance(error, OutOfMemoryError) or "OOM command not allowed" in text:
        return LogFull()
    takes_no_writes = isinstance(error, ReadOnlyError) or any(word in text for word in _NO_WRITES)
    return redis.ConnectionError(text) if takes_no_writes else error


def read_or_advance(
    client: redis.Redis,
    *,
    after: StreamId,
    max_events: int,
    block_ms: int,
    until_ms: int | None = None,
) -> Read:
    """What stands after `after`, about `max_events` of it; or the floor, raised.

    When there is nothing, waits for at most `block_ms` (and 3 s) and not past log time
    `until_ms`, and then raises the floor of log time to Redis' clock, atomically with the look.
    """
    entries = _read(client, after, max_events)
    if entries:
        return Read(entries, entries[-1].id.ms)
    floor_ms = _advance(client, after)
    if floor_ms is not None:
        wait_ms = min(block_ms, LONGEST_BLOCK_MS)
        if until_ms is not None:
            wait_ms = min(wait_ms, until_ms - floor_ms)
        if wait_ms <= 0:
            return Read([], floor_ms)
        if client.xread({LOG: str(after)}, count=1, block=wait_ms) == []:
            floor_ms = _advance(client, after)
            if floor_ms is not None:
                return Read([], floor_ms)
    entries = _read(client, after, max_events)
    return Read(entries, entries[-1].id.ms if entries else after.ms)


def _advance(client: redis.Redis, after: StreamId) -> int | None:
    empty, floor_ms = ADVANCE.run(client, (LOG, META), (after.ms, after.seq))
    return int(floor_ms) if empty else None


def _read(client: redis.Redis, after: StreamId, max_events: int) -> list[Entry]:
    """Entries hold 1 to 100,000 events, so the next helping is sized by the last one."""
    entries: list[Entry] = []
    events = 0
    helping = 8
    while events < max_events:
        raw = _xread(client, after, helping)
        entries += (entries_read := [entry_of(id_, fields) for id_, fields in raw])
        if len(entries_read) < helping:
            break
        events += sum(len(entry.events) for entry in entries_read)
        size = sum(len(fields[b"f"]) for _, fields in raw)
        after = entries_read[-1].id
        more = (max_events - events) * len(entries) // max(events, 1)
        affordable = (32 << 20) * len(entries_read) // size
        helping = max(1, min(more, affordable, 1024))
    return entries


def _xread(
    client: redis.Redis, after: StreamId, count: int
) -> list[tuple[bytes, dict[bytes, bytes]]]:
    reply: Any = client.xread({LOG: str(after)}, count=count)
    return reply[0][1] if reply else []


def entry_of(id_: bytes, fields: dict[bytes, bytes]) -> Entry:
    leaders = fields[b"k"]
    return Entry(
        StreamId.parse(id_.decode()),
        decode_frame(fields[b"f"]),
        frozenset(map(int, leaders.split(b","))) if leaders else frozenset(),
    )


def last_id(client: redis.Redis) -> StreamId:
    """The id of the newest entry, also when it was trimmed; 0-0 before the first."""
    ms, seq = client.hmget(META, "last_ms", "last_seq")
    return StreamId(int(ms or 0), int(seq or 0))
