"""Pausing and resuming deployments, work pools and work queues."""

from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from runs_app.services import deployments, pools, queues
from triggers_app.delivery.batch import Batch
from triggers_app.delivery.kinds import delivers
from triggers_app.delivery.results import Delivered, Rejected, Settlement, not_inferred


class SetPaused(Protocol):
    """Pauses or resumes; False when there is no such object."""

    def __call__(self, target: UUID, paused: bool, /, *, now: datetime) -> bool: ...


def _set_paused(
    batch: Batch, *, kind: str, paused: bool, change: SetPaused
) -> list[Settlement | None]:
    """One query for each object, not for each action."""
    targets = [job.target(kind) for job in batch.jobs]
    exists = {
        target: change(target, paused, now=batch.now)
        for target in dict.fromkeys(targets)
        if target is not None
    }
    return [_settlement(kind, target, exists) for target in targets]


def _settlement(kind: str, target: UUID | None, exists: dict[UUID, bool]) -> Settlement:
    name = kind.replace("-", " ")
    if target is None:
        return not_inferred(name)
    if not exists[target]:
        return Rejected(f"{name.capitalize()} not found", {"status_code": 404})
    return Delivered(result={f"{kind.replace('-', '_')}_id": str(target)})


_CHANGES: dict[str, SetPaused] = {
    "deployment": deployments.set_paused,
    "work-pool": pools.set_paused,
    "work-queue": queues.set_paused,
}
for _kind, _change in _CHANGES.items():
    delivers(f"pause-{_kind}")(partial(_set_paused, kind=_kind, change=_change, paused=True))
    delivers(f"resume-{_kind}")(partial(_set_paused, kind=_kind, change=_change, paused=False))
