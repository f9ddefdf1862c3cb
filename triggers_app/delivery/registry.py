"""Which module carries out which kind of action."""

from collections.abc import Callable, Mapping

from triggers_app.delivery.batch import Batch
from triggers_app.delivery.flow_runs import run_deployments
from triggers_app.delivery.results import Delivered, Rejected, Settlement
from triggers_app.delivery.state_changes import pause_deployments, resume_deployments

Deliver = Callable[[Batch], list[Settlement | None]]


def do_nothing(batch: Batch) -> list[Settlement | None]:
    return [Delivered() for _ in batch.jobs]


def refuse(batch: Batch) -> list[Settlement | None]:
    return [
        Rejected(f"Actions of type `{job.action.get('type')}` are not supported yet.")
        for job in batch.jobs
    ]


KINDS: Mapping[str, Deliver] = {
    "do-nothing": do_nothing,
    "run-deployment": run_deployments,
    "pause-deployment": pause_deployments,
    "resume-deployment": resume_deployments,
}
