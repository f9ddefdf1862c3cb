"""How far the readers of the log are."""

from dataclasses import dataclass
from datetime import datetime

import redis

from events_app.domain.event import from_ms
from events_app.domain.position import START, Position, StreamId
from events_app.storage.stored_events import query_rows
from events_app.stream import log, measuring

MINUTE_MS = 60_000
_READERS = {"record": "Recording", "evaluate": "Evaluating"}


@dataclass(frozen=True, slots=True)
class ReaderState:
    """`behind` is seconds of log time; None before the reader's first step."""

    word: str
    behind: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """`per_minute` counts what was received in the last minute, rounded so that it stays put."""

    reachable: bool
    newest: datetime | None
    readers: list[ReaderState]
    per_minute: int = 0


_STATE = "SELECT name, position_ms, position_seq FROM reader ORDER BY name"


def status(client: redis.Redis) -> Status:
    """How far the readers are. One query."""
    try:
        last = log.last_id(client)
        per_minute = measuring.received_lately(client, MINUTE_MS)
    except redis.RedisError:
        return Status(reachable=False, newest=None, readers=[])
    positions = reader_positions()
    readers = [
        ReaderState(word, _behind(positions.get(name), last)) for name, word in _READERS.items()
    ]
    newest = from_ms(last.ms) if last.ms else None
    return Status(True, newest, readers, _rounded(per_minute))


def _rounded(number: int) -> int:
    """Two digits."""
    digits = len(str(number))
    return round(number, 2 - digits) if digits > 2 else number


def _behind(position: StreamId | None, last: StreamId) -> float | None:
    if position is None:
        return None
    return max(0, last.ms - position.ms) / 1000 if position < last else 0.0


def reader_positions() -> dict[str, StreamId]:
    """Where each reader of the log is. One query."""
    return {name: StreamId(ms, seq) for name, ms, seq in query_rows(_STATE, [])}


def recorded_until() -> Position:
    """Everything in the log up to here is in the table of events. One query."""
    return Position.end_of(reader_positions().get("record", START))
