"""The output of a run on its way into the table of logs."""

import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from runs_app.executor.output import OutputBudget
from runs_app.executor.process import OutputLine
from runs_app.models import Log
from runs_app.storage import logs

OWN_NAME = "flint.run"


class RunLog:
    """Takes lines from any thread, keeps them until `flush` writes them in one query."""

    def __init__(self, run_id: UUID, *, clock: Callable[[], datetime]) -> None:
        self._run_id = run_id
        self._clock = clock
        self._budget = OutputBudget()
        self._lock = threading.Lock()
        self._waiting: list[Log] = []

    def add(self, line: OutputLine) -> None:
        """Keep a line of the flow, as far as the run's budget reaches."""
        with self._lock:
            kept = self._budget.admit(line.message)
            if kept is not None:
                self._append(line.name, line.level, kept, line.timestamp)

    def say(self, level: int, message: str) -> None:
        """A line of the executor's own; always kept."""
        with self._lock:
            self._append(OWN_NAME, level, message, None)

    def flush(self) -> None:
        """Write what is waiting. What could not be written is kept for the next time."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            logs.append(batch)
        except BaseException:
            with self._lock:
                self._waiting[:0] = batch
            raise

    def _append(self, name: str, level: int, message: str, moment: datetime | None) -> None:
        log = Log(
            flow_run_id=self._run_id,
            name=name,
            level=level,
            message=message,
            timestamp=moment or self._clock(),
        )
        self._waiting.append(log)
