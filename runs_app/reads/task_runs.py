"""Task runs: the API's documents, and the tasks of a flow run on one time line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from project.lib.json_documents import Document
from project.lib.paging import fingerprint
from runs_app.models import TaskRun, TaskRunState
from runs_app.reads import filters
from runs_app.reads.documents import state_document
from runs_app.reads.task_documents import task_run_document

MOST_TASKS = 200
MAX_STATES = 200


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


def document(task_run_id: UUID, *, now: datetime) -> Document:
    """Two queries. Raises TaskRun.DoesNotExist."""
    return documents_of([TaskRun.objects.get(pk=task_run_id)], now=now)[0]


def documents(scope: Any, *, sort: str, limit: int, offset: int, now: datetime) -> list[Document]:
    """Two queries: a page of runs, their current states."""
    rows = filters.task_runs(scope).order_by(*filters.TASK_RUN_ORDER[sort])
    return documents_of(rows[offset : offset + limit], now=now)


def count(scope: Any) -> int:
    return filters.task_runs(scope).count()


def state_documents(task_run_id: UUID) -> list[Document]:
    """The last 200 states of a run, the oldest first. One query."""
    states = newest_states(task_run_id, limit=MAX_STATES)
    return [state_document(state) for state in states]


def documents_of(runs: Iterable[TaskRun], *, now: datetime) -> list[Document]:
    rows = list(runs)
    current = TaskRunState.objects.in_bulk([row.state_id for row in rows if row.state_id])
    return [
        task_run_document(row, current.get(row.state_id) if row.state_id else None, now=now)
        for row in rows
    ]


def timeline(flow_run_id: UUID, *, now: datetime) -> TaskTimeline:
    """The first 200 tasks of a run. One query."""
    rows = tasks_of(flow_run_id, limit=MOST_TASKS + 1)
    tasks = rows[:MOST_TASKS]
    started = [row.start_time for row in tasks if row.start_time]
    first = min(started, default=now)
    bars = [_bar(row, first, now) for row in tasks]
    total = max(((bar.start or 0.0) + (bar.length or 0.0) for bar in bars), default=0.0)
    states = [(row.pk, row.state_id) for row in tasks]
    return TaskTimeline(bars, total, len(rows) > len(tasks), fingerprint(states))


def _bar(row: TaskRun, first: datetime, now: datetime) -> TaskBar:
    if row.start_time is None:
        return TaskBar(row, None, None)
    end = row.end_time or max(now, row.start_time)
    return TaskBar(
        row,
        (row.start_time - first).total_seconds(),
        max(0.0, (end - row.start_time).total_seconds()),
    )


def tasks_of(flow_run_id: UUID, *, limit: int) -> list[TaskRun]:
    """The tasks of a run in the order in which they began, then those that did not. One query."""
    rows = TaskRun.objects.filter(flow_run_id=flow_run_id)
    return list(rows.order_by(F("start_time").asc(nulls_last=True), "created", "id")[:limit])


def newest_states(task_run_id: UUID, *, limit: int) -> "list[TaskRunState]":
    """The last states of a run, the oldest of them first. One query."""
    rows: QuerySet[TaskRunState] = TaskRunState.objects.filter(task_run_id=task_run_id)
    return list(reversed(rows.order_by("-timestamp", "-id")[:limit]))
