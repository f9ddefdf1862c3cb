"""A reader that takes nothing is cut, and finds the reason behind what it had not taken."""

import asyncio
import socket as network
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any

import pytest
import uvicorn

from project.lib.durable_sockets import CUT, DurableSockets

Message = MutableMapping[str, Any]
LINE = "x" * 100_000
MOST = 600  # messages: far more than sockets hold


class Server:
    """Sends until the reader takes nothing any more, then cuts it."""

    def __init__(self) -> None:
        self.sent = 0

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while self.sent < MOST:
                async with asyncio.timeout(0.3):
                    await send({"type": "websocket.send", "text": LINE})
                self.sent += 1
                await asyncio.sleep(0)
        except TimeoutError:
            scope["extensions"][CUT](1013, "Too slow")


@pytest.fixture
async def served() -> AsyncGenerator[tuple[Server, int], None]:
    app = Server()
    config = uvicorn.Config(
        app, port=0, ws=DurableSockets, lifespan="off", log_config=None, ws_ping_interval=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    yield app, server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await asyncio.wait_for(serving, 20)


UPGRADE = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def taken_late(port: int) -> bytes:
    """All that a reader finds that begins to read after two seconds."""
    with network.create_connection(("127.0.0.1", port), timeout=10) as socket:
        socket.sendall(UPGRADE.encode())
        time.sleep(2)
        found = bytearray()
        # Until the close frame, which is not masked: 0x88, its length, the code, the reason.
        while b"\x88\x0a\x03\xf5Too slow" not in found[-200:]:
            data = socket.recv(1 << 20)
            assert data, "It was not told why"
            found += data
    return bytes(found)


async def test_a_reader_that_takes_nothing_is_told_why_it_is_cut(
    served: tuple[Server, int],
) -> None:
    app, port = served

    taken = await asyncio.wait_for(asyncio.to_thread(taken_late, port), 30)

    # Nothing that was sent is lost, and no more waited than what sockets hold.
    assert taken.count(LINE.encode()) >= app.sent > 0
    assert app.sent < MOST
