"""One subscriber's events: what was recorded, what the log holds, then what comes. Nothing twice.

A place in the log separates what it has had from what it has not. Up to where the recorder is,
events are read from the table; from there, from the log; and once it stands where the shared tail
does, the tail tells it. When the tail is too fast, it reads on by itself from its place.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta

import redis.asyncio
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from events_app.domain.event import Event, from_ms
from events_app.domain.filters import EventFilter
from events_app.domain.position import Position
from events_app.domain.subscribing import MAX_BEHIND, SubscriptionFilter, history_start
from events_app.reads import history
from events_app.services.recording import READER
from events_app.services.tail import EventListener, EventWriter, Tail, event_text
from events_app.storage import stored_events
from events_app.stream import tailing

PAGE = 200
SECONDS_PER_PAGE = 5.0


class TooSlow(Exception):
    """The subscriber cannot be served; the message says why."""


class Subscription:
    def __init__(
        self,
        subscription: SubscriptionFilter[EventFilter],
        *,
        tail: Tail,
        client: "redis.asyncio.Redis",
        clock: Callable[[], datetime],
        after: Position | None = None,
        write: EventWriter = event_text,
    ) -> None:
        """`after`: begin behind this place of the log, instead of now or at the backfill."""
        self._subscription = subscription
        self._filter = subscription.filter
        self._parts = subscription.filter.parts()
        self._tail = tail
        self._client = client
        self._clock = clock
        self._after = after
        self._write = write
        self._place = Position(0, 0, 0)
        self._complete_to: Position | None = None
        self._is_live = False
        self._arrived = asyncio.Event()
        self._listener = EventListener(
            accepts=self._accepts,
            arrived=self._arrived.set,
            names=subscription.filter.names,
            write=write,
        )

    @property
    def complete_to(self) -> Position | None:
        """Everything up to here was part of a batch; some of what lies behind may be, too."""
        return self._complete_to

    @property
    def is_live(self) -> bool:
        """Whether it has had everything that was there before, and hears what comes."""
        return self._is_live

    async def batches(self) -> AsyncGenerator[list[str], None]:
        """Messages in the order of the log, some at a time, for ever. Raises TooSlow."""
        started = Position.end_of(await self._tail.start())
        self._place = started
        if self._subscription.backfill:
            occurred = self._filter.occurred
            since = occurred.since if occurred else None
            self._place = history_start(since, now=self._clock())
            async for texts in self._recorded():
                yield texts
        elif self._after is not None and self._after < started:
            self._place = self._after
            async for texts in self._recorded():
                yield texts
        try:
            while True:
                async for texts in self._in_the_log():
                    yield texts
                async for texts in self._live():
                    yield texts
        finally:
            self._tail.leave(self._listener)

    async def _recorded(self) -> AsyncGenerator[list[str], None]:
        complete = False
        while not complete:
            if self._after is None:
                self._refuse_who_is_far_behind(self._place.ms)
            page = await asyncio.to_thread(_page, self._filter, self._place)
            self._place, complete = page.reached, page.complete
            if page.events:
                # Behind a place that somebody names may be nothing for long.
                self._refuse_who_is_far_behind(page.events[0].position.ms)
                yield [self._write(each.event, received=each.received) for each in page.events]
            self._complete_to = self._place

    async def _in_the_log(self) -> AsyncGenerator[list[str], None]:
        """Until the tail takes over."""
        while True:
            await self._tail.start()
            if self._place.is_end and self._joined():
                return
            entries = await tailing.behind(self._client, self._place)
            if entries:
                self._refuse_who_is_far_behind(entries[0].id.ms)
            else:
                # The log may have lost the entry that the place is in; nothing is behind it.
                self._place = Position.end_of(self._place.stream_id)
            for entry in entries:
                texts = [
                    self._write(event, received=entry.received)
                    for index, event in enumerate(entry.events)
                    if entry.position(index) > self._place and self._accepts(event)
                ]
                self._place = Position.end_of(entry.id)
                for start in range(0, len(texts), PAGE):
                    yield texts[start : start + PAGE]
                self._complete_to = self._place

    def _joined(self) -> bool:
        self._listener.after = self._place.stream_id
        return self._tail.join(self._listener)

    async def _live(self) -> AsyncGenerator[list[str], None]:
        """Until the tail was too fast."""
        overrun, self._is_live = False, True
        while not overrun:
            await self._arrived.wait()
            self._arrived.clear()
            taken = self._listener.backlog.take()
            overrun = taken.overrun
            self._is_live = not overrun
            # What it did not want in between need not be looked at again.
            missed = taken.missed.just_before if taken.missed else None
            self._place = missed or taken.last or self._place
            self._complete_to = self._place
            yield taken.texts

    def _accepts(self, event: Event) -> bool:
        return all(part.accepts(event) for part in self._parts)

    def _refuse_who_is_far_behind(self, unread_ms: int) -> None:
        """`unread_ms` is the log time of what it has not had: a quiet log leaves nobody behind."""
        if self._clock() - from_ms(unread_ms) > MAX_BEHIND:
            minutes = MAX_BEHIND // timedelta(minutes=1)
            raise TooSlow(f"Too slow: more than {minutes} minutes behind; subscribe again.")


def _page(filter: EventFilter, after: Position) -> history.HistoryPage:
    """In a thread of its own, which keeps no connection."""
    try:
        with transaction.atomic():
            stored_events.limit_time(SECONDS_PER_PAGE)
            return history.page(filter, after=after, reader=READER, limit=PAGE)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            sentence = f"Looking back took over {SECONDS_PER_PAGE:.0f} s; narrow the filter."
            raise TooSlow(sentence) from None
        raise
    finally:
        connection.close()
