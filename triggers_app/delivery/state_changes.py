"""`pause-deployment` and `resume-deployment`."""

from uuid import UUID

from runs_app.services import deployments
from triggers_app.delivery.batch import Batch
from triggers_app.delivery.results import Delivered, Rejected, Settlement


def pause_deployments(batch: Batch) -> list[Settlement | None]:
    return _set_paused(batch, True)


def resume_deployments(batch: Batch) -> list[Settlement | None]:
    return _set_paused(batch, False)


def _set_paused(batch: Batch, paused: bool) -> list[Settlement | None]:
    """One query for each deployment, not for each action."""
    targets = [job.target("deployment") for job in batch.jobs]
    exists = {
        target: deployments.set_paused(target, paused, now=batch.now)
        for target in dict.fromkeys(targets)
        if target is not None
    }
    return [_settlement(target, exists) for target in targets]


def _settlement(target: UUID | None, exists: dict[UUID, bool]) -> Settlement:
    if target is None:
        return Rejected("No deployment could be inferred from the event.")
    if not exists[target]:
        return Rejected("Deployment not found")
    return Delivered(result={"deployment_id": str(target)})
