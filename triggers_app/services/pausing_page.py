"""What the page about the brakes shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from runs_app.services import restoring
from triggers_app.models import ActionRun
from triggers_app.services import pausing
from triggers_app.services.pausing import HeldActions
from triggers_app.storage import page_rows

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
class Braked:
    """What every page says; `held` actions and `restored_runs` wait for a person."""

    stopped: datetime | None
    author: str
    reason: str
    held: int
    restored_runs: int


def brakes_in_full() -> PausingPage:
    """Five queries: the brake, counts, names, the oldest held actions, runs that are held."""
    state = pausing.state()
    names = page_rows.automation_names({one["automation_id"] for one in state["automations"]})
    groups = [
        HeldGroup(name=names.get(one["automation_id"]), **one) for one in state["automations"]
    ]
    groups.sort(key=lambda group: (group.name or "", group.held_for, group.automation_id))
    oldest = pausing.held(HeldActions(), limit=OLDEST, offset=0)
    for action in oldest:
        action["name"] = names.get(action["automation_id"])
    return PausingPage(
        state["stopped"], state["author"], state["reason"], groups, oldest, restoring.held()
    )


def braked() -> Braked:
    """Three queries. What is held for a redeploy waits for no person."""
    state = pausing.state()
    waiting = sum(state["held"].values()) - state["held"][ActionRun.HeldFor.GRACE]
    return Braked(state["stopped"], state["author"], state["reason"], waiting, restoring.held())
