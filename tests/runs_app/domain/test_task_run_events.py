"""What a client's event says of a task run."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from events_app.domain.event import Event
from runs_app.domain.states import StateType
from runs_app.domain.task_run_events import newest, observed
from tests.runs_app.told_tasks import told

TASK, FLOW = UUID(int=7), UUID(int=8)


def test_an_event_tells_run_and_state() -> None:
    event = told("Running", task_run_id=TASK, flow_run_id=FLOW, run_count=1)

    seen = observed(event)

    assert seen is not None
    assert (seen.id, seen.flow_run_id, seen.fields.run_count) == (TASK, FLOW, 1)
    assert (seen.state.id, seen.state.type) == (event.id, StateType.RUNNING)
    assert seen.state.timestamp == event.occurred
    assert seen.state.details["task_run_id"] == str(TASK)
    assert seen.state.details["flow_run_id"] == str(FLOW)
    assert seen.natural_key == (FLOW, "double-1d9326b4", "1ea6edcc")


def test_a_task_outside_of_a_flow_has_no_other_name() -> None:
    seen = observed(told("Running", task_run_id=TASK))

    assert seen is not None
    assert (seen.flow_run_id, seen.natural_key) == (None, None)
    assert seen.state.details["flow_run_id"] is None


def changed(**changes: Any) -> Event:
    return msgspec.structs.replace(told("Running", task_run_id=TASK), **changes)


@pytest.mark.parametrize(
    "event",
    [
        changed(event="order.paid"),
        told("Running", task_run_id=TASK, client=None),
        told("Running", task_run_id=TASK, client="server"),
        changed(resource={"prefect.resource.id": "x", "prefect.orchestration": "client"}),
        changed(payload=msgspec.Raw(b"{}")),
        told("Running", task_run_id=TASK, kind="WALKING"),
        told("Running", task_run_id=TASK, run_count=-1),
        told("Running", task_run_id=TASK, tags="quick"),
        told("Running", task_run_id=TASK, task_key="k" * 1_001),
        told("Running", task_run_id=TASK, start_time="yesterday"),
    ],
    ids=[
        "another event",
        "no orchestration",
        "the server's",
        "no id",
        "no payload",
        "no such state",
        "a negative count",
        "tags that are no list",
        "a key that no index holds",
        "no time",
    ],
)
def test_what_makes_no_sense_tells_nothing(event: Event) -> None:
    assert observed(event) is None


def test_the_latest_state_counts_whatever_the_order() -> None:
    late = observed(told("Completed", task_run_id=TASK, after=2))
    early = observed(told("Running", task_run_id=TASK, after=1))
    other = observed(told("Running", task_run_id=uuid4()))
    assert late and early and other

    assert newest([late, early, other]) == {TASK: late, other.id: other}


def test_of_two_states_of_one_moment_the_last_told_counts() -> None:
    first = observed(told("Pending", task_run_id=TASK))
    second = observed(told("Running", task_run_id=TASK))
    assert first and second

    assert newest([first, second]) == {TASK: second}
