"""One look a second for everything that is due though nobody was woken for it.

What is found is done here when it is short, and otherwise sent to who does it.
"""

from collections.abc import Callable
from datetime import datetime

import redis

from events_app.services import keeping, relaying
from project.lib import wake
from runs_app.services import claiming, lateness, queues, scheduling, workers
from triggers_app.services import pausing, redeploying
from triggers_app.services.dispatching import Dispatcher
from triggers_app.storage import due

SELDOM_SECONDS = 5.0


class DueLook:
    """`clock` is the wall clock, `timer` answers monotonic seconds."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        log_client: redis.Redis,
        clock: Callable[[], datetime],
        timer: Callable[[], float],
    ) -> None:
        self._dispatcher = dispatcher
        self._log_client = log_client
        self._clock = clock
        self._timer = timer
        self._next_seldom = 0.0

    def __call__(self) -> None:
        """Three queries when nothing is due."""
        now = self._clock()
        waiting = due.waiting(now=now)
        if waiting.pending:
            self._dispatcher.run()
        if waiting.sending:
            wake.wake("triggers.deliver", queue="actions")
        if waiting.graces:
            redeploying.end_graces(now=now)
        if relaying.waits():
            wake.wake(wake.RELAY, queue="actions")
        claiming.wake_executors(now=now)
        if self._timer() >= self._next_seldom:
            self._next_seldom = self._timer() + SELDOM_SECONDS
            self._seldom(now)

    def _seldom(self, now: datetime) -> None:
        claiming.crash_lost(now=now)
        workers.note_gone(now=now)
        queues.note_left(now=now)
        scheduling.wake_scheduler(now=now)
        lateness.mark_late(now=now)
        pausing.delete_old_counts(now=now)
        keeping.trim(self._log_client)
