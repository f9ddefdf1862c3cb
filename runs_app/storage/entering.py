"""A state as the current one of its run, of a flow or a task: the columns of both rows."""

from typing import Any

from runs_app.domain.progress import Progress
from runs_app.domain.states import State
from runs_app.models import FlowRun, TaskRun


def state_columns(state: State) -> dict[str, Any]:
    """Of the row of the state itself, without its run."""
    return {
        "id": state.id,
        "type": state.type.value,
        "name": state.name,
        "message": state.message,
        "timestamp": state.timestamp,
        "state_details": state.details,
        "data": state.data,
    }


def make_current(run: FlowRun | TaskRun, state: State, progress: Progress, **more: Any) -> None:
    """Write the state into the row of its run, and into `run`. One query."""
    changes = {
        **progress.columns(),
        "state_id": state.id,
        "state_type": state.type.value,
        "state_name": state.name,
        "state_timestamp": state.timestamp,
        "updated": state.timestamp,
        **more,
    }
    for name, value in changes.items():
        setattr(run, name, value)
    type(run)._default_manager.filter(pk=run.pk).update(**changes)
