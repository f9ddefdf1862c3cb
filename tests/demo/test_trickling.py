"""Events of the demo that come through the door, now."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
import redis

from demo.trickling import send_fresh, trickle
from events_app.domain.position import START
from events_app.stream import log
from project.lib import redis_client

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.fixture
def client() -> redis.Redis:
    client = redis_client.client()
    client.flushall()
    return client


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def read(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def in_log(client: redis.Redis) -> list[str]:
    entries = log.read_or_advance(client, after=START, max_events=1000, block_ms=1).entries
    return [event.event for entry in entries for event in entry.events]


def test_fresh_events_start_three_imports_and_a_ticket(client: redis.Redis) -> None:
    assert send_fresh(client, now=NOW) == 7
    assert in_log(client) == ["file.landed", "file.checked"] * 3 + ["support.ticket.opened"]


def test_a_trickle_sends_each_event_when_its_time_has_come(client: redis.Redis) -> None:
    clock = Clock()
    sent = []
    for event in islice(trickle(client, clock=clock.read, sleep=clock.sleep), 40):
        sent.append(event.event)
        assert event.occurred <= clock.now
    assert in_log(client) == sent
    assert NOW + timedelta(seconds=5) < clock.now < NOW + timedelta(minutes=5)
