"""Runs that have already taken place: followed in memory, then written all at once.

For histories that are told in one go. States and events are those of the rules that live runs
go by; what is missing is the waiting.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from events_app.domain.event import Event
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.progress import FIELDS, Progress, advance
from runs_app.domain.run_request import NewFlowRun, Refused
from runs_app.domain.state_events import state_event
from runs_app.domain.states import Proposal, State, full_details
from runs_app.models import Deployment, Log
from runs_app.services.creating import Draft, Source, draft_run, state_row
from runs_app.services.run_logs import OWN_NAME
from runs_app.storage import creation, logs
from runs_app.storage import deployments as storage

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line of a run's log; `name` None: the executor's own."""

    timestamp: datetime
    message: str
    level: int = 20
    name: str | None = None


@dataclass
class PastRun:
    """A run on its way through its states."""

    draft: Draft
    states: list[State] = field(default_factory=list)
    lines: list[PastLine] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return self.draft.subject.id

    @property
    def parameters(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self.draft.row["parameters"]
        return given

    @property
    def causes(self) -> Sequence[dict[str, Any]]:
        given: Sequence[dict[str, Any]] = self.draft.row["causes"]
        return given

    def begin(self) -> Event:
        """The event of the state that it was made in."""
        return state_event(self.draft.subject, before=None, after=self.draft.state)

    def enter(self, proposal: Proposal, at: datetime) -> Event:
        """The event of the next state."""
        draft, before = self.draft, self.states[-1] if self.states else self.draft.state
        after = State(
            id=time_ordered_id(at, os.urandom(RANDOM_BYTES)),
            type=proposal.type,
            name=proposal.state_name,
            timestamp=at,
            message=proposal.message,
            details=full_details(proposal.details, flow_run_id=self.id),
        )
        progress = Progress(**{name: draft.row[name] for name in FIELDS})
        progress = advance(progress, before=before, after=after)
        self.states.append(after)
        draft.row.update(progress.columns() | _current(after))
        subject = replace(draft.subject, run_count=progress.run_count)
        return state_event(subject, before=before, after=after)


def _current(state: State) -> dict[str, Any]:
    return {
        "state_id": state.id,
        "state_type": state.type.value,
        "state_name": state.name,
        "state_timestamp": state.timestamp,
        "updated": state.timestamp,
    }


class PastRuns:
    """Makes runs of the given deployments without writing anything. One query at the start."""

    def __init__(self, deployment_ids: Sequence[UUID]) -> None:
        self._deployments = storage.locked_for_runs(set(deployment_ids))

    def deployment(self, deployment_id: UUID) -> Deployment:
        return self._deployments[deployment_id]

    def make(self, request: NewFlowRun, *, now: datetime) -> PastRun | Refused:
        """What a request of that time would have come to."""
        deployment = self._deployments.get(request.deployment_id) if request.deployment_id else None
        source = Source(deployment.flow, deployment) if deployment else None
        draft = draft_run(request, source, now)
        return draft if isinstance(draft, Refused) else PastRun(draft)


def write(runs: Sequence[PastRun]) -> None:
    """Write runs, states and lines, in the caller's transaction. Three queries per 1,000 rows.

    No events: those of a history stand in it already.
    """
    states = [
        state_row(replace(run.draft, state=state))
        for run in runs
        for state in (run.draft.state, *run.states)
    ]
    for first in range(0, len(runs), _ROWS_AT_ONCE):
        creation.insert_past_runs([run.draft.row for run in runs[first : first + _ROWS_AT_ONCE]])
    for first in range(0, len(states), _ROWS_AT_ONCE):
        creation.insert_states(states[first : first + _ROWS_AT_ONCE])
    logs.append(
        [
            Log(
                flow_run_id=run.id,
                name=line.name or OWN_NAME,
                level=line.level,
                message=line.message,
                timestamp=line.timestamp,
            )
            for run in runs
            for line in run.lines
        ]
    )
