"""What the sockets that send have in common: the filter, the sending, the end.

A reader that takes nothing for half a minute is sent away with a reason: what waits for it is
bounded, and so is the time for which it waits.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel

from accounts_app.models import Role
from accounts_app.services import access
from events_app.api.sockets import (
    AUTH_SECONDS,
    TRY_AGAIN_LATER,
    Admitted,
    Closed,
    Receive,
    Scope,
    Send,
    SentAway,
)
from events_app.domain.subscribing import SubscriptionFilter, Unacceptable, parse_filter, shortened
from project.lib.clock import utcnow
from project.lib.durable_sockets import CUT
from project.lib.store_errors import OUTAGES

PROTOCOL_ERROR = 1002
PATIENCE_SECONDS = 30.0
# As long as keys are remembered: a key that is revoked hears nothing any more after that.
ASK_AGAIN_AFTER = timedelta(seconds=5)
TOO_SLOW = "Too slow: nothing was taken for 30 s; subscribe again."

Filter = TypeVar("Filter", bound=BaseModel)


async def read_subscription(receive: Receive, model: type[Filter]) -> SubscriptionFilter[Filter]:
    """The `filter` message that follows the handshake. Raises Closed and SentAway."""
    try:
        message = await asyncio.wait_for(receive(), AUTH_SECONDS)
    except TimeoutError:
        raise SentAway("Expected 'filter' message", code=PROTOCOL_ERROR) from None
    if message["type"] != "websocket.receive":
        raise Closed
    try:
        return parse_filter(message.get("text") or message.get("bytes"), model)
    except Unacceptable as unacceptable:
        raise SentAway(str(unacceptable), code=PROTOCOL_ERROR) from None


async def tell(
    receive: Receive, send: Send, admitted: Admitted, batches: AsyncGenerator[list[str], None]
) -> None:
    """Send what comes until the reader closes. Raises Closed and SentAway."""
    reading = asyncio.create_task(_until_closed(receive))
    writing = asyncio.create_task(_write(send, admitted, batches))
    try:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            writing.result()
    finally:
        for task in (reading, writing):
            task.cancel()
        await asyncio.gather(reading, writing, return_exceptions=True)


async def _until_closed(receive: Receive) -> None:
    """Whatever else a reader sends is read and dropped."""
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _write(send: Send, admitted: Admitted, batches: AsyncGenerator[list[str], None]) -> None:
    pinged_at = utcnow()
    async with aclosing(batches):
        async for texts in batches:
            now = utcnow()
            if now - pinged_at > ASK_AGAIN_AFTER:
                await _still_welcome(admitted, now)
                pinged_at = now
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    for text in texts:
                        await send({"type": "websocket.send", "text": text})
            except TimeoutError:
                raise SentAway(TOO_SLOW, code=TRY_AGAIN_LATER) from None
            # Others have their turn, and what was written leaves in one piece.
            await asyncio.sleep(0)


async def _still_welcome(admitted: Admitted, now: datetime) -> None:
    identity = await access.authenticate_token(admitted.token, now=now)
    if identity is None or not access.may(identity, Role.VIEWER):
        raise SentAway("Unauthorized: the key is not valid any more")


async def served(scope: Scope, send: Send, conversation: Callable[[], Awaitable[None]]) -> None:
    """Hold a conversation to its end, and close with the reason if it has one."""
    try:
        await conversation()
    except Closed:
        return
    except SentAway as away:
        await _close(scope, send, away)
    except OUTAGES:
        await _close(scope, send, SentAway("A store is away", code=TRY_AGAIN_LATER))


async def _close(scope: Scope, send: Send, away: SentAway) -> None:
    reason = shortened(away.reason)
    cut = scope["extensions"].get(CUT)
    if cut is not None:
        cut(away.code, reason)  # does not wait for a reader that takes nothing
        return
    await send({"type": "websocket.close", "code": away.code, "reason": reason})
