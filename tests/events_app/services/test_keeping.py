"""Days of events come ahead of time and leave whole."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import redis
from django.db import connection

from events_app.domain.event import Entry
from events_app.domain.position import StreamId
from events_app.models import Event, EventCount, Reader, RejectedEvent
from events_app.services import keeping
from events_app.storage import partitions, recording
from events_app.stream import log
from project.lib import database
from tests.events_app.menagerie import NOON, an_event

pytestmark = pytest.mark.usefixtures("clean_tables")

TODAY = NOON.date()
WEEK = timedelta(days=7)


@pytest.fixture
def raw() -> Iterator["psycopg.Connection[object]"]:
    with database.connect(application_name="test") as opened:
        yield opened
        opened.rollback()
        partitions.drop_before(opened, date(2200, 1, 1))


def record_on(raw: "psycopg.Connection[object]", day: date) -> None:
    ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    raw.execute("SELECT 1")
    partitions.ensure(raw, [day])
    recording.store(raw, [Entry(StreamId(ms, 0), [an_event()])])
    raw.commit()


def test_partitions_are_made_for_today_and_three_days_ahead(
    raw: "psycopg.Connection[object]",
) -> None:
    keeping.keep_partitions(retention=WEEK, now=NOON)
    keeping.keep_partitions(retention=WEEK, now=NOON)

    assert partitions.existing(raw) >= {TODAY + timedelta(days=n) for n in range(4)}


def test_days_beyond_the_retention_are_dropped_with_their_counts(
    raw: "psycopg.Connection[object]",
) -> None:
    for age in (6, 7, 8, 30):
        record_on(raw, TODAY - timedelta(days=age))

    kept = keeping.keep_partitions(retention=WEEK, now=NOON)

    assert kept.dropped_days == [TODAY - timedelta(days=30), TODAY - timedelta(days=8)]
    assert Event.objects.count() == EventCount.objects.count() == 2


def test_a_day_that_someone_reads_is_dropped_the_next_time(
    raw: "psycopg.Connection[object]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT", "50ms")
    record_on(raw, TODAY - timedelta(days=30))
    with database.connect(application_name="long reader") as reading:
        reading.execute("SELECT count(*) FROM event")
        assert keeping.keep_partitions(retention=WEEK, now=NOON).dropped_days == []

    assert len(keeping.keep_partitions(retention=WEEK, now=NOON).dropped_days) == 1


def test_two_makers_of_one_partition_do_not_disturb_each_other(
    raw: "psycopg.Connection[object]",
) -> None:
    partitions.ensure(raw, [TODAY])
    raw.commit()
    with database.connect(application_name="second") as second:
        partitions.ensure(second, [TODAY, TODAY + timedelta(days=1)])
        second.commit()

    assert TODAY + timedelta(days=1) in partitions.existing(raw)


def test_old_rejected_events_leave(raw: "psycopg.Connection[object]") -> None:
    RejectedEvent.objects.create(log_ms=1, log_seq=0, frame_index=0, body=b"{}", reason="r")
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert keeping.keep_partitions(retention=WEEK, now=tomorrow).dropped_rejected == 0
    assert keeping.keep_partitions(retention=WEEK, now=tomorrow + WEEK).dropped_rejected == 1


def test_prefix_searches_use_an_index(raw: "psycopg.Connection[object]") -> None:
    record_on(raw, TODAY)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT FROM event WHERE event LIKE %s", ["order.%"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")

    assert "event >= 'order.'" in plan


def test_the_log_is_kept_for_the_slowest_reader(log_client: redis.Redis) -> None:
    Reader.objects.create(name="slow", position_ms=5, position_seq=1)
    Reader.objects.create(name="fast", position_ms=9, position_seq=0)
    log.append(log_client, [an_event()])

    keeping.trim(log_client)

    assert log_client.hget(log.META, "events_read") == b"0"


def test_without_readers_nothing_is_trimmed(log_client: redis.Redis) -> None:
    log.append(log_client, [an_event()])

    assert keeping.trim(log_client) == 0
