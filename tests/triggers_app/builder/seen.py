"""Recorded events for the tests of what is counted and completed."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from events_app.domain.event import Entry, Event
from events_app.domain.position import StreamId
from events_app.storage import partitions, recording
from project.lib.clock import utcnow
from tests.menagerie import ZERO_MS
from triggers_app.builder.numbers import service as numbers

ENTRY = 200


def seen(events: Sequence[Event], *, at_ms: int = ZERO_MS, seq: int = 0) -> None:
    """Write events as the recorder does, in the test's own transaction, 200 to a millisecond."""
    connection.ensure_connection()
    own = connection.connection
    assert own is not None
    entries = [
        Entry(StreamId(at_ms + start // ENTRY, seq), events[start : start + ENTRY])
        for start in range(0, len(events), ENTRY)
    ]
    partitions.ensure(own, {partitions.day_of(entry.id.ms) for entry in entries})
    recording.store(own, entries)


def since() -> str:
    """The first of the days that numbers are of, as the page says it."""
    first = utcnow() - timedelta(days=numbers.DAYS - 1)
    return f"since {first.strftime('%a')} {first.day} {first.strftime('%b')}"
