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
from project.lib import duty
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


def test_a_second_recorder_looks_again_and_then_sends_its_message_on(
    log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duty, "STANDBY_SECONDS", 0.0)
    with reader.take("record", held=None):
        tasks.record_events()

    assert log_client.llen("record") == 1


@pytest.mark.parametrize(
    ("run", "service", "name"),
    [
        (tasks.record_events, recording, "record"),
        (lambda: tasks.RELAYING.run(0.01), relaying, "relay"),
        (tasks.keep_partitions, keeping, "keep_partitions"),
    ],
    ids=["record", "relay", "partitions"],
)
@pytest.mark.parametrize("error", [psycopg.OperationalError, redis.ConnectionError], ids=str)
def test_an_outage_is_one_line(
    run: Any,
    service: Any,
    name: str,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise error("away")

    monkeypatch.setattr(service, name, away)
    monkeypatch.setattr(duty, "STANDBY_SECONDS", 0.0)
    monkeypatch.setattr(duty, "OUTAGE_PAUSE_SECONDS", 0.0)

    run()

    assert [(r.levelno, r.exc_info) for r in caplog.records] == [(logging.WARNING, None)]


def test_the_outbox_waits_for_a_full_log(
    log_client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    log_client.hset(log.META, "max_events", 0)
    outbox.add(TWO_IN_A_FRAME)

    tasks.RELAYING.run(0.01)

    assert "wait in the outbox" in caplog.text


def test_partitions_are_kept_and_the_outbox_is_emptied(log_client: redis.Redis) -> None:
    outbox.add(TWO_IN_A_FRAME)

    tasks.keep_partitions()
    tasks.RELAYING.run(0.01)

    assert log_client.xlen(log.LOG) == 1
    assert not relaying.waits()
