"""What leaves the log."""

from uuid import UUID

import pytest
import redis

from events_app.domain.position import START, StreamId
from events_app.stream import log
from events_app.stream.trimming import trim
from tests.events_app.menagerie import an_event


@pytest.fixture
def ids(log_client: redis.Redis) -> list[StreamId]:
    """Twenty entries of 8 kB, so that each is a node of its own, 10 ms apart."""
    made = []
    for n in range(20):
        log_client.hset(log.META, "floor", 1_000_000_000_000_000 + n * 10)
        event = an_event(id=UUID(int=n), payload={"a": "x" * 8_000})
        made.append(log.append(log_client, [event]).id or START)
    return made


def left(client: redis.Redis) -> list[StreamId]:
    read = log.read_or_advance(client, after=START, max_events=100, block_ms=0)
    return [entry.id for entry in read.entries]


def test_what_a_reader_has_not_read_stays(log_client: redis.Redis, ids: list[StreamId]) -> None:
    log_client.hset(log.META, "floor", 0)

    trim(log_client, read_to=ids[4], keep_ms=-(10**16))

    assert left(log_client) == ids[4:]


def test_what_was_read_lately_stays_for_the_tails(
    log_client: redis.Redis, ids: list[StreamId]
) -> None:
    trim(log_client, read_to=ids[-1], keep_ms=0)

    assert left(log_client) == ids


def test_when_much_is_held_what_was_read_leaves_early(
    log_client: redis.Redis, ids: list[StreamId]
) -> None:
    trim(log_client, read_to=ids[14], keep_bytes=5 * 8_200)

    assert ids[9] <= left(log_client)[0] <= ids[11]
    assert left(log_client)[-1] == ids[-1]


def test_what_is_read_makes_room_again(log_client: redis.Redis, ids: list[StreamId]) -> None:
    log_client.hset(log.META, "max_events", 20)
    with pytest.raises(log.LogFull):
        log.append(log_client, [an_event()])

    trim(log_client, read_to=ids[0])

    assert log.append(log_client, [an_event()]).accepted == 1
    with pytest.raises(log.LogFull):
        log.append(log_client, [an_event()])


def test_an_empty_log_is_trimmed_to_nothing(log_client: redis.Redis) -> None:
    assert trim(log_client, read_to=START) == 0
