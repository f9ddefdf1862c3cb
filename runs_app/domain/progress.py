"""What a new state does to the run itself: counts and times. Pure."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from runs_app.domain.states import TERMINAL, State, StateType


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts and times of a run. `total_run_time_seconds` is the time spent RUNNING."""

    run_count: int = 0
    expected_start_time: datetime | None = None
    next_scheduled_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time_seconds: float = 0.0

    def columns(self) -> dict[str, Any]:
        """By name. `dataclasses.asdict` would copy each value, at ten times the cost."""
        return {name: getattr(self, name) for name in FIELDS}


FIELDS = tuple(each.name for each in fields(Progress))


def advance(run: Progress, *, before: State | None, after: State) -> Progress:
    """The run's counts and times once it has gone from `before` to `after`."""
    run = _scheduled(run, after)
    if before is not None and before.type == StateType.RUNNING:
        spent = (after.timestamp - before.timestamp).total_seconds()
        run = replace(run, total_run_time_seconds=run.total_run_time_seconds + max(0.0, spent))
    if after.type == StateType.RUNNING:
        run = replace(
            run, run_count=run.run_count + 1, start_time=run.start_time or after.timestamp
        )
    return replace(run, end_time=after.timestamp if after.type in TERMINAL else None)


def _scheduled(run: Progress, after: State) -> Progress:
    moment = after.scheduled_time or after.timestamp
    return replace(
        run,
        expected_start_time=run.expected_start_time or moment,
        next_scheduled_start_time=moment if after.type == StateType.SCHEDULED else None,
    )
