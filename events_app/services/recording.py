"""From the log into the table of events, for the time of one lease."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import redis

from events_app.domain.event import Event
from events_app.storage import partitions, reader, recording
from events_app.storage.reader import Lease
from events_app.stream import log
from project.lib import stopping

READER = "record"
BATCH_EVENTS = 5_000
# A commit costs the same for 5 events as for 500: while less than a full batch waits,
# gather for so long. Nothing but the feed waits for the recorder.
GATHER_SECONDS = 0.05
# So few are read again after gathering; of more, what gathers is read by the next turn.
FEW_EVENTS = 200

# What another app makes of recorded events, in the transaction that records them. It must leave
# that transaction usable, whatever an event holds.
Projection = Callable[["psycopg.Connection[Any]", Sequence[Event]], None]


@dataclass(slots=True)
class RecordingReport:
    events: int = 0
    rejected: int = 0


def record(
    client: redis.Redis,
    *,
    seconds_left: Callable[[], float],
    projections: Sequence[Projection] = (),
) -> RecordingReport:
    """Own the recorder until no seconds are left. Raises reader.TakenEntries."""
    report = RecordingReport()
    days: set[date] = set()
    with reader.take(READER, held=None) as lease:
        while (seconds := seconds_left()) > 0 and not stopping.stop_requested():
            block_ms = max(1, min(1000, int(seconds * 1000)))
            read = log.read_or_advance(
                client, after=lease.position, max_events=BATCH_EVENTS, block_ms=block_ms
            )
            if not read.entries:
                continue
            if (few := _count(read)) < FEW_EVENTS:
                # A lone event brings others: the firing, the run. One commit for them all.
                time.sleep(GATHER_SECONDS)
                read = log.read_or_advance(
                    client, after=lease.position, max_events=BATCH_EVENTS, block_ms=1
                )
            _record(lease, read, days, report, projections)
            if FEW_EVENTS <= few < BATCH_EVENTS:
                time.sleep(GATHER_SECONDS)
    return report


def _count(read: log.Read) -> int:
    return sum(len(entry.events) for entry in read.entries)


def _record(
    lease: Lease,
    read: log.Read,
    days: set[date],
    report: RecordingReport,
    projections: Sequence[Projection],
) -> None:
    """One batch: its events, what is made of them, and the offset, in one transaction."""
    lease.advance(read.entries[-1].id)
    met = {partitions.day_of(entry.id.ms) for entry in read.entries}
    if not met <= days:
        partitions.ensure(lease.connection, met)
    recorded = recording.store(lease.connection, read.entries)
    events = [event for entry in read.entries for event in entry.events]
    for project in projections:
        project(lease.connection, events)
    lease.connection.commit()
    days |= met
    report.events += recorded.events
    report.rejected += recorded.rejected
