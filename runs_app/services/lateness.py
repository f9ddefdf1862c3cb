"""Telling of runs that nobody has started in time."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from events_app.domain.event import Event, rfc3339
from events_app.storage import outbox
from project.lib import wake
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.state_events import state_event
from runs_app.domain.states import State, StateType, full_details
from runs_app.models import FlowRun
from runs_app.services import subflows
from runs_app.storage import creation, lateness, runs

LATE_AFTER = timedelta(seconds=15)
LATE = "Late"
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Late:
    run: FlowRun
    before: State | None
    after: State


def mark_late(*, now: datetime) -> int:
    """Runs that should have started 15 s ago become Late, which is told; how many, 200 at most.

    One query when there are none, else five and the outbox's.
    """
    with transaction.atomic():
        runs = lateness.lock_unstarted(now - LATE_AFTER, limit=_AT_ONCE)
        if not runs:
            return 0
        states = lateness.states_of(runs)
        late = [_Late(run, states.get(run.state_id), _late(run, now)) for run in runs]
        creation.insert_states([_row(each) for each in late])
        lateness.enter([(each.run.pk, each.after) for each in late])
        subflows.tell_parents((e.run.parent_task_run_id, e.run.pk, e.after) for e in late)
        outbox.add([_event(each) for each in late])
        wake.wake_after_commit(wake.RELAY, queue="actions")
    return len(late)


def _late(run: FlowRun, now: datetime) -> State:
    moment = max(now, run.state_timestamp or now)
    details = {"scheduled_time": rfc3339(run.next_scheduled_start_time or now)}
    return State(
        id=time_ordered_id(moment, os.urandom(RANDOM_BYTES)),
        type=StateType.SCHEDULED,
        name=LATE,
        timestamp=moment,
        details=full_details(details, flow_run_id=run.pk, task_run_id=run.parent_task_run_id),
    )


def _row(late: _Late) -> dict[str, object]:
    return creation.state_row(late.run.pk, late.after)


def _event(late: _Late) -> Event:
    return state_event(runs.subject_of(late.run), before=late.before, after=late.after)
