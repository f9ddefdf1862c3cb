"""Whether acting is paused, and what is held."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from project.lib.json_documents import Document
from runs_app.services import restoring
from triggers_app.models import ActionRun
from triggers_app.reads import automations
from triggers_app.storage import pausing

OLDEST = 20


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """What is held of one automation for one cause; `name` is None when it is gone."""

    automation_id: UUID
    name: str | None
    held_for: str
    count: int


@dataclass(frozen=True, slots=True)
class PausingPage:
    """`stopped` is since when nothing acts; `oldest` are documents of held actions.

    `restored_runs`: so many flow runs wait since a restore.
    """

    stopped: datetime | None
    author: str
    reason: str
    groups: list[HeldGroup]
    oldest: list[dict[str, Any]]
    restored_runs: int


@dataclass(frozen=True, slots=True)
class PauseStatus:
    """What every page says; `held` actions and `restored_runs` wait for a person."""

    stopped: datetime | None
    author: str
    reason: str
    held: int
    restored_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldActions:
    """Which held actions are meant; None narrows nothing."""

    ids: Collection[int] | None = None
    automation_id: UUID | None = None
    held_for: str | None = None

    def rows(self) -> "QuerySet[ActionRun]":
        rows = ActionRun.objects.filter(state=ActionRun.State.HELD)
        if self.ids is not None:
            rows = rows.filter(pk__in=self.ids)
        if self.automation_id is not None:
            rows = rows.filter(automation_id=self.automation_id)
        if self.held_for is not None:
            rows = rows.filter(held_for=self.held_for)
        return rows

    def by_people(self) -> "QuerySet[ActionRun]":
        """Without what is held for a redeploy: that is decided by the redeploy."""
        return self.rows().exclude(held_for=ActionRun.HeldFor.GRACE)


def page() -> PausingPage:
    """Five queries: the brake, counts, names, the oldest held actions, runs that are held."""
    current = state()
    names = automations.names({one["automation_id"] for one in current["automations"]})
    groups = [
        HeldGroup(name=names.get(one["automation_id"]), **one) for one in current["automations"]
    ]
    groups.sort(key=lambda group: (group.name or "", group.held_for, group.automation_id))
    oldest = held(HeldActions(), limit=OLDEST, offset=0)
    for action in oldest:
        action["name"] = names.get(action["automation_id"])
    return PausingPage(
        current["stopped"], current["author"], current["reason"], groups, oldest, restoring.held()
    )


def pause_status() -> PauseStatus:
    """Three queries. What is held for a redeploy waits for no person."""
    current = state()
    waiting = sum(current["held"].values()) - current["held"][ActionRun.HeldFor.GRACE]
    return PauseStatus(
        current["stopped"], current["author"], current["reason"], waiting, restoring.held()
    )


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
