"""A deployment's limit of runs under way: a run takes its slot before it is started.

A slot is held by a lease, whose id goes from state to state. The client that executes the run
renews it; so whoever is killed loses it after a while. Flint's own executors are watched
instead, and their runs crash, which gives the slot back.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events_app.domain.event import rfc3339
from runs_app.domain.concurrency import deployment_limit_name
from runs_app.domain.decisions import Abort, Accept, Decision, Reject
from runs_app.domain.states import Proposal, State, StateType
from runs_app.models import Deployment, FlowRun
from runs_app.services import concurrency
from runs_app.services.concurrency import LeaseTerms, SlotsHeld

LEASE = "deployment_concurrency_lease_id"
_HOLDING = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})
_WAIT = timedelta(seconds=30)
_SECONDS = 300.0
_WATCHED_SECONDS = 7 * 24 * 3600.0
_FULL = "Deployment concurrency limit reached."


def decide(run: FlowRun, before: State | None, decision: Decision, *, now: datetime) -> Decision:
    """What becomes of a decision where the run's deployment has a limit.

    No query where there is none and never was; else those of `concurrency.take`.
    """
    match decision:
        case Accept(proposal):
            return _accepted(run, before, proposal, now)
        case Reject(reason, instead) if instead and instead.name == "AwaitingRetry":
            # It tries again in the same process, which keeps its lease.
            return Reject(reason, _with_lease(instead, _lease_of(before)))
    return decision


def update_slots(before: State | None, after: State, *, now: datetime) -> None:
    """Give back what the state before held, if the new one does not hold it."""
    lease_id = _lease_of(before)
    if lease_id is not None and after.details.get(LEASE) != str(lease_id):
        concurrency.end(lease_id, now=now)


def _accepted(run: FlowRun, before: State | None, proposal: Proposal, now: datetime) -> Decision:
    if proposal.type not in _HOLDING:
        return Accept(_with_lease(proposal, None))
    held = _lease_of(before)
    begins = before is None or before.type not in _HOLDING
    if proposal.type == StateType.PENDING and begins:
        return _secured(run, before, proposal, now)
    if held is None:
        return Accept(_with_lease(proposal, None))
    starts = proposal.type == StateType.RUNNING and not _is_running(before)
    if starts and not concurrency.renew(held, seconds=_seconds(run, first=False), now=now):
        return _secured(run, before, proposal, now)
    return Accept(_with_lease(proposal, held))


def _secured(run: FlowRun, before: State | None, proposal: Proposal, now: datetime) -> Decision:
    deployment = run.deployment
    if deployment is None or deployment.concurrency_limit is None:
        return Accept(_with_lease(proposal, None))
    if deployment.concurrency_limit == 0:
        return Abort("The deployment concurrency limit is 0: none of its runs can be started.")
    if (held := _lease_of(before)) is not None:
        concurrency.end(held, now=now)
    terms = LeaseTerms(seconds=_seconds(run, first=True), holder=("flow_run", run.pk))
    taken = concurrency.take([deployment_limit_name(deployment.pk)], 1, now=now, lease=terms)
    if isinstance(taken, SlotsHeld):
        return Accept(_with_lease(proposal, taken.lease_id))
    if _options(deployment).get("collision_strategy") == "CANCEL_NEW":
        return Reject(_FULL, Proposal(type=StateType.CANCELLED, message=_FULL))
    details = {"scheduled_time": rfc3339(now + _WAIT)}
    again = Proposal(type=StateType.SCHEDULED, name="AwaitingConcurrencySlot", details=details)
    return Reject(_FULL, again)


def _seconds(run: FlowRun, *, first: bool) -> float:
    if run.work_pool is not None and run.work_pool.type == "flint":
        return _WATCHED_SECONDS
    grace = _options(run.deployment).get("grace_period_seconds") if first else None
    return float(grace) if isinstance(grace, int | float) and grace > 0 else _SECONDS


def _options(deployment: Deployment | None) -> dict[str, Any]:
    return (deployment.concurrency_options if deployment else None) or {}


def _is_running(state: State | None) -> bool:
    return state is not None and state.type in (StateType.RUNNING, StateType.CANCELLING)


def _with_lease(proposal: Proposal, lease_id: UUID | None) -> Proposal:
    """Clients send null for what they do not know."""
    if lease_id is None and LEASE not in proposal.details:
        return proposal
    lease = None if lease_id is None else str(lease_id)
    return replace(proposal, details=proposal.details | {LEASE: lease})


def _lease_of(state: State | None) -> UUID | None:
    try:
        return UUID(state.details[LEASE]) if state and state.details.get(LEASE) else None
    except (ValueError, TypeError, AttributeError):
        return None  # a client's own text from before there were leases
