"""One tail of the log per process, shared by everybody who listens to events as they come."""

import asyncio
import logging
import weakref
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import redis
import redis.asyncio

from events_app.domain.audience import Audience, Listener
from events_app.domain.event import Entry, Event, event_json
from events_app.domain.position import START, Position, StreamId
from events_app.services.log_client import log_client
from events_app.stream import tailing
from project.lib.store_errors import first_line

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5  # before the log is asked again, when it was away
# So many events of an entry, then others have their turn: an entry may hold 100,000.
EVENTS_AT_A_TIME = 100


class EventWriter(Protocol):
    """How an event is told to those who listen."""

    def __call__(self, event: Event, *, received: datetime) -> str: ...


def event_text(event: Event, *, received: datetime) -> str:
    """The message that tells a subscriber of an event, as Prefect's server writes it."""
    return f'{{"type":"event","event":{event_json(event, received=received).decode()}}}'


@dataclass(eq=False, slots=True, kw_only=True)
class EventListener(Listener[Event, Position]):
    """`after`: the last entry that it has had already."""

    after: StreamId = START
    write: EventWriter = event_text


class Tail:
    """Reads the log while somebody listens, each entry once, however many they are."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client
        self._audience: Audience[Event, Position] = Audience()
        # The entry that is being told, or the last one that was.
        self._at = START
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> StreamId:
        """Begin to read, if nobody does; the last entry that a new listener will not hear."""
        async with self._starting:
            if self._reading is None or self._reading.done():
                self._at = await tailing.last_id(self._client)
                self._reading = asyncio.create_task(self._read())
                self._reading.add_done_callback(self._ended)
        return self._at

    def join(self, listener: EventListener) -> bool:
        """Let a listener hear every entry from the one behind its `after`.

        False while the tail is further: then the listener has to read on by itself.
        """
        if listener.after < self._at or self._reading is None or self._reading.done():
            return False
        self._audience.add(listener)
        return True

    def leave(self, listener: EventListener) -> None:
        self._audience.discard(listener)

    async def _read(self) -> None:
        """Until nobody listens. Whoever joins later starts anew."""
        idle = False
        while not idle:
            try:
                entries = await tailing.wait_for_more(self._client, after=self._at)
            except (redis.RedisError, OSError) as error:
                logger.warning("Could not read the log for subscribers: %s", first_line(error))
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for entry in entries:
                await self._tell(entry)
            idle = not entries and not self._audience

    def _ended(self, reading: "asyncio.Task[None]") -> None:
        """Whoever listens to a tail that broke reads on by itself, and meets what broke it."""
        error = None if reading.cancelled() else reading.exception()
        if error is None:
            return
        logger.error("The tail of the log broke", exc_info=error)
        for listener in self._audience.everybody():
            self._audience.discard(listener)
            listener.backlog.overrun()
            listener.arrived()

    async def _tell(self, entry: Entry) -> None:
        self._at = entry.id
        for index, event in enumerate(entry.events):
            if index % EVENTS_AT_A_TIME == EVENTS_AT_A_TIME - 1:
                await asyncio.sleep(0)
            self._tell_event(entry, index, event)

    def _tell_event(self, entry: Entry, index: int, event: Event) -> None:
        texts: dict[EventWriter, str] = {}
        for listener in self._audience.listening_for(event.event):
            assert isinstance(listener, EventListener)
            if listener.after >= entry.id or not listener.accepts(event):
                continue
            text = texts.get(listener.write)
            if text is None:
                text = texts[listener.write] = listener.write(event, received=entry.received)
            if not listener.backlog.add(text, entry.position(index)):
                self._audience.discard(listener)
            listener.arrived()


# One per event loop: the server has one, every async test has its own.
_tails: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Tail]" = weakref.WeakKeyDictionary()


def shared_tail() -> Tail:
    """The one of this process."""
    loop = asyncio.get_running_loop()
    tail = _tails.get(loop)
    if tail is None:
        tail = _tails[loop] = Tail(log_client())
    return tail
