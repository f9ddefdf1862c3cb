"""Wake-ups: Celery messages that say "look now".

Never the truth; a sweep finds what was not woken.
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: str, *, queue: str, expires_seconds: float = 30) -> bool:
    """Send the task by name; False, with a log line, when Redis is away."""
    try:
        current_app.send_task(task, queue=queue, expires=expires_seconds, retry=False)
    except (OperationalError, OSError):
        logger.warning("Could not wake %s; its sweep will find the work", task)
        return False
    return True


def wake_after_commit(task: str, *, queue: str) -> None:
    """Send the task once the caller's transaction is committed."""
    transaction.on_commit(partial(wake, task, queue=queue), robust=True)
