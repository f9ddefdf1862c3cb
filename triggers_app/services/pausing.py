"""The brakes that people pull: stopping all acting, and what becomes of what was held.

Evaluation goes on whatever is braked. Nothing that was held is lost, and nothing goes on by
itself: a person releases or discards it. (What is held for a redeploy ends by itself.)
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from project.lib import wake
from project.lib.json_documents import Document
from triggers_app.models import ActionRun
from triggers_app.storage import pausing

_State = ActionRun.State


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldActions:
    """Which held actions are meant; None narrows nothing."""

    ids: Collection[int] | None = None
    automation_id: UUID | None = None
    held_for: str | None = None

    def rows(self) -> "QuerySet[ActionRun]":
        found = ActionRun.objects.filter(state=_State.HELD)
        if self.ids is not None:
            found = found.filter(pk__in=self.ids)
        if self.automation_id is not None:
            found = found.filter(automation_id=self.automation_id)
        if self.held_for is not None:
            found = found.filter(held_for=self.held_for)
        return found

    def by_people(self) -> "QuerySet[ActionRun]":
        """Without what is held for a redeploy: that is decided by the redeploy."""
        return self.rows().exclude(held_for=ActionRun.HeldFor.GRACE)


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


def state() -> Document:
    """Whether acting is stopped, by whom, and how much is held for what. Two queries."""
    brake = pausing.brake()
    counts = pausing.held_counts()
    return {
        "acting": brake.stopped is None,
        "stopped": brake.stopped,
        "author": brake.author,
        "reason": brake.reason,
        "held": {
            kind.value: sum(count for _, held_for, count in counts if held_for == kind)
            for kind in ActionRun.HeldFor
        },
        "automations": [
            {"automation_id": automation_id, "held_for": held_for, "count": count}
            for automation_id, held_for, count in counts
        ],
    }


def held(which: HeldActions, *, limit: int, offset: int) -> list[Document]:
    """Held actions, oldest first. One query."""
    rows = which.rows().order_by("id")[offset : offset + limit]
    return [
        {
            "id": run.pk,
            "automation_id": run.automation_id,
            "firing_id": run.firing_id,
            "index": run.index,
            "action": run.action,
            "held_for": run.held_for,
            "reason": run.reason,
            "created": run.created,
        }
        for run in rows
    ]


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


def forget_acted(*, now: datetime) -> None:
    """Forget how much was done more than two minutes ago. One query."""
    pausing.forget_acted(now=now)
