"""What the pages about runs and deployments show."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from project.lib.paging import NameKey, Page, TimeKey, fingerprint, page_of
from runs_app.models import Deployment, FlowRun, FlowRunState, Log
from runs_app.storage import page_rows
from runs_app.storage.page_rows import DeploymentRow, RunRow

LOG_LINES = 1000
FINISHED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class LogLine:
    timestamp: datetime
    level: int
    level_name: str
    message: str


@dataclass(frozen=True, slots=True)
class RunInFull:
    """A run with its states (in order) and its last log lines."""

    run: FlowRun
    states: list[FlowRunState]
    logs: list[LogLine]
    more_logs: bool

    @property
    def finished(self) -> bool:
        return self.run.state_type in FINISHED

    @property
    def seen(self) -> str:
        newest = self.logs[-1].timestamp if self.logs else None
        states = [state.id for state in self.states]
        return fingerprint(
            (self.run.state_type, self.run.state_name, states, newest, len(self.logs))
        )


@dataclass(frozen=True, slots=True)
class DeploymentInFull:
    deployment: Deployment
    runs: Page[RunRow]


def newest_runs(
    *, size: int, after: TimeKey | None = None, state_types: Collection[str] = ()
) -> Page[RunRow]:
    """A page of runs, the newest first. One query."""
    rows = page_rows.newest_runs(limit=size + 1, before=after, state_types=state_types)
    return _page(rows, size=size, first=after is None)


def run_in_full(run_id: UUID) -> RunInFull | None:
    """Three queries: the run, its states, its logs."""
    run = page_rows.run(run_id)
    if run is None:
        return None
    logs = page_rows.newest_logs(run_id, limit=LOG_LINES + 1)
    lines = [_line(log) for log in logs[-LOG_LINES:]]
    states = page_rows.states_of(run_id)
    return RunInFull(run, states, lines, more_logs=len(logs) > LOG_LINES)


def deployments(*, size: int, after: NameKey | None = None) -> Page[DeploymentRow]:
    """A page of deployments by name. One query."""
    rows = page_rows.deployments(limit=size + 1, after=after)
    return page_of(rows, size=size, key=lambda row: NameKey(row.name, row.id), first=after is None)


def deployment_in_full(deployment_id: UUID) -> DeploymentInFull | None:
    """Two queries: the deployment, its newest runs."""
    found = page_rows.deployment(deployment_id)
    if found is None:
        return None
    size = 10
    runs = page_rows.newest_runs(limit=size + 1, deployment_id=deployment_id)
    return DeploymentInFull(found, _page(runs, size=size, first=True))


def deployment_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """`flow / deployment`, for those that exist. One query, none for no ids."""
    return page_rows.deployment_names(ids) if ids else {}


def run_states(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """`name`, `state_type`, `state_name` of runs that exist. One query, none for no ids."""
    return page_rows.run_states(ids) if ids else {}


def _page(rows: Any, *, size: int, first: bool) -> Page[RunRow]:
    return page_of(rows, size=size, key=_place, state=_state, first=first)


def _place(row: RunRow) -> TimeKey:
    return TimeKey(row.created, row.id)


def _state(row: RunRow) -> tuple[Any, ...]:
    return (row.name, row.state_type, row.state_name, row.end_time)


def _line(log: Log) -> LogLine:
    return LogLine(
        log.timestamp,
        log.level,
        logging.getLevelName(log.level).removeprefix("Level "),
        log.message,
    )
