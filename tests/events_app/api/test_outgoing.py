"""Sending to subscribers: their end, and ours."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
import redis

from accounts_app.models import Role
from accounts_app.services import access
from accounts_app.services.access import KeyIdentity
from events_app.api import outgoing
from events_app.api.sockets import Admitted, Message, SentAway

ADMITTED = Admitted(KeyIdentity("reader", Role.VIEWER), "a-key")


async def texts(*batches: list[str]) -> AsyncGenerator[list[str], None]:
    for batch in batches:
        yield batch
    await asyncio.Event().wait()


class Reader:
    """The other end: it takes so many messages, and closes when it is told to."""

    def __init__(self, takes: int = 1_000) -> None:
        self.taken: list[str] = []
        self.closed = asyncio.Event()
        self._takes = takes

    async def send(self, message: Message) -> None:
        if len(self.taken) >= self._takes:
            await asyncio.Event().wait()
        self.taken.append(message["text"])

    async def receive(self) -> Message:
        await self.closed.wait()
        return {"type": "websocket.disconnect", "code": 1000}


async def test_it_ends_when_the_reader_closes() -> None:
    reader = Reader()
    telling = asyncio.create_task(
        outgoing.tell(reader.receive, reader.send, ADMITTED, texts(["a", "b"], ["c"]))
    )
    await asyncio.sleep(0.05)
    reader.closed.set()

    await asyncio.wait_for(telling, 5)

    assert reader.taken == ["a", "b", "c"]


async def test_a_reader_that_takes_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "PATIENCE_SECONDS", 0.05)
    reader = Reader(takes=1)

    with pytest.raises(SentAway, match="Too slow") as away:
        await outgoing.tell(reader.receive, reader.send, ADMITTED, texts(["a", "b"]))

    assert away.value.code == 1013


async def test_a_key_that_is_revoked_hears_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(outgoing, "ASK_AGAIN_AFTER", timedelta(0))
    monkeypatch.setattr(access, "authenticate_token", nobody)
    reader = Reader()

    with pytest.raises(SentAway, match="not valid any more"):
        await outgoing.tell(reader.receive, reader.send, ADMITTED, texts(["a"]))

    assert reader.taken == []


async def test_the_source_is_closed_with_the_conversation() -> None:
    ended: list[str] = []

    async def source() -> AsyncGenerator[list[str], None]:
        try:
            yield ["a"]
            await asyncio.Event().wait()
        finally:
            ended.append("closed")

    reader = Reader()
    telling = asyncio.create_task(outgoing.tell(reader.receive, reader.send, ADMITTED, source()))
    await asyncio.sleep(0.05)
    reader.closed.set()
    await asyncio.wait_for(telling, 5)

    assert ended == ["closed"]


async def test_an_outage_closes_with_a_reason() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def conversation() -> None:
        raise redis.ConnectionError("away")

    await outgoing.served({"extensions": {}}, send, conversation)

    assert sent == [{"type": "websocket.close", "code": 1013, "reason": "A store is away"}]
