"""Duties: work that comes by wake-ups, done by whoever holds a lease of Celery's.

A lease is an ordinary task of ten seconds that sends itself on. Within it the work is done
when it is woken, without a message of Celery's for each time; and it looks by itself, so that
a wake-up lost with the broker costs the time to the next look and nothing else.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from celery import Task
from django.db import connection
from kombu.exceptions import OperationalError as BrokerError

from project.lib import stopping, wake
from project.lib.store_errors import OUTAGES, first_line

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
RENEWAL_EXPIRES_SECONDS = 2.0
STANDBY_SECONDS = 5.0
STANDBY_PAUSE_SECONDS = 0.25
OUTAGE_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Duty:
    """`work` does what is there, until nothing is left; `look` does it unasked, every so often."""

    name: str  # one of wake.DUTIES
    work: Callable[[], object]
    look: Callable[[], object]
    look_every_seconds: float
    # One lease of a duty in a process; another message for it leaves at once.
    at_work: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, task: "Task[Any, Any]", *, seconds: float = LEASE_SECONDS) -> None:
        """Hold the lease, and send the task on for the next one."""
        if not self.at_work.acquire(blocking=False):
            return
        try:
            self.run(seconds)
            while not stopping.stop_requested() and not renew(task):
                self.run(seconds)  # the broker is away: nobody else would go on
        finally:
            self.at_work.release()

    def run(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        next_look = 0.0
        woken = False
        while (left := ends - time.monotonic()) > 0 and not stopping.stop_requested():
            due = time.monotonic() >= next_look
            if due:
                next_look = time.monotonic() + self.look_every_seconds
            if due or woken:
                self._survive(self.look if due else self.work)
            until_look = next_look - time.monotonic()
            woken = wake.wait(self.name, min(left, until_look, 1.0))

    def _survive(self, function: Callable[[], object]) -> None:
        """One line instead of a traceback when a store is away, and a new connection after it."""
        try:
            function()
        except OUTAGES as error:
            logger.warning("Could not go on with %s: %s", self.name, first_line(error))
            connection.close()
            time.sleep(OUTAGE_PAUSE_SECONDS)


def hold(task: "Task[Any, Any]", lease: Callable[[], bool]) -> None:
    """Hold a lease that one process has at a time, and send the task on; a standby looks again.

    `lease` works for its time, and answers False at once while another process has it. Each
    process sends its own message on, so that owner and standbys each always have one.
    """
    ends = time.monotonic() + STANDBY_SECONDS
    while not stopping.stop_requested():
        owned = _leased(task, lease)
        if owned or time.monotonic() >= ends:
            if renew(task):
                return
            ends = time.monotonic() + STANDBY_SECONDS
        if not owned:
            time.sleep(STANDBY_PAUSE_SECONDS)


def _leased(task: "Task[Any, Any]", lease: Callable[[], bool]) -> bool:
    try:
        return lease()
    except OUTAGES as error:
        logger.warning("Could not go on with %s: %s", task.name, first_line(error))
        time.sleep(OUTAGE_PAUSE_SECONDS)
        return False
    except Exception:
        renew(task)  # the next lease begins anew; this one fails where every monitor sees it
        raise


def renew(task: "Task[Any, Any]") -> bool:
    """Send a lease on; False when the broker does not take it."""
    try:
        task.apply_async(expires=RENEWAL_EXPIRES_SECONDS, retry=False)
    except (BrokerError, OSError):
        return False
    return True
