"""The tasks of a flow run on one time line, for its page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from project.lib.paging import fingerprint
from runs_app.models import TaskRun
from runs_app.storage import page_rows

MOST_TASKS = 200


@dataclass(frozen=True, slots=True)
class TaskBar:
    """`start` and `length` are seconds; None where the task was never started."""

    run: TaskRun
    start: float | None
    length: float | None


@dataclass(frozen=True, slots=True)
class TaskTimeline:
    """In the order in which the tasks began; `more`: there are others than the 200 listed."""

    bars: list[TaskBar]
    total_seconds: float
    more: bool
    seen: str


def tasks_of(flow_run_id: UUID, *, now: datetime) -> TaskTimeline:
    """The first 200 tasks of a run. One query."""
    rows = page_rows.tasks_of(flow_run_id, limit=MOST_TASKS + 1)
    shown = rows[:MOST_TASKS]
    started = [row.start_time for row in shown if row.start_time]
    first = min(started, default=now)
    bars = [_bar(row, first, now) for row in shown]
    total = max(((bar.start or 0.0) + (bar.length or 0.0) for bar in bars), default=0.0)
    states = [(row.pk, row.state_id) for row in shown]
    return TaskTimeline(bars, total, len(rows) > len(shown), fingerprint(states))


def _bar(row: TaskRun, first: datetime, now: datetime) -> TaskBar:
    if row.start_time is None:
        return TaskBar(row, None, None)
    end = row.end_time or max(now, row.start_time)
    return TaskBar(
        row,
        (row.start_time - first).total_seconds(),
        max(0.0, (end - row.start_time).total_seconds()),
    )
