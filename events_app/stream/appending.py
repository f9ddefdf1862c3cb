"""What one append says and is answered, whichever client carries it. Knows no Redis client."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

from events_app.domain.event import Event, encode_event
from events_app.domain.position import StreamId
from events_app.stream.lua import Argument

LOG = "flint:log"
META = "flint:log:meta"
KEYS = (LOG, META, "flint:log:ids:young", "flint:log:ids:old")

MAX_UNREAD_EVENTS = 2_000_000
MAX_UNREAD_BYTES = 1 << 30
REMEMBER_IDS_MS = 300_000
# About 80 bytes each, two generations: 160 MB at most. Above 1,000,000 events in 5 minutes
# ids are forgotten sooner.
MAX_IDS = 1_000_000
RETRY_AFTER_SECONDS = 5  # what was read is trimmed so often

_RECORD = Struct(">16sII").pack
_FOLLOWER = Struct(">I16s").pack


class LogFull(Exception):
    """Too much is unread; nothing was appended. Come back in `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__("The event log is full until its readers catch up.")
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Appended:
    """`id` is None when every event was a duplicate, so that there is no entry.

    When an answer of Redis is lost, the client asks again, and finds its own events.
    """

    id: StreamId | None
    accepted: int
    duplicates: int


def append_arguments(events: Sequence[Event]) -> tuple[Argument, ...]:
    """The arguments of append.lua for these events; `KEYS` are its keys."""
    bodies = [encode_event(event) for event in events]
    crc = zlib.crc32
    records = b"".join(
        [
            _RECORD(event.id.bytes, crc(body), len(body))
            for event, body in zip(events, bodies, strict=True)
        ]
    )
    followers = b"".join(
        [
            _FOLLOWER(index, event.follows.bytes)
            for index, event in enumerate(events)
            if event.follows is not None
        ]
    )
    frame = b"[" + b",".join(bodies) + b"]"
    limits = (MAX_UNREAD_EVENTS, MAX_UNREAD_BYTES, REMEMBER_IDS_MS, MAX_IDS, 0)
    return (frame, records, followers, *limits)


def appended(reply: list[int]) -> Appended:
    """What append.lua answered. Raises LogFull."""
    if reply[0] == -2:
        raise LogFull
    ms, seq, accepted, duplicates = reply
    return Appended(StreamId(ms, seq) if ms >= 0 else None, accepted, duplicates)
