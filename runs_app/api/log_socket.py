"""/api/logs/out: lines of logs that match a filter, as they are written.

Handshake and filter are Prefect's, as is that nothing of before is told.
"""

import asyncio
import weakref

from accounts_app.models import Role
from events_app.api import outgoing
from events_app.api.sockets import (
    TRY_AGAIN_LATER,
    Receive,
    Scope,
    Send,
    SentAway,
    authenticated,
)
from project.lib import redis_client
from runs_app.api.filters import LogFilter
from runs_app.domain.log_lines import line_test
from runs_app.services.log_tail import LogTail, TailTooSlow

# One per event loop: the server has one, every async test has its own.
_tails: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LogTail]"
_tails = weakref.WeakKeyDictionary()


def log_tail() -> LogTail:
    loop = asyncio.get_running_loop()
    tail = _tails.get(loop)
    if tail is None:
        tail = _tails[loop] = LogTail(redis_client.async_broker())
    return tail


async def logs_out(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one subscriber until it closes, or is too slow."""

    async def conversation() -> None:
        admitted = await authenticated(scope, receive, send, Role.VIEWER)
        subscription = await outgoing.read_subscription(receive, LogFilter)
        try:
            lines = log_tail().lines(line_test(subscription.filter))
            await outgoing.tell(receive, send, admitted, lines)
        except TailTooSlow as slow:
            raise SentAway(str(slow), code=TRY_AGAIN_LATER) from None

    await outgoing.served(scope, send, conversation)
