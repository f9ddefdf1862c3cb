"""What the pages about runs and deployments show."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from project.lib.paging import NameKey, Page, fingerprint, page_of
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.states import TERMINAL
from runs_app.models import Deployment, FlowRun, FlowRunState, Log
from runs_app.storage import page_rows
from runs_app.storage.page_rows import (
    DeploymentCounts,
    DeploymentRow,
    LogKey,
    RunNews,
    RunRow,
)

LOG_LINES = 200
MOST_DEPLOYMENTS = 20  # that a search for runs looks into


@dataclass(frozen=True, slots=True)
class LogRow:
    timestamp: datetime
    level: int
    level_name: str
    message: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines in the order in which they were written; `older` leads to those before them."""

    lines: list[LogRow]
    older: LogKey | None
    seen: str


@dataclass(frozen=True, slots=True)
class RunInFull:
    """A run with its states, in order."""

    run: FlowRun
    states: list[FlowRunState]

    @property
    def finished(self) -> bool:
        return self.run.state_type in TERMINAL

    @property
    def seen(self) -> str:
        states = [state.id for state in self.states]
        return fingerprint((self.run.state_type, self.run.state_name, states))


@dataclass(frozen=True, slots=True)
class RunList:
    page: Page[RunRow]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ListedDeployment:
    deployment: DeploymentRow
    last_run: RunRow | None


@dataclass(frozen=True, slots=True)
class DeploymentInFull:
    deployment: Deployment
    runs: Page[RunRow]
    counts: dict[str, int]


def newest_runs(*, size: int) -> Page[RunRow]:
    """The newest runs. One query."""
    return _page(page_rows.newest_runs(limit=size + 1), size=size, first=True)


def runs(
    *,
    size: int,
    after: UUID | None = None,
    state_types: Collection[str] = (),
    text: str = "",
    deployment_id: UUID | None = None,
) -> RunList:
    """A page of runs, the newest first, with counts by state. Three queries at most."""
    ids: list[UUID] | None = None
    if deployment_id is not None:
        ids = [deployment_id]
    elif text:
        ids = page_rows.deployment_ids(text, limit=MOST_DEPLOYMENTS)
    rows = page_rows.newest_runs(
        limit=size + 1, before=after, state_types=state_types, deployment_ids=ids
    )
    counts = page_rows.count_by_state(ids)
    return RunList(_page(rows, size=size, first=after is None), counts)


def run_in_full(run_id: UUID) -> RunInFull | None:
    """Two queries: the run, its states."""
    run = page_rows.run(run_id)
    return None if run is None else RunInFull(run, page_rows.states_of(run_id))


def logs(run_id: UUID, *, before: LogKey | None, text: str, level: int) -> LogPage:
    """A page of a run's lines, the last ones first. One query."""
    size = LOG_LINES
    found = page_rows.logs(run_id, limit=size + 1, before=before, text=text, level=level)
    shown = found[-size:]
    older = LogKey(shown[0].timestamp, shown[0].pk) if len(found) > size else None
    newest = shown[-1].pk if shown else None
    return LogPage([_line(log) for log in shown], older, fingerprint((newest, len(shown))))


def deployments(
    *, size: int, after: NameKey | None = None, text: str = "", paused: bool | None = None
) -> Page[ListedDeployment]:
    """A page of deployments by name, each with its last run. Two queries."""
    rows = page_rows.deployments(limit=size + 1, after=after, text=text, paused=paused)
    last = page_rows.last_runs([row.id for row in rows]) if rows else {}
    listed = [ListedDeployment(row, last.get(row.id)) for row in rows]
    return page_of(
        listed,
        size=size,
        key=lambda one: NameKey(one.deployment.name, one.deployment.id),
        first=after is None,
    )


def count_deployments(text: str = "") -> DeploymentCounts:
    return page_rows.count_deployments(text)


def deployment(deployment_id: UUID) -> Deployment | None:
    """With its flow and work pool. One query."""
    return page_rows.deployment(deployment_id)


def deployment_in_full(deployment_id: UUID) -> DeploymentInFull | None:
    """Three queries: the deployment, its newest runs, how its runs ended."""
    found = page_rows.deployment(deployment_id)
    if found is None:
        return None
    size = 10
    runs = page_rows.newest_runs(limit=size + 1, deployment_ids=[deployment_id])
    counts = page_rows.count_by_state([deployment_id])
    return DeploymentInFull(found, _page(runs, size=size, first=True), counts)


def news(*, now: datetime) -> RunNews:
    """What became of the runs of the last 24 hours. One query."""
    return page_rows.news(time_ordered_id(now - timedelta(days=1), bytes(RANDOM_BYTES)))


def deployment_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """`flow / deployment`, for those that exist. One query, none for no ids."""
    return page_rows.deployment_names(ids) if ids else {}


def run_states(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """`name`, `state_type`, `state_name` of runs that exist. One query, none for no ids."""
    return page_rows.run_states(ids) if ids else {}


def run_parameters(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Parameters of runs that exist. One query, none for no ids."""
    return page_rows.run_parameters(ids) if ids else {}


def _page(rows: Any, *, size: int, first: bool) -> Page[RunRow]:
    return page_of(rows, size=size, key=_place, state=_state, first=first)


def _place(row: RunRow) -> UUID:
    return row.id


def _state(row: RunRow) -> tuple[Any, ...]:
    return (row.name, row.state_type, row.state_name, row.end_time)


def _line(log: Log) -> LogRow:
    return LogRow(
        log.timestamp,
        log.level,
        logging.getLevelName(log.level).removeprefix("Level "),
        log.message,
    )
