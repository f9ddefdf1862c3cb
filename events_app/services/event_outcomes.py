"""What events did to automations, in two numbers: for lists that know no automations."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from events_app.domain.event import to_us
from events_app.domain.position import START, Position
from events_app.reads import reader_status
from events_app.storage import stored_events
from events_app.storage.stored_events import StoredEvent


class EventOutcome(NamedTuple):
    """How many automations an event fired, and in how many windows of others it counted."""

    fired: int = 0
    counted: int = 0


class FiredEvents(NamedTuple):
    """Where the events stand that fired; without `complete`, the newest."""

    positions: Sequence[Position]
    complete: bool


NOTHING = EventOutcome()
OutcomeReader = Callable[[Sequence[StoredEvent]], Mapping[Position, EventOutcome]]
FiringReader = Callable[[datetime, datetime], FiredEvents]
EVALUATOR = "evaluate"
# Recorded at most so long ago: the table is in parts by day.
FRESH = timedelta(minutes=30)


def outcomes_at(positions: Sequence[Position]) -> Mapping[Position, EventOutcome]:
    """Of recorded events, those that did anything. A constant number of queries."""
    return _reader()(stored_events.at_positions(positions)) if positions else {}


def fresh_outcomes(ids: Sequence[UUID], *, now: datetime) -> dict[UUID, EventOutcome]:
    """Of events that were received lately, those that were recorded and evaluated already.

    In a thread of its own, which keeps no connection.
    """
    try:
        evaluated = reader_status.reader_positions().get(EVALUATOR, START)
        since_ms = to_us(now - FRESH) // 1000
        stored = stored_events.with_ids(ids, since_ms=since_ms)
        done = [one for one in stored if one.position.stream_id <= evaluated]
        outcomes = _reader()(done) if done else {}
        return {one.event.id: outcomes.get(one.position, NOTHING) for one in done}
    finally:
        connection.close()


def fired_between(since: datetime, until: datetime) -> FiredEvents:
    """Events that fired automations, by when they did. One query."""
    return cast(FiringReader, import_string(settings.EVENT_FIRINGS))(since, until)


def _reader() -> OutcomeReader:
    """It belongs to an app that stands on this one; the settings name it."""
    return cast(OutcomeReader, import_string(settings.EVENT_OUTCOMES))
