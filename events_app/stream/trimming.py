"""What may leave the log, and how much of it nobody has read yet."""

from typing import Any, NamedTuple

import redis

from events_app.domain.position import StreamId
from events_app.stream.appending import LOG, META

KEEP_MS = 15 * 60 * 1000  # for live tails, which have no offset
KEEP_BYTES = 256 << 20  # of what all readers have read; less time than above when it is busy


class _Mark(NamedTuple):
    """The counters just before an entry."""

    id: StreamId
    events: int
    bytes: int


def trim(
    client: redis.Redis, *, read_to: StreamId, keep_ms: int = KEEP_MS, keep_bytes: int = KEEP_BYTES
) -> int:
    """Drop what all readers have read and tails need no more; how many entries that was.

    `read_to` is the smallest committed offset of all readers. Also notes how much is read,
    by which the door knows when the log is full.
    """
    # The totals first: what is appended meanwhile must not be counted as read.
    events, size = (int(value or 0) for value in client.hmget(META, "events", "bytes"))
    unread = _mark(client, f"({read_to}")
    read = _Mark(read_to, events, size) if unread is None else unread
    client.hset(META, mapping={"events_read": read.events, "bytes_read": read.bytes})
    seconds, microseconds = client.time()
    before = min(read_to, StreamId(seconds * 1000 + microseconds // 1000 - keep_ms, 0))
    oldest = _mark(client, "-")
    if oldest is not None and read.bytes - oldest.bytes > keep_bytes:
        before = max(before, _newest_within(client, read_to, read.bytes - keep_bytes, oldest))
    return _drop(client, before)


def _newest_within(
    client: redis.Redis, read_to: StreamId, bytes_before: int, oldest: _Mark
) -> StreamId:
    """Search by halves for the first entry that has more than `bytes_before` before it."""
    low, high = oldest.id.ms, read_to.ms
    while low < high:
        middle = (low + high) // 2
        mark = _mark(client, str(middle))
        if mark is None or mark.bytes >= bytes_before:
            high = middle
        else:
            low = middle + 1
    return min(read_to, StreamId(low, 0))


def _mark(client: redis.Redis, first: str) -> _Mark | None:
    reply: Any = client.xrange(LOG, first, "+", count=1)
    if not reply:
        return None
    id_, fields = reply[0]
    return _Mark(
        StreamId.parse(id_.decode()),
        int(fields[b"e"]) - int(fields[b"n"]),
        int(fields[b"b"]) - len(fields[b"f"]),
    )


def _drop(client: redis.Redis, before: StreamId) -> int:
    dropped = 0
    while True:
        # In helpings of 10,000 entries, so that Redis serves others in between. `~`: whole
        # nodes only, which costs next to nothing.
        count = int(client.xtrim(LOG, minid=str(before), approximate=True, limit=10_000))
        dropped += count
        if count < 9_000:
            return dropped
