"""Wake-ups: who leaves work for another process says "look now".

Never the truth: who waits looks by itself every second, so a wake-up that is lost with the
broker costs that second and nothing else. A duty is woken by one push to a list and waits in
`wait`; everything else is a Celery message.
"""

import functools
import logging
import time
from functools import partial
from importlib import import_module
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from project.lib import redis_client

logger = logging.getLogger(__name__)

DISPATCH = "triggers.dispatch"
RELAY = "events.relay"
DUTIES = frozenset({DISPATCH, RELAY})
EXPIRES_SECONDS = 30
_BROKER_AWAY_SECONDS = 0.25


def wake(task: str, *, queue: str, expires_seconds: float = EXPIRES_SECONDS) -> bool:
    """Wake a duty, or send a task by name; False, with a log line, when the broker is away."""
    try:
        if task in DUTIES:
            _ring(task)
        else:
            _celery().send_task(task, queue=queue, expires=expires_seconds, retry=False)
    except _broker_errors():
        logger.warning("Could not wake %s; its sweep will find the work", task)
        return False
    return True


def wake_after_commit(task: str, *, queue: str) -> None:
    """Wake once the caller's transaction is committed."""
    transaction.on_commit(partial(wake, task, queue=queue), robust=True)


def wait(duty: str, seconds: float) -> bool:
    """Wait until the duty is woken, for at most `seconds`; whether it was.

    A wake-up that came since the last wait is found at once. While the broker is away it
    waits for a quarter of a second, as if nobody had woken it.
    """
    try:
        return redis_client.broker().blpop([_key(duty)], timeout=max(0.01, seconds)) is not None
    except redis.RedisError:
        time.sleep(min(max(0.01, seconds), _BROKER_AWAY_SECONDS))
        return False


@functools.cache
def _celery() -> Any:
    """Imported when it is first needed: commands that only wake duties start without Celery."""
    return import_module(settings.FLINT_CELERY_MODULE).app


@functools.cache
def _broker_errors() -> tuple[type[Exception], ...]:
    import kombu.exceptions

    return (kombu.exceptions.OperationalError, OSError, redis.RedisError)


def _ring(duty: str) -> None:
    """One is enough, however often it was rung: who wakes looks until nothing is left."""
    with redis_client.broker().pipeline(transaction=False) as pipeline:
        pipeline.lpush(_key(duty), b"1")
        pipeline.ltrim(_key(duty), 0, 0)
        pipeline.execute()


def _key(duty: str) -> str:
    return f"flint:wake:{duty}"
