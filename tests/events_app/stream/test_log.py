"""The log itself: order, time, duplicates, limits."""

import threading
import time
from uuid import UUID

import pytest
import redis

from events_app.domain.event import Event
from events_app.domain.position import START, StreamId
from events_app.stream import appending, log
from tests.events_app.menagerie import TWO_IN_A_FRAME, an_event


def read(client: redis.Redis, after: StreamId = START, max_events: int = 10_000) -> log.Read:
    return log.read_or_advance(client, after=after, max_events=max_events, block_ms=0)


def ids_in(client: redis.Redis) -> list[int]:
    return [event.id.int for entry in read(client).entries for event in entry.events]


def numbered(*ids: int, event: str = "e") -> list[Event]:
    return [an_event(id=UUID(int=n), event=event) for n in ids]


def redis_ms(client: redis.Redis) -> int:
    seconds, microseconds = client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


def test_an_entry_is_read_as_it_was_appended(log_client: redis.Redis) -> None:
    appended = log.append(log_client, TWO_IN_A_FRAME)

    entry = read(log_client).entries[0]

    assert (entry.id, list(entry.events)) == (appended.id, TWO_IN_A_FRAME)
    assert (appended.accepted, appended.duplicates) == (2, 0)


def test_log_time_is_the_clock_of_redis(log_client: redis.Redis) -> None:
    before = redis_ms(log_client)
    appended = log.append(log_client, TWO_IN_A_FRAME)

    assert appended.id
    assert before <= appended.id.ms <= redis_ms(log_client)


def test_log_time_never_goes_back_when_the_clock_does(log_client: redis.Redis) -> None:
    ahead = redis_ms(log_client) + 3_600_000
    log_client.hset(log.META, "floor", ahead)

    ids = [log.append(log_client, numbered(n)).id for n in range(3)]

    assert ids == [(ahead, 0), (ahead, 1), (ahead, 2)]


def test_ids_of_one_request_that_repeat_are_dropped(log_client: redis.Redis) -> None:
    appended = log.append(log_client, numbered(1, 2, 1, 3, 2))

    assert (appended.accepted, appended.duplicates) == (3, 2)
    assert ids_in(log_client) == [1, 2, 3]


def test_ids_sent_again_are_dropped_and_the_rest_kept_in_order(log_client: redis.Redis) -> None:
    log.append(log_client, numbered(2, 4))

    appended = log.append(log_client, numbered(1, 2, 3, 4, 5))

    assert (appended.accepted, appended.duplicates) == (3, 2)
    assert ids_in(log_client) == [2, 4, 1, 3, 5]


def test_a_request_of_known_ids_only_makes_no_entry(log_client: redis.Redis) -> None:
    log.append(log_client, numbered(1))

    assert log.append(log_client, numbered(1)) == log.Appended(None, 0, 1)
    assert len(read(log_client).entries) == 1


def test_the_first_of_two_contents_wins_and_the_difference_is_counted(
    log_client: redis.Redis,
) -> None:
    log.append(log_client, numbered(1, event="first"))
    for name in ("second", "second", "first"):
        log.append(log_client, numbered(1, event=name))

    assert [entry.events[0].event for entry in read(log_client).entries] == ["first"]
    assert log_client.hmget(log.META, "duplicates", "conflicts") == [b"3", b"2"]


def test_ids_are_remembered_for_five_minutes_and_forgotten_after_ten(
    log_client: redis.Redis,
) -> None:
    accepted = []
    log.append(log_client, numbered(1))
    for minutes, other in ((4.9, 2), (5.1, 3), (10.2, 4)):
        log_client.hset(log.META, "floor", redis_ms(log_client) + int(minutes * 60_000))
        log.append(log_client, numbered(other))
        accepted.append(log.append(log_client, numbered(1)).accepted)

    assert accepted == [0, 0, 1]


def test_a_frame_of_known_ids_after_five_minutes_does_not_stop_the_log(
    log_client: redis.Redis,
) -> None:
    log.append(log_client, numbered(1))
    log_client.hset(log.META, "floor", redis_ms(log_client) + 5 * 60_000)

    again = log.append(log_client, numbered(1))
    following = log.append(log_client, numbered(2, 1))

    assert (again.id, again.duplicates) == (None, 1)
    assert (following.accepted, following.duplicates) == (1, 1)


def test_memory_for_ids_is_bounded(
    log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "MAX_IDS", 10)
    for first in range(0, 100, 5):
        log.append(log_client, numbered(*range(first, first + 5)))

    held = log_client.hlen("flint:log:ids:young") + log_client.hlen("flint:log:ids:old")

    assert held <= 20


def test_a_frame_of_many_thousand_events_is_deduplicated_too(log_client: redis.Redis) -> None:
    log.append(log_client, numbered(7, 8_000))

    appended = log.append(log_client, numbered(*range(20_000)))

    assert (appended.accepted, appended.duplicates) == (19_998, 2)
    assert len(ids_in(log_client)) == 20_000


@pytest.mark.parametrize(
    ("before", "frame", "marked"),
    [
        pytest.param([], [(1, None), (2, 1)], {1}, id="leader earlier in the frame"),
        pytest.param([], [(2, 1), (1, None)], set(), id="leader later in the frame"),
        pytest.param([1], [(2, 1)], {0}, id="leader in an earlier entry"),
        pytest.param([], [(2, 1)], set(), id="leader unknown"),
        pytest.param([], [(2, 2)], set(), id="its own leader"),
        pytest.param([9], [(9, None), (1, None), (2, 1)], {1}, id="indexes after dropping"),
        pytest.param([1], [(2, 1), (1, None)], {0}, id="leader sent again later"),
    ],
)
def test_followers_of_known_leaders_are_marked(
    log_client: redis.Redis,
    before: list[int],
    frame: list[tuple[int, int | None]],
    marked: set[int],
) -> None:
    if before:
        log.append(log_client, numbered(*before))
    events = [
        an_event(id=UUID(int=id_), follows=None if leader is None else UUID(int=leader))
        for id_, leader in frame
    ]
    log.append(log_client, events)

    assert read(log_client).entries[-1].known_leaders == marked


@pytest.mark.parametrize(("limit", "value"), [("max_events", 3), ("max_bytes", 700)])
def test_a_full_log_refuses_events_but_takes_wakeups(
    log_client: redis.Redis, limit: str, value: int
) -> None:
    log_client.hset(log.META, limit, value)
    log.append(log_client, numbered(1, 2))

    with pytest.raises(log.LogFull) as full:
        log.append(log_client, numbered(3, 4))

    assert full.value.retry_after_seconds > 0
    assert ids_in(log_client) == [1, 2]
    assert log.append_wakeup(log_client) == log.last_id(log_client)


def test_redis_without_memory_is_a_full_log(log_client: redis.Redis) -> None:
    log.append(log_client, numbered(1))
    old = log_client.config_get("maxmemory")["maxmemory"]
    log_client.config_set("maxmemory", 1)
    try:
        with pytest.raises(log.LogFull):
            log.append(log_client, numbered(2))
    finally:
        log_client.config_set("maxmemory", old or "0")

    assert ids_in(log_client) == [1]


def test_a_wakeup_is_an_empty_entry_with_a_fresh_id(log_client: redis.Redis) -> None:
    first, second = log.append_wakeup(log_client), log.append_wakeup(log_client)

    assert first < second == log.last_id(log_client)
    assert [list(entry.events) for entry in read(log_client).entries] == [[], []]


def test_reading_goes_on_behind_what_was_read(log_client: redis.Redis) -> None:
    for n in range(50):
        log.append(log_client, numbered(n))
    after, seen = START, []
    while (entries := read(log_client, after, max_events=7).entries) != []:
        after = entries[-1].id
        seen += [event.id.int for entry in entries for event in entry.events]

    assert seen == list(range(50))


def test_no_more_is_read_than_asked_for_plus_one_helping(log_client: redis.Redis) -> None:
    for n in range(400):
        log.append(log_client, numbered(n))

    assert 100 <= len(read(log_client, max_events=100).entries) <= 108


def test_with_nothing_to_read_the_floor_rises_and_later_entries_keep_above(
    log_client: redis.Redis,
) -> None:
    log_client.hset(log.META, "floor", 99_999_999_999_999)

    nothing = read(log_client)
    later = log.append(log_client, numbered(1))

    assert nothing == log.Read([], 99_999_999_999_999)
    assert later.id == (nothing.floor_ms, 0)


def test_the_floor_is_kept_by_redis(log_client: redis.Redis) -> None:
    floor_ms = read(log_client).floor_ms

    assert log_client.hget(log.META, "floor") == str(floor_ms).encode()


def test_the_floor_does_not_rise_while_something_is_unread(log_client: redis.Redis) -> None:
    log.append(log_client, numbered(1))

    # As when the entry came between the look and the raising.
    assert log._advance(log_client, START) is None
    assert log_client.hget(log.META, "floor") is None


def test_an_entry_wakes_a_reader_that_waits(log_client: redis.Redis) -> None:
    timer = threading.Timer(0.1, log.append, (log_client, numbered(1)))
    timer.start()

    got = log.read_or_advance(log_client, after=START, max_events=10, block_ms=2900)

    timer.join()
    assert [event.id.int for event in got.entries[0].events] == [1]


def test_a_reader_does_not_wait_past_its_deadline(log_client: redis.Redis) -> None:
    deadline = redis_ms(log_client) + 150
    start = time.monotonic()

    got = log.read_or_advance(
        log_client, after=START, max_events=10, block_ms=2900, until_ms=deadline
    )

    assert got.floor_ms >= deadline
    assert time.monotonic() - start < 1.5


def test_after_redis_lost_its_data_new_entries_are_later_than_what_was_read(
    log_client: redis.Redis,
) -> None:
    seen = StreamId(redis_ms(log_client) + 60_000, 3)

    assert read(log_client, after=seen).floor_ms == seen.ms
    log.append(log_client, numbered(1))

    assert [entry.id for entry in read(log_client, after=seen).entries] == [(seen.ms, 4)]


def test_a_redis_that_forgot_the_scripts_is_taught_again(log_client: redis.Redis) -> None:
    log_client.script_flush()

    assert log.append(log_client, numbered(1)).accepted == 1


def test_a_redis_that_takes_no_writes_is_an_outage(log_client: redis.Redis) -> None:
    """As during a full disk, which a test cannot fill."""
    log_client.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(redis.ConnectionError, match="NOREPLICAS"):
            log.append(log_client, [an_event()])
        with pytest.raises(redis.ConnectionError, match="NOREPLICAS"):
            log.append_wakeup(log_client)
    finally:
        log_client.config_set("min-replicas-to-write", 0)
