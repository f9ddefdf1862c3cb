"""A flow that a flow calls: the task run that stands for it in its parent keeps its state."""

import os
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.progress import advance
from runs_app.domain.states import State, full_details
from runs_app.models import TaskRun
from runs_app.storage import task_runs


def tell_parents(changes: Iterable[tuple[UUID | None, UUID, State]]) -> None:
    """Let the parents enter the states of their flow runs, in the caller's transaction.

    `changes`: the parent task run's id if there is one, the flow run's id, its new state. No
    query without parents; else one, and three for each.
    """
    children = {parent: (run_id, state) for parent, run_id, state in changes if parent is not None}
    if not children:
        return
    for parent in task_runs.locked_parents(children.keys()):
        _follow(parent, *children[parent.pk])


def _follow(parent: TaskRun, flow_run_id: UUID, state: State) -> None:
    own = full_details(state.details, flow_run_id=parent.flow_run_id, task_run_id=parent.pk)
    after = replace(
        state,
        id=time_ordered_id(state.timestamp, os.urandom(RANDOM_BYTES)),
        details=own | {"child_flow_run_id": str(flow_run_id)},
    )
    before = task_runs.current_state(parent)
    task_runs.enter(
        parent, after, advance(task_runs.progress_of(parent), before=before, after=after)
    )
