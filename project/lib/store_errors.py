"""The errors that say that a store is away, or was meanwhile: nothing is wrong with the work."""

import psycopg
import redis
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

OUTAGES: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    OperationalError,
    InterfaceError,
    PoolTimeout,
    redis.ConnectionError,
    redis.TimeoutError,
)


def first_line(error: BaseException) -> str:
    """What an outage says, without the lines that follow."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
