"""The brakes that people pull: stopping all acting, and what becomes of what was held.

Evaluation goes on whatever is braked. Nothing that was held is lost, and nothing goes on by
itself: a person releases or discards it. (What is held for a redeploy ends by itself.)
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Case, Value, When

from project.lib import wake
from triggers_app.models import ActionRun
from triggers_app.reads.held_actions import HeldActions
from triggers_app.storage import pausing

_State = ActionRun.State


def stop_acting(*, author: str, reason: str = "", now: datetime) -> bool:
    """Carry out no action from now on, of no automation; False when that is so already.

    Waits for the batches that are under way: when it returns, nothing acts any more, except
    requests that are on their way outside.
    """
    with transaction.atomic():
        return pausing.write(stopped=now, author=author, reason=reason)


def resume_acting(*, author: str, now: datetime) -> bool:
    """Carry out what comes up from now on. What was held stays held."""
    with transaction.atomic():
        return pausing.write(stopped=None, author=author, reason="")


def release(which: HeldActions, *, author: str, now: datetime) -> int:
    """Let held actions be carried out, past every ceiling; how many."""
    going_on = Case(
        When(request__isnull=True, then=Value(_State.PENDING.value)),
        default=Value(_State.SENDING.value),
    )
    count = which.by_people().update(
        state=going_on, held_for=None, reason=None, released=now, author=author
    )
    if count:
        wake.wake("triggers.dispatch", queue="actions")
        wake.wake("triggers.deliver", queue="actions")
    return count


def discard(which: HeldActions, *, author: str, now: datetime) -> int:
    """Give held actions up; they stay to be seen, and can be tried again. How many."""
    return which.by_people().update(
        state=_State.DISCARDED,
        held_for=None,
        reason=f"Discarded by {author}.",
        author=author,
        settled=now,
    )


def delete_old_counts(*, now: datetime) -> None:
    """Forget how much was done more than two minutes ago. One query."""
    pausing.delete_old_counts(now=now)
