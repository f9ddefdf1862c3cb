"""How often a password may be guessed: 10 times in five minutes per user and address."""

import hashlib
import logging

import redis

from project.lib import redis_client

logger = logging.getLogger(__name__)

MAX_FAILURES = 10
WINDOW_SECONDS = 300


def is_exceeded(username: str, address: str) -> bool:
    """False while Redis is away: an outage must not lock people out as well."""
    try:
        count = redis_client.client().get(_key(username, address))
    except redis.RedisError as error:
        logger.warning("Failed sign-ins cannot be counted: %s", error)
        return False
    return int(count or 0) >= MAX_FAILURES


def count_failure(username: str, address: str) -> None:
    key = _key(username, address)
    try:
        with redis_client.client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_SECONDS, nx=True)
            pipe.execute()
    except redis.RedisError as error:
        logger.warning("A failed sign-in was not counted: %s", error)


def forget(username: str, address: str) -> None:
    try:
        redis_client.client().delete(_key(username, address))
    except redis.RedisError as error:
        logger.warning("Failed sign-ins were not forgotten: %s", error)


def _key(username: str, address: str) -> str:
    # Hashed, as people type passwords into the wrong field.
    digest = hashlib.sha256(f"{username.casefold()}\n{address}".encode()).hexdigest()
    return f"flint:sign-in:{digest}"
