"""Reading the log from an event loop, for those who only watch it."""

from typing import Any

import redis.asyncio

from events_app.domain.event import Entry
from events_app.domain.position import Position, StreamId
from events_app.stream.appending import LOG, META
from events_app.stream.log import LONGEST_BLOCK_MS, entry_of

# Entries hold up to 16 MiB; so few that what is read at once stays small.
AT_ONCE = 16


async def last_id(client: "redis.asyncio.Redis") -> StreamId:
    """The id of the newest entry, also when it was trimmed; 0-0 before the first."""
    ms, seq = await client.hmget(META, ["last_ms", "last_seq"])
    return StreamId(int(ms or 0), int(seq or 0))


async def wait_for_more(client: "redis.asyncio.Redis", *, after: StreamId) -> list[Entry]:
    """The next entries; none when there were none for three seconds."""
    reply: Any = await client.xread({LOG: str(after)}, count=AT_ONCE, block=LONGEST_BLOCK_MS)
    return [entry_of(*each) for each in reply[0][1]] if reply else []


async def behind(client: "redis.asyncio.Redis", place: Position) -> list[Entry]:
    """The entries behind a place that the log has now, beginning with the one that it is in."""
    first = f"({place.stream_id}" if place.is_end else str(place.stream_id)
    reply: Any = await client.xrange(LOG, first, "+", count=AT_ONCE)
    return [entry_of(*each) for each in reply]
