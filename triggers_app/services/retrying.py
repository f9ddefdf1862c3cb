"""Having a failed action tried again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from project.lib import wake
from triggers_app.models import ActionRun


class NotFailed(Exception):
    """Only an action that was refused, or discarded, can be tried again."""


def retry(action_run_id: int, *, author: str, now: datetime) -> ActionRun:
    """Let it be carried out once more, with the key of its first time: nothing is made twice.

    What is to be sent was rendered and is sent as it stands; everything else is rendered
    anew. Raises ActionRun.DoesNotExist and NotFailed.
    """
    with transaction.atomic():
        run = ActionRun.objects.select_for_update().get(pk=action_run_id)
        if run.state not in (ActionRun.State.REJECTED, ActionRun.State.DISCARDED):
            raise NotFailed(f"The action is {run.state}; only a failed one can be tried again.")
        rendered = run.request is not None
        run.state = ActionRun.State.SENDING if rendered else ActionRun.State.PENDING
        run.retries += 1
        run.author, run.released = author, now
        run.attempts = 0
        run.reason = run.not_before = run.settled = run.lease_until = None
        run.save()
        task = "triggers.deliver" if rendered else "triggers.dispatch"
        wake.wake_after_commit(task, queue="actions")
    return run


def action_of(automation_id: UUID, firing_id: UUID, index: int) -> int:
    """The id of an action run. Raises ActionRun.DoesNotExist."""
    action_run = ActionRun.objects.only("pk").get(
        firing_id=firing_id, automation_id=automation_id, index=index
    )
    return action_run.pk
