"""/events/stream: events that fit the filter of the list, as they are received. Server-sent events.

Not a view: a view would hold a thread. It shares the tail of the log with /api/events/out, and
looks every few seconds whether whoever reads is still signed in. An `id` is a place in the log:
a browser that was cut off says the last one that it had, and misses nothing.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest, QueryDict, parse_cookie

from events_app.domain.event import Event
from events_app.domain.position import Position
from events_app.domain.subscribing import SubscriptionFilter
from events_app.services.event_outcomes import fresh_outcomes
from events_app.services.log_client import log_client
from events_app.services.subscription import Subscription, TooSlow
from events_app.services.tail import shared_tail
from events_app.web.cursors import position_of
from events_app.web.event_query import parse_query
from project.lib.clock import utcnow
from project.lib.private_answers import NO_STORE
from project.lib.store_errors import OUTAGES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FLUSH_SECONDS = 0.25
OUTCOME_SECONDS = 1.0  # how often is looked what the evaluator made of rows that were sent
MOST_UNDECIDED = 200  # rows; older ones stay without their outcome
MOST_AT_ONCE = 50  # rows of one flush; of more only the newest are sent, and how many were not
MOST_CAUGHT_UP = 500  # rows of what was missed: as many as the list keeps
PING_SECONDS = 15.0
CHECK_SECONDS = 4.0
LONGEST_SECONDS = 600.0  # then the browser comes again, so that a server can be stopped
PATIENCE_SECONDS = 30.0
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", NO_STORE.encode()),
    (b"x-accel-buffering", b"no"),
]


# Where the id stands in what `feed_row` writes.
ID_IN_ROW = slice(len('{"id":"'), len('{"id":"') + 36)


def feed_row(event: Event, *, received: datetime) -> str:
    """What a row of the feed shows of an event, as one line of JSON."""
    row = {
        "id": str(event.id),
        "event": event.event,
        "resource": event.resource_id,
        "related": len(event.related),
        "occurred": event.occurred.isoformat(),
        "received": received.isoformat(),
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


async def feed_stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one browser until it leaves, is signed out, or ten minutes have passed."""
    if not await _is_signed_in(scope):
        await _refuse(send, 401, "Sign in to see events.")
        return
    query = parse_query(QueryDict(scope["query_string"]), now=utcnow())
    if query.problems:
        await _refuse(send, 422, " ".join(query.problems))
        return
    if query.fate:
        await _refuse(send, 422, "What an event did is known after it came: fate: has no stream.")
        return
    subscription = Subscription(
        SubscriptionFilter(query.filter, backfill=False),
        tail=shared_tail(), client=log_client(), clock=utcnow, after=_place(scope), write=feed_row,
    )  # fmt: skip
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    reading = asyncio.create_task(_until_gone(receive))
    writing = asyncio.create_task(Feed(subscription, scope, send).run())
    try:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, writing):
            task.cancel()
        await asyncio.gather(reading, writing, return_exceptions=True)


class Feed:
    """What was found and is not sent yet: a few rows at a time, four times a second at the most."""

    def __init__(self, subscription: Subscription, scope: Scope, send: Send) -> None:
        self._subscription = subscription
        self._scope = scope
        self._send = send
        self._rows: list[str] = []
        self._skipped = 0
        self._most = MOST_AT_ONCE  # rows of the next message
        self._place: Position | None = None
        # Rows that were sent, of which is not known what they did.
        self._undecided: deque[UUID] = deque(maxlen=MOST_UNDECIDED)

    async def run(self) -> None:
        """Until it is over; the last message says why."""
        finding = asyncio.create_task(self._find())
        try:
            over = await self._flush_for_ever(finding)
        except TimeoutError:
            return  # whoever takes nothing is not told either
        except OUTAGES:
            over = "again"  # and then hears when the store is back
        finally:
            finding.cancel()
            await asyncio.gather(finding, return_exceptions=True)
        await self._write(f"event: over\ndata: {over}\n\n")
        await self._send({"type": "http.response.body", "body": b""})

    async def _find(self) -> None:
        batches: AsyncGenerator[list[str], None] = self._subscription.batches()
        async with aclosing(batches):
            async for rows in batches:
                self._rows += rows
                if not self._subscription.is_live:
                    self._most = MOST_CAUGHT_UP
                if len(self._rows) > self._most:
                    self._skipped += len(self._rows) - self._most
                    del self._rows[: -self._most]
                self._place = self._subscription.complete_to

    async def _flush_for_ever(self, finding: "asyncio.Task[None]") -> str:
        """The reason why it ends: "again", "signed out" or "too slow"."""
        clock = asyncio.get_running_loop().time
        began = checked = sent = looked = clock()
        await self._write("retry: 1000\n\n")
        while clock() - began < LONGEST_SECONDS:
            await asyncio.wait({finding}, timeout=FLUSH_SECONDS)
            if finding.done():
                return "too slow" if isinstance(finding.exception(), TooSlow) else "again"
            if clock() - checked > CHECK_SECONDS:
                if not await _is_signed_in(self._scope):
                    return "signed out"
                checked = clock()
            if self._undecided and clock() - looked > OUTCOME_SECONDS:
                await self._send_outcomes()
                looked = clock()
            if self._rows:
                await self._write(self._message())
                sent = clock()
            elif clock() - sent > PING_SECONDS:
                await self._write(": ping\n\n")
                sent = clock()
        return "again"

    def _message(self) -> str:
        """The newest row first. The browser drops what it has had."""
        rows, skipped = self._rows[::-1], self._skipped
        self._rows, self._skipped, self._most = [], 0, MOST_AT_ONCE
        self._undecided.extend(UUID(row[ID_IN_ROW]) for row in reversed(rows))
        place = "" if self._place is None else f"id: {self._place}\n"
        return f'{place}data: {{"skipped":{skipped},"rows":[{",".join(rows)}]}}\n\n'

    async def _send_outcomes(self) -> None:
        """A second message, for rows that the evaluator has passed: fired and counted."""
        decided = await asyncio.to_thread(fresh_outcomes, list(self._undecided), now=utcnow())
        remaining = [one for one in self._undecided if one not in decided]
        self._undecided = deque(remaining, maxlen=MOST_UNDECIDED)
        outcomes = {str(one): outcome for one, outcome in decided.items() if any(outcome)}
        if outcomes:
            await self._write(f"event: outcomes\ndata: {json.dumps(outcomes)}\n\n")

    async def _write(self, text: str) -> None:
        body = {"type": "http.response.body", "body": text.encode(), "more_body": True}
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._send(body)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", NO_STORE.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": sentence}).encode()})


def _place(scope: Scope) -> Position | None:
    """Behind what the browser has: what it says itself, else what its page says."""
    headers = dict(scope["headers"])
    said = headers.get(b"last-event-id", b"").decode("latin-1")
    said = said or QueryDict(scope["query_string"]).get("after", "")
    try:
        return position_of(said)
    except ValueError:
        return None


async def _is_signed_in(scope: Scope) -> bool:
    """Whoever has a session may look."""
    return await asyncio.to_thread(_has_session, scope)


def _has_session(scope: Scope) -> bool:
    """One or two queries, in a thread that keeps no connection."""
    cookies = parse_cookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    try:
        return bool(get_user(request).is_authenticated)
    finally:
        connection.close()
