"""A real log, evaluator and recorder, whose clock is the test's: log time is set by its floor.

All log times lie ahead of Redis' own clock, so they are exactly those that the test wants.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any
from uuid import UUID

import redis
from django.db import connection
from msgspec import structs

from events_app.domain.event import Entry, Event, from_ms
from events_app.services import recording as recorder
from events_app.storage import partitions, reader, recording
from events_app.stream import log
from project.lib import database, redis_client
from project.lib.json_documents import Document
from tests.menagerie import ZERO_MS, named
from triggers_app.models import Automation, AutomationVersion
from triggers_app.services import evaluating
from triggers_app.services.evaluating import Memory
from triggers_app.storage import history_snapshots

BASE_MS = 4_102_444_800_000  # 2100-01-01, far ahead
SHIFT = timedelta(milliseconds=BASE_MS - ZERO_MS)
TABLES = (
    "event, event_count, rejected_event, event_outbox, reader, automation, automation_version,"
    " firing, action_run, bucket, closed_bucket, snapshot, snapshot_version, snapshot_bucket,"
    " snooze"
)
NOW = datetime(2100, 1, 2, tzinfo=UTC)


def identified(document: Document, name: str = "node") -> Document:
    """The document of a lone trigger, with an id as authoring gives one."""
    return {**document, "id": str(named(name))}


def live_ms(seconds: float) -> int:
    """So many seconds after second 0, as the log of a `Live` has it."""
    return BASE_MS + round(seconds * 1000)


@contextmanager
def empty_tables() -> Iterator[redis.Redis]:
    """Committed data, gone afterwards, also between the examples of one test."""
    client = redis_client.client()
    client.flushall()
    try:
        yield client
    finally:
        reader.close_idle()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLES} CASCADE")


def record(entries: Sequence[Entry]) -> None:
    """Write entries into the table of events, as the recorder does."""
    with database.connect(application_name="flint test") as own:
        partitions.ensure(own, {partitions.day_of(entry.id.ms) for entry in entries})
        recording.store(own, entries)


class Live:
    """Everything that happens goes through the real log."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self.memory: Memory | None = None
        self.changes = 0
        self.ms = 0

    def at(self, ms: int) -> None:
        """It is now this time, in ms of the tests' own scale (ZERO_MS is second 0), or later."""
        self.ms = max(self.ms, ms)
        self.client.hset(log.META, "floor", self.now_ms)

    def send(self, events: Sequence[Event]) -> None:
        shifted = [structs.replace(one, occurred=one.occurred + SHIFT) for one in events]
        log.append(self.client, shifted)

    def save(
        self,
        automation_id: UUID,
        document: Document | None,
        *,
        enabled: bool = True,
        slowly: bool = False,
        **more: Any,
    ) -> None:
        """A version as authoring writes it; None deletes. `slowly`: the evaluator is ahead.

        `more` stands beside the trigger.
        """
        after = log.append_wakeup(self.client)
        if slowly:
            self.at(self.ms + 5_000)
            self.evaluate(seconds=0.01)
        former = Automation.objects.filter(pk=automation_id).first()
        if former is None and document is None:
            return
        self.changes += 1
        row = former or Automation(pk=automation_id, name="a", version=0)
        if document is not None:
            row.document = {"name": "a", "actions": [], "trigger": document, **more}
        row.version += 1
        row.change, row.enabled = self.changes, enabled
        row.quarantine_reason = None
        row.effective_after_ms, row.effective_after_seq = after
        row.save(force_insert=former is None)
        AutomationVersion.objects.create(
            automation=row,
            version=row.version,
            enabled=enabled,
            deleted=document is None,
            document=row.document,
            effective_after_ms=after.ms,
            effective_after_seq=after.seq,
        )

    def evaluate(self, *, restart: bool = False, seconds: float = 0.004) -> None:
        report = evaluating.run_lease(
            None if restart else self.memory,
            client=self.client,
            clock=lambda: NOW,
            wake=str,
            seconds=seconds,
        )
        assert report.owner
        self.memory = report.memory

    def evaluate_all(self) -> None:
        """Until the evaluator stands at the end of the log."""
        last = log.last_id(self.client)
        while self.memory is None or self.memory.position < last:
            self.evaluate()
        self.evaluate()

    @property
    def now_ms(self) -> int:
        """Log time as the log has it."""
        return self.ms - ZERO_MS + BASE_MS

    def snapshot(self) -> int:
        """A snapshot of now; returns its log time."""
        with database.connect(application_name="flint test") as own:
            assert history_snapshots.take(own, now=from_ms(self.now_ms))
        return self.now_ms

    def record_all(self) -> None:
        left = chain(repeat(0.001, 1), repeat(0.0))
        recorder.record(self.client, seconds_left=lambda: next(left))
