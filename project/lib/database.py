"""PostgreSQL connections outside Django's pool: for COPY, locks and readers."""

from typing import Any

import psycopg
from django.db import connections


def current() -> "psycopg.Connection[Any]":
    """The connection that Django uses in this thread, for short questions; not to be closed.

    What is executed belongs to the transaction that is open there, if one is.
    """
    django_connection = connections["default"]
    django_connection.ensure_connection()
    connection: psycopg.Connection[Any] = django_connection.connection
    return connection


def connect(
    *, application_name: str, connect_timeout: int | None = None, options: str | None = None
) -> "psycopg.Connection[Any]":
    """A connection of one's own to Django's database (the test database in tests).

    TCP keepalives let PostgreSQL notice a dead owner, and free its advisory lock, within
    about 10 s even when the machine vanished.
    """
    params = dict(connections["default"].get_connection_params())
    for name in (
        "pool",
        "context",
        "cursor_factory",
        "prepare_threshold",
        "server_side_binding",
        "assume_role",
    ):
        params.pop(name, None)
    params |= {
        "application_name": application_name,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    if connect_timeout is not None:
        params["connect_timeout"] = connect_timeout
    if options is not None:
        params["options"] = " ".join(filter(None, (params.get("options"), options)))
    return psycopg.connect(**params)
