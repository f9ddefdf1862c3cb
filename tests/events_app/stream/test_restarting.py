"""A log that goes on above everything that anybody knows of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import redis

from events_app.domain.event import RESOURCE_ID, Event
from events_app.domain.position import StreamId
from events_app.stream import log, restarting, trimming
from project.lib import redis_client

YEAR_MS = 365 * 24 * 3600 * 1000


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    client = redis_client.client()
    client.flushall()
    yield client
    client.flushall()


def happened(id_: UUID) -> Event:
    return Event(
        id=id_, occurred=datetime(2026, 1, 1, tzinfo=UTC), event="x", resource={RESOURCE_ID: "y"}
    )


def test_what_comes_is_later_than_the_place_even_before_its_time(client: redis.Redis) -> None:
    ahead = StreamId(restarting.earliest(client).ms + YEAR_MS, 7)

    restarting.restart(client, ahead, known=[])
    first = log.append(client, [happened(uuid4())]).id

    assert first is not None and first > ahead
    assert restarting.earliest(client).ms > ahead.ms


def test_it_is_empty_and_has_forgotten_what_it_held(client: redis.Redis) -> None:
    lost = happened(uuid4())
    log.append(client, [lost])

    thrown_away = restarting.restart(client, restarting.earliest(client), known=[])

    assert (thrown_away, client.xlen(log.LOG)) == (1, 0)
    assert log.append(client, [lost]).accepted == 1


def test_what_is_recorded_is_not_taken_twice(client: redis.Redis) -> None:
    known = uuid4()

    restarting.restart(client, restarting.earliest(client), known=[known])
    again = log.append(client, [happened(known), happened(uuid4())])

    assert (again.accepted, again.duplicates) == (1, 1)


def test_nothing_is_unread_afterwards(client: redis.Redis) -> None:
    log.append(client, [happened(uuid4()) for _ in range(3)])
    at = restarting.earliest(client)

    restarting.restart(client, at, known=[])
    trimming.trim(client, read_to=at)

    events, read = client.hmget(log.META, "events", "events_read")
    assert events == read == b"3"
