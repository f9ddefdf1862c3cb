"""A log that goes on from a place where nobody knows what it held before."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

import redis

from events_app.domain.position import StreamId
from events_app.stream.log import LOG, META

IDS_YOUNG, IDS_OLD = "flint:log:ids:young", "flint:log:ids:old"
_HELPING = 10_000
# What is re-sent is known by its id. The checksum of its content is not known any more.
_NO_CHECKSUM = bytes(4)


def earliest(client: redis.Redis) -> StreamId:
    """The first position that is later than the clock, and than all that the log ever gave out."""
    seconds, microseconds = client.time()
    stored = client.hmget(META, "floor", "last_ms")
    now = seconds * 1000 + microseconds // 1000
    return StreamId(max([now, *(int(ms or 0) for ms in stored)]) + 1, 0)


def restart(client: redis.Redis, at: StreamId, *, known: Iterable[UUID]) -> int:
    """Empty the log; all that comes to it is later than `at`, and not of an id in `known`.

    How many entries were thrown away. Nobody may read or write meanwhile.
    """
    thrown_away = int(client.xlen(LOG))
    counters = client.hmget(META, "events", "bytes")
    client.delete(LOG, IDS_YOUNG, IDS_OLD)
    count = 0
    for helping in _batched(known):
        client.hset(IDS_YOUNG, mapping={id_.bytes: _NO_CHECKSUM for id_ in helping})
        count += len(helping)
    events, size = (int(value or 0) for value in counters)
    client.hset(
        META,
        mapping={
            "floor": at.ms,
            "last_ms": at.ms,
            "last_seq": at.seq,
            "events_read": events,
            "bytes_read": size,
            "ids_since": at.ms,
            "ids_count": count,
        },
    )
    return thrown_away


def _batched(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while helping := list(islice(rest, _HELPING)):
        yield helping
