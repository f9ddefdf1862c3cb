"""Connections to the Redis that carries the log, and to the one that carries wake-ups."""

import functools

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@functools.cache
def client() -> redis.Redis:
    """One pooled client per process; safe between threads. Answers bytes."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=5, health_check_interval=15
    )


@functools.cache
def broker() -> redis.Redis:
    """The Redis of Celery's messages, which keeps nothing that matters."""
    return redis.Redis.from_url(
        settings.BROKER_REDIS_URL,
        socket_connect_timeout=2,
        # The supervisor starts a killed one again at once; then its list is empty, and right.
        retry=Retry(NoBackoff(), 1),
    )


@functools.cache
def impatient_client() -> redis.Redis:
    """For looking whether Redis is there: asks once, and waits two seconds at most."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=2,
        socket_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )


def async_client() -> "redis.asyncio.Redis":
    """A new client for the running event loop; the caller closes it."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=5, health_check_interval=15
    )


def async_broker() -> "redis.asyncio.Redis":
    """The same for the Redis of Celery's messages."""
    return redis.asyncio.Redis.from_url(settings.BROKER_REDIS_URL, socket_connect_timeout=2)
