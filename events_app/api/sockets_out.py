"""/api/events/out: events that match a filter, first those of the last minutes, then as they come.

The handshake and the `filter` message are Prefect's; then one `event` message per event.
"""

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
from events_app.domain.filters import EventFilter
from events_app.services.log_client import log_client
from events_app.services.subscription import Subscription, TooSlow
from events_app.services.tail import shared_tail
from project.lib.clock import utcnow


async def events_out(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one subscriber until it closes, or is too slow."""

    async def conversation() -> None:
        admitted = await authenticated(scope, receive, send, Role.VIEWER)
        filter = await outgoing.read_subscription(receive, EventFilter)
        subscription = Subscription(filter, tail=shared_tail(), client=log_client(), clock=utcnow)
        try:
            await outgoing.tell(receive, send, admitted, subscription.batches())
        except TooSlow as slow:
            raise SentAway(str(slow), code=TRY_AGAIN_LATER) from None

    await outgoing.served(scope, send, conversation)
