"""WebSockets whose pongs mean something: what was sent before the ping has been dealt with.

Clients that send events ping now and then and count the pong as a receipt; closing is a
receipt too. A server that answers pings by itself, as servers do, gives a receipt for
frames that it may still lose.
"""

from functools import partial
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

EXTENSION = "flint.receipts"
CUT = "flint.cut"


class DurableSockets(WebSocketsSansIOProtocol):
    """uvicorn's protocol, with an extension that an application may switch on.

    After `scope["extensions"][EXTENSION]()` a ping or a close arrives in the application's
    own queue as `{"type": "flint.receipt", "give": callable}`, in order with the frames,
    and is answered when it calls `give`.

    `scope["extensions"][CUT](code, reason)` ends a connection whose reader takes nothing: `send`
    would wait for it. The reader finds the reason behind what it has not taken yet.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holding = False
        self._held: list[bytes] = []
        self._owed = 0

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            # The task that runs the application starts after this.
            extensions: Any = self.scope["extensions"]
            extensions[EXTENSION] = self._hold
            extensions[CUT] = self._cut

    def handle_ping(self) -> None:
        if self._holding:
            self._owe(close=False)
        else:
            super().handle_ping()

    def handle_close(self, event: Frame) -> None:
        if not self._holding or self.close_sent or self.transport.is_closing():
            super().handle_close(event)
            return
        self._owe(close=True)
        close = self.conn.close_rcvd
        code, reason = (close.code, close.reason) if close else (1005, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def _cut(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        # Not `close`: that waits for the reader, too.
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def _hold(self) -> None:
        self._holding = True

    def _owe(self, *, close: bool) -> None:
        # The parser answers at once, into its buffer; this takes the answer out of it.
        self._held += self.conn.data_to_send()
        self._owed += 1
        receipt: Any = {"type": "flint.receipt", "give": partial(self._give, close)}
        self.queue.put_nowait(receipt)

    def _give(self, close: bool) -> None:
        # A ping and a close that came in one packet were answered in one piece; so nothing
        # is written before the last receipt that is owed now.
        self._owed -= 1
        if self._owed or self.transport.is_closing():
            return
        self.transport.write(b"".join(self._held))
        self._held.clear()
        if close:
            self.transport.close()
