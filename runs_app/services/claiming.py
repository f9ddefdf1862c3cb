"""Who may execute a run: one executor, once per attempt."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from project.lib import wake
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun
from runs_app.services.orchestrating import transition
from runs_app.storage import executions, runs

logger = logging.getLogger(__name__)

# An executor says that it lives every second; after so long it counts as gone.
UNSEEN_SECONDS = 15.0
_LOST_AT_ONCE = 100
# More messages than this at once would only wait: whoever has executed a run looks for the
# next one by itself.
_WAKE_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run that this executor, and no other, may execute now."""

    run_id: UUID
    executor: str
    name: str
    flow_name: str
    deployment_name: str | None
    entrypoint: str | None
    flow_root: str | None
    parameters: dict[str, Any]
    job_variables: dict[str, Any]


def claim_next(executor: str, *, now: datetime) -> Claim | None:
    """Take the run that has been due longest: Scheduled → Pending, held by this executor."""
    with transaction.atomic():
        run_id = executions.lock_next_due(now)
        if run_id is None:
            return None
        run = runs.locked(run_id)
        run.executor, run.executor_seen = executor, now
        result = transition(run, Proposal(type=StateType.PENDING), now=now)
        if result.status != "ACCEPT":
            return None
        return _claim(run, executor)


def wake_executors(*, now: datetime) -> int:
    """Wake as many executors as runs of flint pools are due, within bounds. One query."""
    due = executions.count_due(now, at_most=_WAKE_AT_ONCE)
    for _ in range(due):
        wake.wake("runs.execute", queue="runs", expires_seconds=1.5)
    return due


def _claim(run: FlowRun, executor: str) -> Claim:
    deployment = run.deployment
    return Claim(
        run_id=run.pk,
        executor=executor,
        name=run.name,
        flow_name=run.flow.name,
        deployment_name=deployment.name if deployment else None,
        entrypoint=deployment.entrypoint if deployment else None,
        flow_root=deployment.flow_root if deployment else None,
        parameters=run.parameters,
        job_variables={**(deployment.job_variables if deployment else {}), **run.job_variables},
    )


def finish(claim: Claim, proposal: Proposal, *, now: datetime) -> bool:
    """Change the state of a run that is still ours; False when it was taken away.

    A run that is being cancelled becomes Cancelled, whatever its process came to.
    """
    with transaction.atomic():
        try:
            run = runs.locked(claim.run_id)
        except FlowRun.DoesNotExist:
            return False
        if run.executor != claim.executor:
            return False
        if run.state_type == StateType.CANCELLING:
            proposal = _cancelled()
        return transition(run, proposal, now=now).written


def _cancelled() -> Proposal:
    message = "Flow run was cancelled successfully."
    return Proposal(type=StateType.CANCELLED, message=message)


def crash_lost(*, now: datetime, unseen_seconds: float = UNSEEN_SECONDS) -> list[UUID]:
    """Mark runs as Crashed whose executor is gone; their ids."""
    crashed = []
    with transaction.atomic():
        for run_id in executions.lock_lost(unseen_seconds=unseen_seconds, limit=_LOST_AT_ONCE):
            run = runs.locked(run_id)
            message = f"Its executor was not heard of for more than {unseen_seconds:.0f} s."
            proposal = Proposal(type=StateType.CRASHED, message=message)
            if run.state_type == StateType.CANCELLING:
                proposal = _cancelled()
            if transition(run, proposal, now=now).written:
                crashed.append(run_id)
                logger.warning("Run %s crashed: its executor is gone", run_id)
    return crashed
