"""What Prometheus is told, read with Prometheus' own parser."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from django.db import DatabaseError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts_app.models import Role
from accounts_app.services import access
from events_app.domain.event import Event
from events_app.domain.position import StreamId
from events_app.models import EventCount, EventOutbox, Reader
from events_app.stream import log
from project import metrics_sql
from project.lib import redis_client
from project.lib.clock import utcnow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    redis_client.client().flushdb()
    yield
    redis_client.client().flushdb()


def scraped(role: Role = Role.VIEWER) -> dict[str, float]:
    """`name{label value}` → figure."""
    key = access.create_key("prometheus", role, utcnow())
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def some_events(count: int) -> list[Event]:
    return [
        Event(id=uuid4(), occurred=utcnow(), event="e", resource={"prefect.resource.id": "r"})
        for _ in range(count)
    ]


def test_a_stranger_is_told_nothing(client: Client) -> None:
    assert client.get("/metrics").status_code == 401


def test_received_and_repeated_events_are_counted() -> None:
    events = some_events(3)
    log.append(redis_client.client(), events)
    log.append(redis_client.client(), events[:2])

    found = scraped()

    assert found["flint_events_received_total"] == 3
    assert found["flint_events_duplicate_total"] == 2
    assert found["flint_log_entries"] == 1
    assert found["flint_log_unread_events"] == 3
    assert found["flint_log_unread_events_limit"] == 2_000_000


def test_every_reader_tells_how_far_behind_it_is() -> None:
    first = log.append(redis_client.client(), some_events(3)).id
    assert first is not None
    log.append(redis_client.client(), some_events(4))
    Reader.objects.create(name="record", position_ms=first.ms, position_seq=first.seq)
    Reader.objects.create(name="evaluate")

    found = scraped()

    assert found["flint_reader_behind_events{record}"] == 4
    assert found["flint_reader_behind_events{evaluate}"] == 7
    assert found["flint_reader_events_total{record}"] == 3
    assert 0 <= found["flint_reader_behind_seconds{evaluate}"] < 60


def test_a_reader_at_the_end_is_not_behind() -> None:
    log.append(redis_client.client(), some_events(3))
    end: StreamId = log.last_id(redis_client.client())
    Reader.objects.create(name="record", position_ms=end.ms, position_seq=end.seq)

    found = scraped()

    assert found["flint_reader_behind_events{record}"] == 0
    assert found["flint_reader_behind_seconds{record}"] == 0


def test_queues_and_own_events_are_counted() -> None:
    EventOutbox.objects.create(event_id=uuid4(), body=b"{}")
    name = "prefect.automation.action.failed"
    EventCount.objects.create(event=name, log_day=utcnow().date(), events=5)
    redis_client.client().rpush("actions", "one", "two")

    found = scraped()

    assert found["flint_outbox_events"] == 1
    assert found["flint_oldest_seconds{outbox}"] > 0
    assert found[f"flint_own_events_total{{{name}}}"] == 5
    assert found["flint_queue_messages{actions}"] == 2
    assert found["flint_action_runs{held}"] == 0
    assert found["flint_automations{quarantined}"] == 0


def test_the_answer_is_kept_for_a_few_seconds() -> None:
    before = scraped()["flint_events_received_total"]
    log.append(redis_client.client(), some_events(1))

    assert scraped()["flint_events_received_total"] == before


def test_without_redis_the_tables_are_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = redis.Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(redis_client, "impatient_client", lambda: nobody)

    found = scraped()

    assert (found["flint_up{redis}"], found["flint_up{postgresql}"]) == (0, 1)
    assert "flint_outbox_events" in found
    assert found["flint_healthy"] == 0


def test_without_the_database_the_log_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> metrics_sql.Tables:
        raise DatabaseError

    monkeypatch.setattr(metrics_sql, "read", away)

    found = scraped()

    assert (found["flint_up{redis}"], found["flint_up{postgresql}"]) == (1, 0)
    assert found["flint_events_received_total"] == 0


def test_what_may_be_large_is_counted_by_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {metrics_sql.COUNTS}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Seq Scan" not in plan
    for index in ("action_run_pending", "action_run_to_send", "action_run_held"):
        assert index in plan
