"""A server on loopback that is slow where it is told to be, as long as it is listened to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Slow = Literal["silent", "headers", "informational", "body", "never reads", "no handshake"]
PAUSE_SECONDS = 0.02
OK = b"HTTP/1.1 200 OK\r\n"


@dataclass
class SlowServer:
    url: str
    at_once: int = 0
    most_at_once: int = 0
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        with self.lock:
            self.requests += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def end(self) -> None:
        with self.lock:
            self.at_once -= 1


@contextmanager
def slow_server(
    slow: Slow, *, scheme: str = "http", host: str = "127.0.0.1"
) -> Iterator[SlowServer]:
    over = threading.Event()
    listener = socket.create_server((host, 0), backlog=512)
    port = listener.getsockname()[1]
    server = SlowServer(f"{scheme}://{host}:{port}/hook")
    thread = threading.Thread(target=_accept, args=(listener, slow, server, over), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _accept(listener: socket.socket, slow: Slow, server: SlowServer, over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        arguments = (connection, slow, server, over)
        threading.Thread(target=_serve, args=arguments, daemon=True).start()


def _serve(
    connection: socket.socket, slow: Slow, server: SlowServer, over: threading.Event
) -> None:
    server.begin()
    try:
        with connection, suppress(OSError):
            _answer(connection, slow, over)
    finally:
        server.end()


def _answer(connection: socket.socket, slow: Slow, over: threading.Event) -> None:
    if slow in ("silent", "never reads", "no handshake"):
        if slow == "never reads":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        _wait_for_the_end(connection, slow, over)
        return
    connection.recv(65536)
    if slow == "body":
        connection.sendall(OK + b"\r\n")
    while not over.is_set():
        if slow == "headers":
            connection.sendall(b"X")
        elif slow == "informational":
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        else:
            connection.sendall(b"x")
        time.sleep(PAUSE_SECONDS)


def _wait_for_the_end(connection: socket.socket, slow: Slow, over: threading.Event) -> None:
    connection.settimeout(PAUSE_SECONDS)
    while not over.is_set():
        if slow == "never reads":
            time.sleep(PAUSE_SECONDS)
            continue
        with suppress(TimeoutError):
            if not connection.recv(65536):
                return
