"""Histories of runs: how many there were in each step of time, by state."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Problem
from runs_app.reads import filters, state_counts

MOST_STEPS = 500


def of_flow_runs(
    scope: Any, *, start: datetime, end: datetime, step: timedelta, now: datetime
) -> list[Document]:
    """One query. Raises Invalid where the steps leave the calendar."""
    return _history(filters.runs, scope, start=start, end=end, step=step, now=now)


def of_task_runs(
    scope: Any, *, start: datetime, end: datetime, step: timedelta, now: datetime
) -> list[Document]:
    """One query. Raises Invalid where the steps leave the calendar."""
    return _history(filters.task_runs, scope, start=start, end=end, step=step, now=now)


def lateness(scope: Any, *, now: datetime) -> float | None:
    """How many seconds after their time flow runs began, on average. One query."""
    return state_counts.average_lateness(filters.runs(scope), now=now)


def _history(
    select: "Callable[[Any], QuerySet[Any]]",
    scope: Any,
    *,
    start: datetime,
    end: datetime,
    step: timedelta,
    now: datetime,
) -> list[Document]:
    steps = min(max(math.ceil((end - start) / step), 0), MOST_STEPS)
    if steps == 0:
        return []
    try:
        edges = [start + step * number for number in range(steps + 1)]
    except OverflowError:
        raise Invalid([Problem(("history_end",), "This must lie before the year 9999.")]) from None
    states: list[list[Document]] = [[] for _ in range(steps)]
    counts = state_counts.by_step(
        select(scope), start=start, end=edges[-1], step_seconds=step.total_seconds(), now=now
    )
    for each in counts:
        # A run at the very edge of a step may be counted on either side of it.
        states[min(each.step, steps - 1)].append(_state(each))
    return [
        {"interval_start": edges[number], "interval_end": edges[number + 1], "states": listed}
        for number, listed in enumerate(states)
    ]


def _state(count: state_counts.StateCount) -> Document:
    return {
        "state_type": count.state_type,
        "state_name": count.state_name,
        "count_runs": count.runs,
        "sum_estimated_run_time": count.run_time,
        "sum_estimated_lateness": count.lateness,
    }
