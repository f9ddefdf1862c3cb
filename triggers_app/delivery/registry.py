"""Which module carries out which kind of action."""

from collections.abc import Callable, Mapping

from triggers_app.delivery import flow_run_states, state_changes
from triggers_app.delivery.batch import Batch
from triggers_app.delivery.flow_runs import run_deployments
from triggers_app.delivery.results import Delivered, Rejected, Settlement
from triggers_app.delivery.texts import render_texts

Deliver = Callable[[Batch], list[Settlement | None]]


def do_nothing(batch: Batch) -> list[Settlement | None]:
    return [Delivered() for _ in batch.jobs]


def refuse(batch: Batch) -> list[Settlement | None]:
    return [
        Rejected(f"Flint does not know actions of type `{job.action.get('type')}`.")
        for job in batch.jobs
    ]


# Automations are switched by services.switching, for that is a change like any other.
KINDS: Mapping[str, Deliver] = {
    "do-nothing": do_nothing,
    "run-deployment": run_deployments,
    "pause-deployment": state_changes.pause_deployments,
    "resume-deployment": state_changes.resume_deployments,
    "pause-work-pool": state_changes.pause_pools,
    "resume-work-pool": state_changes.resume_pools,
    "pause-work-queue": state_changes.pause_queues,
    "resume-work-queue": state_changes.resume_queues,
    "cancel-flow-run": flow_run_states.cancel_runs,
    "suspend-flow-run": flow_run_states.suspend_runs,
    "resume-flow-run": flow_run_states.resume_runs,
    "change-flow-run-state": flow_run_states.change_states,
    "delete-flow-run": flow_run_states.delete_runs,
    "send-notification": render_texts,
    "call-webhook": render_texts,
}
