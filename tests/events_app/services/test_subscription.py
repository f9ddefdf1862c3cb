"""History, then what comes: every event once, in the order of the log."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
import redis
import redis.asyncio

from events_app.domain import audience
from events_app.domain.event import Event, from_ms
from events_app.domain.filters import EventFilter
from events_app.domain.position import Position, StreamId
from events_app.domain.subscribing import SubscriptionFilter
from events_app.services import recording, subscription
from events_app.services.subscription import Subscription, TooSlow
from events_app.services.tail import Tail
from events_app.stream import log
from project.lib import redis_client
from project.lib.clock import utcnow
from tests.events_app.menagerie import an_event
from tests.events_app.services.test_recording import turns

pytestmark = pytest.mark.usefixtures("clean_tables")


class Subscribers:
    """Subscriptions that share one tail."""

    def __init__(self) -> None:
        self.client = redis_client.async_client()
        self.tail = Tail(self.client)

    def new(self, *, backfill: bool = True, **filter: Any) -> AsyncGenerator[list[str], None]:
        wanted = SubscriptionFilter(EventFilter.model_validate(filter), backfill=backfill)
        return Subscription(wanted, tail=self.tail, client=self.client, clock=utcnow).batches()


@pytest.fixture
async def subscribers() -> AsyncGenerator[Subscribers, None]:
    made = Subscribers()
    yield made
    if made.tail._reading is not None:
        made.tail._reading.cancel()
    await made.client.aclose()


def names(texts: list[str]) -> list[str]:
    return [json.loads(text)["event"]["event"] for text in texts]


async def heard(batches: AsyncGenerator[list[str], None], count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found += names(await anext(batches))
    return found


async def silent(batches: AsyncGenerator[list[str], None]) -> bool:
    """Nothing comes; the subscription is over after this."""
    try:
        async with asyncio.timeout(0.3):
            await anext(batches)
    except TimeoutError:
        return True
    return False


def events(*given: str) -> list[Event]:
    return [an_event(event=name, occurred=utcnow()) for name in given]


async def record(log_client: redis.Redis) -> None:
    await asyncio.to_thread(recording.record, log_client, seconds_left=turns(1))


async def test_history_from_table_and_log_then_what_comes(
    log_client: redis.Redis, subscribers: Subscribers
) -> None:
    log.append(log_client, events("a", "b"))
    await record(log_client)
    log.append(log_client, events("c", "d"))
    async with aclosing(subscribers.new()) as batches:
        assert await heard(batches, 4) == ["a", "b", "c", "d"]

        log.append(log_client, events("e"))
        log.append(log_client, events("f", "g"))

        assert await heard(batches, 3) == ["e", "f", "g"]
        assert await silent(batches)


async def test_only_what_the_filter_accepts(
    log_client: redis.Redis, subscribers: Subscribers
) -> None:
    log.append(log_client, events("a", "b"))
    await record(log_client)
    log.append(log_client, events("a", "b"))
    async with aclosing(subscribers.new(event={"name": ["b", "z"]})) as batches:
        assert await heard(batches, 2) == ["b", "b"]

        log.append(log_client, events("a", "z", "b"))

        assert await heard(batches, 2) == ["z", "b"]


async def test_without_history_only_what_comes(
    log_client: redis.Redis, subscribers: Subscribers
) -> None:
    log.append(log_client, events("old"))
    async with aclosing(subscribers.new(backfill=False)) as batches:
        waiting = asyncio.create_task(heard(batches, 1))
        await asyncio.sleep(0.1)

        log.append(log_client, events("new"))

        assert await waiting == ["new"]


async def test_history_ends_where_the_filter_says(
    log_client: redis.Redis, subscribers: Subscribers
) -> None:
    old = an_event(event="old", occurred=utcnow() - timedelta(minutes=5))
    log.append(log_client, [old, *events("new")])
    await record(log_client)
    since = (utcnow() - timedelta(minutes=1)).isoformat()

    async with aclosing(subscribers.new(occurred={"since": since})) as batches:
        assert await heard(batches, 1) == ["new"]


async def test_nothing_is_missing_or_doubled_while_events_pour_in(
    log_client: redis.Redis, subscribers: Subscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "PAGE", 7)
    expected = [f"n{number}" for number in range(600)]

    async def pour() -> None:
        for start in range(0, 600, 3):
            log.append(log_client, events(*expected[start : start + 3]))
            if start % 60 == 0:
                await record(log_client)
            await asyncio.sleep(0)

    pouring = asyncio.create_task(pour())
    found = []
    for _ in range(3):
        await asyncio.sleep(0.02)
        found.append(asyncio.create_task(heard(subscribers.new(), 600)))
    await pouring

    for each in found:
        assert await each == expected


async def test_a_reader_that_is_overrun_reads_on_by_itself(
    log_client: redis.Redis, subscribers: Subscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"most": 5, "most_characters": 10_000}
    monkeypatch.setattr(audience.Backlog.__init__, "__kwdefaults__", small)
    expected = [f"n{number}" for number in range(50)]
    async with aclosing(subscribers.new(backfill=False)) as batches:
        waiting = asyncio.create_task(heard(batches, 50))
        await asyncio.sleep(0.1)

        log.append(log_client, events(*expected[:30]))
        log.append(log_client, events(*expected[30:]))

        assert await waiting == expected
        log.append(log_client, events("after"))
        assert await heard(batches, 1) == ["after"]


async def test_a_tail_that_broke_leaves_nobody_waiting(
    log_client: redis.Redis,
    subscribers: Subscribers,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with aclosing(subscribers.new(backfill=False)) as batches:
        waiting = asyncio.create_task(heard(batches, 2))
        await asyncio.sleep(0.1)
        telling = Tail._tell_event

        def broken(tail: Tail, entry: Any, index: int, event: Event) -> None:
            if event.event == "poison":
                monkeypatch.setattr(Tail, "_tell_event", telling)
                raise RuntimeError("broken")
            telling(tail, entry, index, event)

        monkeypatch.setattr(Tail, "_tell_event", broken)
        log.append(log_client, events("poison", "after"))

        assert await waiting == ["poison", "after"]
    assert "The tail of the log broke" in caplog.text


async def test_the_tail_rests_when_nobody_listens(
    log_client: redis.Redis, subscribers: Subscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events_app.stream.tailing.LONGEST_BLOCK_MS", 50)
    async with aclosing(subscribers.new()) as batches:
        log.append(log_client, events("a"))
        assert await heard(batches, 1) == ["a"]
        assert subscribers.tail._reading and not subscribers.tail._reading.done()
        assert await silent(batches)

    async with asyncio.timeout(5):
        await subscribers.tail._reading
    async with aclosing(subscribers.new(backfill=False)) as batches:
        waiting = asyncio.create_task(heard(batches, 1))
        await asyncio.sleep(0.1)
        log.append(log_client, events("b"))
        assert await waiting == ["b"]


async def test_a_log_that_was_quiet_for_long_leaves_nobody_behind(
    log_client: redis.Redis, subscribers: Subscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"most": 2, "most_characters": 10_000}
    monkeypatch.setattr(audience.Backlog.__init__, "__kwdefaults__", small)
    # As if its last entry were of years ago: the log is empty.
    async with aclosing(subscribers.new(backfill=False)) as batches:
        waiting = asyncio.create_task(heard(batches, 5))
        await asyncio.sleep(0.1)

        log.append(log_client, events(*"abcde"))

        assert await waiting == [*"abcde"]


async def test_whoever_is_far_behind_is_sent_away(
    log_client: redis.Redis, subscribers: Subscribers
) -> None:
    late = Subscription(
        SubscriptionFilter(EventFilter(), backfill=True),
        tail=subscribers.tail,
        client=subscribers.client,
        clock=lambda: from_ms(0) + timedelta(days=1),
    )
    late._place = late._place._replace(ms=1)

    with pytest.raises(TooSlow, match="more than 30 minutes behind"):
        await anext(late._recorded())


async def test_the_tail_outlives_an_outage(
    log_client: redis.Redis, subscribers: Subscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events_app.services.tail.PAUSE_SECONDS", 0.01)
    async with aclosing(subscribers.new(backfill=False)) as batches:
        waiting = asyncio.create_task(heard(batches, 1))
        await asyncio.sleep(0.1)
        log_client.client_kill_filter(_type="normal", skipme=True)
        await asyncio.sleep(0.05)

        log.append(log_client, events("still here"))

        assert await waiting == ["still here"]


def test_places_are_ordered_behind_every_event_of_an_entry() -> None:
    assert Position(5, 1, 99_999) < Position.end_of(StreamId(5, 1)) < Position(5, 2, 0)
