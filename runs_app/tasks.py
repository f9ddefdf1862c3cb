"""Celery's way into this app: executing runs, making those of schedules, forgetting leases."""

import functools
import os
import socket
import threading
from typing import Any
from uuid import uuid4

from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings

from project.lib import wake
from project.lib.clock import utcnow
from runs_app.services import concurrency, executing, scheduling

STOPPING = threading.Event()
# Of one message, which takes less than two seconds of a processor: other duties of the queue
# come in between.
_MOST_PASSES = 4


@functools.cache
def _executor() -> executing.Executor:
    """Not when the module is imported: its process may be forked after that."""
    return executing.Executor(
        name=f"{socket.gethostname()}/{os.getpid()}",
        allowed=settings.FLINT_FLOW_ROOTS,
        stopping=STOPPING,
        clock=utcnow,
        flow_user=settings.FLINT_FLOW_USER,
    )


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery has no types
def stop_executing(**_: Any) -> None:
    """Celery waits for its tasks; ours end their processes as soon as they see this."""
    STOPPING.set()


# Acknowledged when it is taken: a run is executed at most once per attempt, and a message is
# only a wake-up, so that nothing is lost with it.
@shared_task(name="runs.execute", ignore_result=True, acks_late=False)  # type: ignore[untyped-decorator]  # Celery has no types
def execute(**_: Any) -> None:
    """Execute one run that is due, then send this on for the next."""
    if executing.execute_next(_executor(), attempt=uuid4().hex) is not None:
        wake.wake("runs.execute", queue="runs", expires_seconds=5)


@shared_task(name="runs.schedule", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def schedule_runs(**_: Any) -> None:
    """Make runs of some schedules ahead of their time, then send this on for the next.

    Any number of processes may do so at once.
    """
    for _pass in range(_MOST_PASSES):
        if not scheduling.make_ahead(now=utcnow()).schedules:
            return
    wake.wake("runs.schedule", queue="actions", expires_seconds=5)


@shared_task(name="runs.forget_leases", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def delete_expired_leases(**_: Any) -> None:
    concurrency.delete_expired_leases(now=utcnow())
