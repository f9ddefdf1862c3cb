"""Well-behaved senders: the same events again until they are acknowledged."""

import contextlib
import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.chaos.automations import endless_events
from tests.system import Product

Frame = list[dict[str, Any]]
PATIENCE_SECONDS = 90
TWICE = 0.1  # so often a sender did not hear the answer, or so it seems


class Sender(threading.Thread):
    """Sends until told to stop; `acknowledged` are the ids that Flint promised to keep."""

    def __init__(self, product: Product, seed: int, *, pause: float, frame: int) -> None:
        super().__init__(daemon=True)
        self.product = product
        self.acknowledged: list[str] = []
        self.error: BaseException | None = None
        self._events = endless_events(seed)
        self._dice = random.Random(seed)
        self._pause = pause
        self._frame = frame
        self._over = threading.Event()

    def run(self) -> None:
        try:
            while not self._over.wait(self._pause):
                size = self._dice.randint(1, self._frame)
                frame = [next(self._events) for _ in range(size)]
                self.send(frame)
                self.acknowledged += [event["id"] for event in frame]
                if self._dice.random() < TWICE:
                    self.send(frame)
        except BaseException as error:
            self.error = error

    def finish(self) -> list[str]:
        """What was acknowledged. Raises what the sender met."""
        self._over.set()
        self.join(PATIENCE_SECONDS)
        if self.error is not None:
            raise self.error
        assert not self.is_alive(), "A sender hangs."
        return self.acknowledged

    def send(self, frame: Frame) -> None:
        raise NotImplementedError


class HttpSender(Sender):
    def send(self, frame: Frame) -> None:
        with self.product.client() as client:
            insist(lambda: client.post("/events", json=frame).status_code == 204)


class SocketSender(Sender):
    """Prefect's socket: a pong tells that what was sent before it is in the log."""

    socket: ClientConnection | None = None

    def run(self) -> None:
        with contextlib.ExitStack() as self._open:
            super().run()

    def send(self, frame: Frame) -> None:
        insist(lambda: self._sent(frame))

    def _sent(self, frame: Frame) -> bool:
        try:
            socket = self.socket = self.socket or self._connected()
            for event in frame:
                socket.send(json.dumps(event))
            if socket.ping().wait(10):
                return True
        except (OSError, WebSocketException):
            pass
        self.socket = None
        with contextlib.suppress(OSError, WebSocketException):
            self._open.close()
        return False

    def _connected(self) -> ClientConnection:
        url = self.product.url.replace("http:", "ws:", 1) + "/api/events/in"
        opened = connect(
            url, subprotocols=[Subprotocol("prefect")], open_timeout=10, close_timeout=1
        )
        socket = self._open.enter_context(opened)
        socket.send(json.dumps({"type": "auth", "token": self.product.key}))
        socket.recv(10)
        return socket


def insist(accepted: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Ask again until it is so."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        try:
            if accepted():
                return
        except (httpx.TransportError, TimeoutError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"Not accepted within {seconds:g} s.")
