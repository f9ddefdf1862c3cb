"""One append over a plain socket, for a command that ends right after it.

Importing redis-py costs more than everything else that sending an event needs. hiredis reads
and writes the protocol; addresses that need more than it (TLS, options) take redis-py.
"""

import contextlib
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import hiredis

from events_app.domain.event import Event
from events_app.stream import lua
from events_app.stream.appending import KEYS, Appended, LogFull, append_arguments, appended

TIMEOUT_SECONDS = 10.0
Part = str | bytes | int
Command = tuple[str | int | float | bytes | memoryview, ...]


class Unreachable(Exception):
    """The log does not answer, or answers that it cannot; the message says why."""


def append(url: str, events: Sequence[Event]) -> Appended:
    """Append the events as one entry; on disk when this returns. Raises LogFull, Unreachable."""
    address = urlsplit(url)
    if not _is_plain(address):
        return _with_client(url, events)
    try:
        with contextlib.closing(_connected(address)) as connection:
            for command in _greeting(address):
                _ask(connection, command)
            return appended(_run(connection, append_arguments(events)))
    except OSError as error:
        raise Unreachable(str(error)) from None
    except hiredis.ReplyError as error:
        if "OOM command not allowed" in str(error):
            raise LogFull from None
        raise Unreachable(str(error)) from None


def _is_plain(address: SplitResult) -> bool:
    return address.scheme in ("redis", "unix") and set(parse_qs(address.query)) <= {"db"}


def _connected(address: SplitResult) -> socket.socket:
    if address.scheme == "redis":
        place = (address.hostname or "localhost", address.port or 6379)
        return socket.create_connection(place, TIMEOUT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT_SECONDS)
    try:
        connection.connect(unquote(address.path))
    except OSError:
        connection.close()
        raise
    return connection


def _greeting(address: SplitResult) -> list[Command]:
    commands: list[Command] = []
    if address.password:
        user = [unquote(address.username)] if address.username else []
        commands.append(("AUTH", *user, unquote(address.password)))
    database = parse_qs(address.query).get("db", [""])[0]
    if address.scheme == "redis":
        database = database or address.path.strip("/")
    if database:
        commands.append(("SELECT", database))
    return commands


def _run(connection: socket.socket, arguments: Sequence[Part]) -> Any:
    rest = (len(KEYS), *KEYS, *arguments)
    try:
        return _ask(connection, ("EVALSHA", lua.APPEND.digest, *rest))
    except hiredis.ReplyError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
        return _ask(connection, ("EVAL", lua.APPEND.text, *rest))


def _ask(connection: socket.socket, command: Command) -> Any:
    connection.sendall(hiredis.pack_command(command))  # type: ignore[arg-type]  # its stub means one
    reader = hiredis.Reader()
    while (reply := reader.gets()) is False:
        received = connection.recv(65536)
        if not received:
            raise ConnectionError("the connection was closed")
        reader.feed(received)
    if isinstance(reply, hiredis.ReplyError):
        raise reply
    return reply


def _with_client(url: str, events: Sequence[Event]) -> Appended:
    # Only here: this import is what the rest of the module avoids.
    import redis

    from events_app.stream import log

    try:
        with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=5)) as client:
            return log.append(client, events)
    except redis.RedisError as error:
        raise Unreachable(str(error)) from None
