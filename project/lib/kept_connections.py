"""Connections that stay open for the next short question, in processes that ask many.

A new one costs both ends more than such a question does: a process, a password, and everything
the server must learn of the tables again. At most `MOST_KEPT` wait, for `KEPT_SECONDS` at most.
"""

import atexit
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from django.db import connections
from psycopg.pq import TransactionStatus

from project.lib import database

MOST_KEPT = 2
KEPT_SECONDS = 120.0
Connection = psycopg.Connection[Any]


class _Kept(NamedTuple):
    # Neither a forked process nor another database (of tests) may have it.
    owner: tuple[int, str]
    since: float
    connection: Connection


_lock = threading.Lock()
_waiting: list[_Kept] = []


@contextmanager
def kept_connection() -> Iterator[Connection]:
    """A connection for reading: what is done in it is rolled back, and it is kept."""
    connection = _take() or _new()
    try:
        yield connection
        if connection.info.transaction_status != TransactionStatus.IDLE:
            connection.rollback()
    except BaseException:
        connection.close()
        raise
    _keep(connection)


def close_kept_connections() -> None:
    with _lock:
        gone, _waiting[:] = _waiting[:], []
    for one in gone:
        _drop(one)


def _new() -> Connection:
    connection = database.connect(application_name="flint questions")
    # A plan made for other values could be a bad one for these.
    connection.prepare_threshold = None
    return connection


def _owner() -> tuple[int, str]:
    return os.getpid(), str(connections["default"].settings_dict["NAME"])


def _take() -> Connection | None:
    """The one that was used last, if the server has not closed it."""
    owner, oldest = _owner(), time.monotonic() - KEPT_SECONDS
    while True:
        with _lock:
            if not _waiting:
                return None
            one = _waiting.pop()
        if one.owner == owner and one.since >= oldest and _is_quiet(one.connection):
            return one.connection
        _drop(one)


def _is_quiet(connection: Connection) -> bool:
    """Whether nothing was sent since: a server that goes says so, or closes its end."""
    try:
        poll = select.poll()
        poll.register(connection.pgconn.socket)
        return all(happened == select.POLLOUT for _, happened in poll.poll(0))
    except (OSError, ValueError, psycopg.Error):
        return False


def _keep(connection: Connection) -> None:
    if connection.closed:
        return
    one = _Kept(_owner(), time.monotonic(), connection)
    with _lock:
        _waiting.append(one)
        gone = _waiting[:-MOST_KEPT]
        del _waiting[:-MOST_KEPT]
    for old in gone:
        _drop(old)


def _drop(one: _Kept) -> None:
    # The end of the parent's is not ours to announce: it would close the parent's session.
    if one.owner[0] == os.getpid():
        one.connection.close()


atexit.register(close_kept_connections)
