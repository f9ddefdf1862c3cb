"""Lines of logs as they are written, told to everybody who watches."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
import redis

from project.lib import redis_client
from runs_app.domain.log_lines import LogLine
from runs_app.models import Log
from runs_app.services import log_tail
from runs_app.services.log_tail import LogTail, TailTooSlow
from runs_app.storage import log_feed, logs
from tests.runs_app.examples import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def tail() -> AsyncGenerator[LogTail, None]:
    client = redis_client.async_broker()
    made = LogTail(client)
    yield made
    if made._listening is not None:
        made._listening.cancel()
        await asyncio.gather(made._listening, return_exceptions=True)
    await client.aclose()


def anything(_: LogLine) -> bool:
    return True


def write(*messages: str) -> None:
    logs.append([Log(name="n", level=20, message=each, timestamp=NOW) for each in messages])


async def heard(lines: AsyncGenerator[list[str], None], count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found += [json.loads(text)["log"]["message"] for text in await anext(lines)]
    return found


async def watching(lines: AsyncGenerator[list[str], None], count: int) -> "asyncio.Task[list[str]]":
    task = asyncio.create_task(heard(lines, count))
    await asyncio.sleep(0.2)
    return task


async def test_everybody_hears_what_they_ask_for(tail: LogTail) -> None:
    async with (
        aclosing(tail.lines(anything)) as all_lines,
        aclosing(tail.lines(lambda line: line.message == "b")) as some,
    ):
        first, second = await watching(all_lines, 3), await watching(some, 1)

        await asyncio.to_thread(write, "a", "b", "c")

        assert (await first, await second) == (["a", "b", "c"], ["b"])


async def test_many_lines_at_once_all_arrive(tail: LogTail) -> None:
    expected = [str(number) for number in range(2_500)]
    async with aclosing(tail.lines(anything)) as lines:
        waiting = await watching(lines, len(expected))

        await asyncio.to_thread(write, *expected)

        assert await waiting == expected


async def test_what_nobody_can_read_is_left_out(tail: LogTail) -> None:
    async with aclosing(tail.lines(anything)) as lines:
        waiting = await watching(lines, 1)
        redis_client.broker().publish(log_feed.CHANNEL, b"junk")

        await asyncio.to_thread(write, "a")

        assert await waiting == ["a"]


async def test_a_watcher_that_takes_nothing_is_sent_away(
    tail: LogTail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_tail, "MAX_WAITING", 3)
    async with aclosing(tail.lines(anything)) as lines:
        waiting = await watching(lines, 5)

        await asyncio.to_thread(write, *"abcde")

        with pytest.raises(TailTooSlow, match="over 3 lines wait"):
            await waiting


async def test_nobody_is_listened_for_when_nobody_watches(
    tail: LogTail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_feed, "QUIET_SECONDS", 0.05)
    async with aclosing(tail.lines(anything)) as lines:
        await asyncio.gather(await watching(lines, 1), asyncio.to_thread(write, "a"))
    listening = tail._listening
    assert listening is not None
    async with asyncio.timeout(5):
        await listening

    async with aclosing(tail.lines(anything)) as lines:
        waiting = await watching(lines, 1)
        await asyncio.to_thread(write, "again")
        assert await waiting == ["again"]


def test_lines_are_written_when_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def publish(self, *_: Any) -> int:
            raise redis.ConnectionError("away")

    monkeypatch.setattr(redis_client, "broker", Away)

    write("a")

    assert Log.objects.get().message == "a"
