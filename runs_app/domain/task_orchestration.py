"""What becomes of a state that somebody proposes for a task run over REST. Pure.

Clients of today keep the states of their tasks themselves; these rules are for the parents of
subflows and for whoever sets a state by hand. Source: behavior of Prefect 3.9.1
(docs/prefect.md). The rules are asked in the order of RULES; the first that answers decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from runs_app.domain.decisions import Abort, Accept, Decision, Reject
from runs_app.domain.retrying import retry, too_early
from runs_app.domain.states import TERMINAL, Proposal, StateType


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentTask:
    """The task run, the state it is in, and the state of the flow run around it."""

    type: StateType | None
    name: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    scheduled_time: datetime | None = None
    has_persisted_result: bool = False
    run_count: int = 0
    retries: int = 0
    retry_delay_seconds: float = 0
    in_flow: bool = False
    flow_type: StateType | None = None
    flow_details: dict[str, Any] = field(default_factory=dict)


Rule = Callable[[CurrentTask, Proposal, datetime], Decision | None]

_NOT_FROM_TERMINAL = frozenset({StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED})
_MUST_RUN = "The enclosing flow must be running to begin task execution."


def decide_task(
    current: CurrentTask, proposal: Proposal, *, force: bool, now: datetime
) -> Decision:
    """Accept, change, postpone or refuse a proposed state. `force` bypasses every rule."""
    if force:
        return Accept(proposal)
    for rule in RULES:
        decision = rule(current, proposal, now)
        if decision is not None:
            return decision
    return Accept(_renamed(current, _with_scheduled_time(current, proposal)))


def _from_terminal(current: CurrentTask, proposal: Proposal, now: datetime) -> Decision | None:
    if current.type not in TERMINAL:
        return None
    if proposal.type in _NOT_FROM_TERMINAL:
        return Abort(f"Run is already {current.type}.")
    if current.has_persisted_result:
        return Reject("This run is already completed.")
    return None


def _outside_of_a_running_flow(
    current: CurrentTask, proposal: Proposal, now: datetime
) -> Decision | None:
    if proposal.type != StateType.RUNNING or not current.in_flow:
        return None
    if current.flow_type == StateType.PAUSED:
        kept = ("pause_timeout", "pause_reschedule")
        details = {name: current.flow_details.get(name) for name in kept}
        paused = Proposal(type=StateType.PAUSED, name="NotReady", details=details)
        return Reject("The flow is paused, new tasks can execute after resuming it.", paused)
    return None if current.flow_type == StateType.RUNNING else Abort(_MUST_RUN)


def _retry(current: CurrentTask, proposal: Proposal, now: datetime) -> Decision | None:
    if proposal.details.get("retriable") is False:
        return None
    return retry(current, proposal, now)


RULES: tuple[Rule, ...] = (_from_terminal, _outside_of_a_running_flow, too_early, _retry)


def _with_scheduled_time(current: CurrentTask, proposal: Proposal) -> Proposal:
    """A pending run still knows for when it was scheduled."""
    known = current.details.get("scheduled_time")
    waiting = current.type in (StateType.SCHEDULED, StateType.PENDING)
    if proposal.type != StateType.PENDING or not waiting or known is None:
        return proposal
    return replace(proposal, details={"scheduled_time": known} | proposal.details)


def _renamed(current: CurrentTask, proposal: Proposal) -> Proposal:
    """A run that runs again says so; one that had ended begins anew."""
    if proposal.type != StateType.RUNNING or current.run_count == 0 or current.type in TERMINAL:
        return proposal
    again = "Retrying" if current.name == "AwaitingRetry" else "Rerunning"
    return replace(proposal, name=again)
