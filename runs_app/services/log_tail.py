"""One listener to new log lines per process, shared by everybody who watches logs."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import redis
import redis.asyncio

from events_app.domain.audience import Audience, Backlog, Listener
from project.lib.store_errors import first_line
from runs_app.domain.log_lines import LogLine, log_text
from runs_app.storage import log_feed

logger = logging.getLogger(__name__)

# A run may say much at once.
MAX_WAITING = 10_000
PAUSE_SECONDS = 0.5
LINES_AT_A_TIME = 100

LogListener = Listener[LogLine, None]


class TailTooSlow(Exception):
    """More lines wait than are kept; the message says so."""


class LogTail:
    """Listens while somebody watches."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client
        self._audience: Audience[LogLine, None] = Audience()
        self._listening: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()

    async def lines(self, accepts: Callable[[LogLine], bool]) -> AsyncGenerator[list[str], None]:
        """Messages of the lines that are written from now on. Raises TooSlow."""
        arrived = asyncio.Event()
        listener: LogListener = Listener(
            accepts=accepts, arrived=arrived.set, backlog=Backlog(most=MAX_WAITING)
        )
        self._audience.add(listener)
        try:
            await self._start()
            overrun = False
            while not overrun:
                await arrived.wait()
                arrived.clear()
                taken = listener.backlog.take()
                overrun = taken.overrun
                yield taken.texts
            raise TailTooSlow(f"Too slow: over {MAX_WAITING:,} lines wait; read the run's logs.")
        finally:
            self._audience.discard(listener)

    async def _start(self) -> None:
        if self._listening is None or self._listening.done():
            self._connected.clear()
            self._listening = asyncio.create_task(self._listen())
        await self._connected.wait()

    async def _listen(self) -> None:
        """Until nobody watches. Whoever comes later starts anew."""
        while self._audience:
            try:
                async with aclosing(log_feed.lines_of(self._client)) as feed:
                    async for lines in feed:
                        self._connected.set()
                        await self._tell(lines)
                        if not self._audience:
                            return
            except (redis.RedisError, OSError) as error:
                logger.warning("Could not listen to log lines: %s", first_line(error))
                await asyncio.sleep(PAUSE_SECONDS)

    async def _tell(self, lines: list[LogLine]) -> None:
        for number, line in enumerate(lines):
            if number % LINES_AT_A_TIME == LINES_AT_A_TIME - 1:
                await asyncio.sleep(0)
            text = None
            for listener in self._audience.listening_for(""):
                if not listener.accepts(line):
                    continue
                if text is None:
                    text = log_text(line)
                if not listener.backlog.add(text, None):
                    self._audience.discard(listener)
                listener.arrived()
