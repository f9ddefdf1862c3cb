"""Celery's ways into this app: executing runs, waking executors, noticing dead ones."""

import logging
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
from runs_app.services import claiming, executing

logger = logging.getLogger(__name__)

# More messages than this at once would only wait: whoever has executed a run looks for the
# next one by itself.
_WAKE_AT_ONCE = 16

EXECUTOR = executing.Executor(
    name=f"{socket.gethostname()}/{os.getpid()}",
    allowed=settings.FLINT_FLOW_ROOTS,
    stopping=threading.Event(),
    clock=utcnow,
)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery has no types
def stop_executing(**_: Any) -> None:
    """Celery waits for its tasks; ours end their processes as soon as they see this."""
    EXECUTOR.stopping.set()


# Acknowledged when it is taken: a run is executed at most once per attempt, and a message is
# only a wake-up, so that nothing is lost with it.
@shared_task(name="runs.execute", ignore_result=True, acks_late=False)  # type: ignore[untyped-decorator]  # Celery has no types
def execute(**_: Any) -> None:
    """Execute one run that is due, then send this on for the next."""
    if executing.execute_next(EXECUTOR, attempt=uuid4().hex) is not None:
        wake.wake("runs.execute", queue="runs", expires_seconds=5)


@shared_task(name="runs.submit_due", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def submit_due(**_: Any) -> None:
    """Wake as many executors as there are runs due, within bounds."""
    for _due in range(claiming.count_due(now=utcnow(), at_most=_WAKE_AT_ONCE)):
        wake.wake("runs.execute", queue="runs", expires_seconds=1.5)


@shared_task(name="runs.detect_crashes", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def detect_crashes(**_: Any) -> None:
    for run_id in claiming.crash_lost(now=utcnow()):
        logger.warning("Run %s crashed: its executor is gone", run_id)
