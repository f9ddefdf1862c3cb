"""What carries out which kind of action: each module says so of its own functions.

Automations are switched by services.switching, for that is a change like any other.
"""

from triggers_app.delivery import flow_run_states, flow_runs, state_changes, texts
from triggers_app.delivery.batch import Batch
from triggers_app.delivery.kinds import KINDS, Deliver, delivers
from triggers_app.delivery.results import Delivered, Rejected, Settlement

__all__ = ["KINDS", "MODULES", "Deliver", "do_nothing", "refuse"]

MODULES = (flow_run_states, flow_runs, state_changes, texts)
"""To be imported is to be registered."""


@delivers("do-nothing")
def do_nothing(batch: Batch) -> list[Settlement | None]:
    return [Delivered() for _ in batch.jobs]


def refuse(batch: Batch) -> list[Settlement | None]:
    return [
        Rejected(f"Flint does not know actions of type `{job.action.get('type')}`.")
        for job in batch.jobs
    ]
