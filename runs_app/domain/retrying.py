"""When a run may start, and when one that failed runs again: the same for flows and tasks. Pure."""

import math
from datetime import datetime, timedelta
from typing import Protocol

from events_app.domain.event import rfc3339
from runs_app.domain.decisions import Decision, Reject, Wait
from runs_app.domain.states import Proposal, StateType


class Retried(Protocol):
    """A run in the state that it is in, and how often it may run."""

    @property
    def type(self) -> StateType | None: ...
    @property
    def scheduled_time(self) -> datetime | None: ...
    @property
    def run_count(self) -> int: ...
    @property
    def retries(self) -> int: ...
    @property
    def retry_delay_seconds(self) -> float: ...


def too_early(current: Retried, proposal: Proposal, now: datetime) -> Decision | None:
    waiting = current.type in (StateType.SCHEDULED, StateType.PENDING)
    if proposal.type != StateType.RUNNING or not waiting:
        return None
    if current.scheduled_time is None or current.scheduled_time <= now:
        return None
    seconds = math.ceil((current.scheduled_time - now).total_seconds())
    return Wait(seconds, "Scheduled time is in the future")


def retry(current: Retried, proposal: Proposal, now: datetime) -> Decision | None:
    """A run that failed waits for its next attempt, while it has any left."""
    if current.type != StateType.RUNNING or proposal.type != StateType.FAILED:
        return None
    if not current.retries or current.run_count > current.retries:
        return None
    again = now + timedelta(seconds=current.retry_delay_seconds)
    waiting = Proposal(
        type=StateType.SCHEDULED,
        name="AwaitingRetry",
        message=proposal.message,
        details={"scheduled_time": rfc3339(again)},
        data=proposal.data,
    )
    return Reject("Retrying", waiting)
