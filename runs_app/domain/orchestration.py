"""What becomes of a state that somebody proposes for a run. Pure.

Source: behavior of Prefect 3.9.1 that its runners rely on (docs/flow-runs.md).
The rules are asked in the order of RULES; the first that answers decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runs_app.domain.decisions import Abort, Accept, Decision, Reject
from runs_app.domain.retrying import retry, too_early
from runs_app.domain.states import TERMINAL, Proposal, StateType


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """What the rules look at: the run and the state it is in (None before the first)."""

    type: StateType | None
    name: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    scheduled_time: datetime | None = None
    pause_timeout: datetime | None = None
    has_persisted_result: bool = False
    run_count: int = 0
    retries: int = 0
    retry_delay_seconds: float = 0
    pause_keys: tuple[str, ...] = ()
    has_deployment: bool = False
    has_infrastructure: bool = False
    is_subflow: bool = False


Rule = Callable[[Current, Proposal, datetime], Decision | None]

_USUAL_PENDING = StateType.PENDING.usual_name
_NOT_TO_PENDING = frozenset(
    {StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.CANCELLED}
)
_NOT_FROM_TERMINAL = frozenset({StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED})
_FROM_PAUSED = frozenset({StateType.RUNNING, StateType.SCHEDULED, StateType.CANCELLING, *TERMINAL})


def decide(current: Current, proposal: Proposal, *, force: bool, now: datetime) -> Decision:
    """Accept, change, postpone or refuse a proposed state. `force` bypasses every rule."""
    if force:
        return Accept(proposal)
    for rule in RULES:
        decision = rule(current, proposal, now)
        if decision is not None:
            return decision
    return Accept(_with_scheduled_time(current, proposal))


def _same_transition(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    known = current.details.get("transition_id")
    if known is None or proposal.transition_id != str(known):
        return None
    return Reject("This run has already made this state transition.")


def _from_terminal(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    if current.type not in TERMINAL:
        return None
    if proposal.type in _NOT_FROM_TERMINAL:
        return Abort(f"Run is already in terminal state {current.type}.")
    if current.has_persisted_result and proposal.type not in TERMINAL:
        return Reject("Run is already COMPLETED.")
    return None


def _from_cancelling(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    if current.type != StateType.CANCELLING or proposal.type == StateType.CANCELLED:
        return None
    return Reject("Cannot transition flows that are cancelling to a state other than Cancelled.")


def _nothing_to_cancel(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    """A run that has no process yet is cancelled at once."""
    if proposal.type != StateType.CANCELLING or current.has_infrastructure:
        return None
    cancelled = Proposal(type=StateType.CANCELLED)
    if current.type == StateType.SCHEDULED:
        return Reject("Scheduled flow run has no infrastructure to terminate.", cancelled)
    if current.type == StateType.PAUSED and current.details.get("pause_reschedule"):
        return Reject("Suspended flow run has no infrastructure to terminate.", cancelled)
    return None


def _to_pending(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    if proposal.type != StateType.PENDING or current.type not in _NOT_TO_PENDING:
        return None
    renamed = proposal.state_name not in (current.name, _USUAL_PENDING)
    if current.type == StateType.PENDING and renamed:
        return None
    return Abort(f"This run is in a {current.type} state and cannot transition to a PENDING state.")


def _to_late(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    if proposal.name != "Late" or current.type == StateType.SCHEDULED:
        return None
    return Reject("Only scheduled runs can be marked late.")


def _to_paused(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    if proposal.type != StateType.PAUSED:
        return None
    if current.type is None:
        return Abort("Cannot pause flows with no state.")
    if current.type != StateType.RUNNING:
        return Reject("Cannot pause flows that are not currently running.")
    if str(proposal.details.get("pause_key")) in current.pause_keys:
        return Reject("This pause has already fired.")
    if not proposal.details.get("pause_reschedule"):
        return None
    if current.is_subflow:
        return Abort("Cannot suspend subflows.")
    if not current.has_deployment:
        return Abort("Cannot pause flows without a deployment with the reschedule option.")
    return None


def _from_paused(current: Current, proposal: Proposal, now: datetime) -> Decision | None:
    if current.type != StateType.PAUSED:
        return None
    if proposal.type not in _FROM_PAUSED:
        return Reject(
            f"This run cannot transition to the {proposal.type} state from the PAUSED state."
        )
    expired = current.pause_timeout is not None and current.pause_timeout < now
    if expired and proposal.type not in TERMINAL:
        message = "The flow was paused and never resumed."
        return Reject(message, Proposal(type=StateType.FAILED, message=message))
    return None


RULES: tuple[Rule, ...] = (
    _same_transition,
    _from_terminal,
    _from_cancelling,
    _nothing_to_cancel,
    _to_pending,
    _to_late,
    _to_paused,
    _from_paused,
    too_early,
    retry,
)


def _with_scheduled_time(current: Current, proposal: Proposal) -> Proposal:
    """A pending run still knows for when it was scheduled."""
    known = current.details.get("scheduled_time")
    waiting = current.type in (StateType.SCHEDULED, StateType.PENDING)
    if proposal.type != StateType.PENDING or not waiting or known is None:
        return proposal
    if proposal.details.get("scheduled_time") is not None:
        return proposal
    return Proposal(
        type=proposal.type,
        name=proposal.name,
        message=proposal.message,
        details=proposal.details | {"scheduled_time": known},
        data=proposal.data,
    )
