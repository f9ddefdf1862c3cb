"""Runs that had not started when a dump was made: after its restore a person decides.

They may have run since the dump was made. Each is suspended, as Prefect calls it, until somebody
resumes or cancels it.
"""

from datetime import datetime

from runs_app.domain.states import Proposal, StateType
from runs_app.services import orchestrating
from runs_app.storage import restored

HELD = "Held by a restore"
_MESSAGE = (
    "It had not started when the dump was made that was restored, and may have run since. "
    "Resume it or cancel it."
)


def hold_unstarted(*, now: datetime) -> int:
    """Suspend every run that waits to be started; how many."""
    ids = restored.unstarted(now)
    proposal = Proposal(
        type=StateType.PAUSED,
        name=HELD,
        message=_MESSAGE,
        details={"pause_reschedule": True},
    )
    for run_id in ids:
        orchestrating.set_state(run_id, proposal, now=now, force=True)
    return len(ids)


def held() -> int:
    """How many runs a restore holds. One query."""
    return restored.count_named(HELD)


def resume_held(*, now: datetime) -> int:
    """Let them all start; how many."""
    ids = restored.named(HELD)
    return sum(orchestrating.resume(run_id, now=now).written for run_id in ids)


def cancel_held(*, author: str, now: datetime) -> int:
    """Cancel them all; how many."""
    proposal = Proposal(type=StateType.CANCELLED, message=f"Cancelled by {author}.")
    ids = restored.named(HELD)
    return sum(
        orchestrating.set_state(run_id, proposal, now=now, force=True).written for run_id in ids
    )
