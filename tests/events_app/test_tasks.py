"""Celery's side: leases that renew themselves, outages that are one line."""

import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis

from events_app import tasks
from events_app.models import Event
from events_app.services import keeping, recording, relaying
from events_app.storage import outbox, reader
from events_app.stream import log
from tests.events_app.menagerie import NUL_IN_NAME, TWO_IN_A_FRAME

pytestmark = pytest.mark.usefixtures("clean_tables")


@pytest.fixture(autouse=True)
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_turn() -> Any:
        left: Iterator[float] = iter([0.001])
        return lambda: next(left, 0.0)

    monkeypatch.setattr(tasks, "lease_clock", one_turn)


def test_a_lease_records_and_asks_for_the_next(
    log_client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    log.append(log_client, [*TWO_IN_A_FRAME, NUL_IN_NAME])

    tasks.record_events()

    assert Event.objects.count() == 2
    assert log_client.llen("record") == 1
    assert "refused 1 events" in caplog.text


def test_a_second_recorder_leaves_quietly(log_client: redis.Redis) -> None:
    with reader.take("record", held=None):
        tasks.record_events()

    assert log_client.llen("record") == 0


@pytest.mark.parametrize(
    ("task", "service", "name"),
    [
        (tasks.record_events, recording, "record"),
        (tasks.relay_outbox, relaying, "relay"),
        (tasks.trim_log, keeping, "trim"),
        (tasks.keep_partitions, keeping, "keep_partitions"),
    ],
    ids=["record", "relay", "trim", "partitions"],
)
@pytest.mark.parametrize("error", [psycopg.OperationalError, redis.ConnectionError], ids=str)
def test_an_outage_is_one_line(
    task: Any,
    service: Any,
    name: str,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise error("away")

    monkeypatch.setattr(service, name, away)

    task()

    assert [(r.levelno, r.exc_info) for r in caplog.records] == [(logging.WARNING, None)]


def test_the_outbox_waits_for_a_full_log(
    log_client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    log_client.hset(log.META, "max_events", 0)
    outbox.add(TWO_IN_A_FRAME)

    tasks.relay_outbox()

    assert "wait in the outbox" in caplog.text


def test_partitions_are_kept_and_the_log_is_trimmed(log_client: redis.Redis) -> None:
    tasks.keep_partitions()
    tasks.trim_log()
    tasks.relay_outbox()

    assert log_client.xlen(log.LOG) == 0
