"""The event of a state change, key for key as recorded from Prefect 3.9.1."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from runs_app.domain.state_events import RunSubject, state_event
from runs_app.domain.states import State, StateType

NOW = datetime(2026, 3, 1, 12, 0, 0, 250000, tzinfo=UTC)
RUN = UUID(int=1)
SUBJECT = RunSubject(
    id=RUN,
    name="gleeful-owl",
    run_count=1,
    flow_id=UUID(int=2),
    flow_name="slow",
    deployment_id=UUID(int=3),
    deployment_name="served",
    work_pool_id=UUID(int=4),
    work_pool_name="p",
    work_pool_type="flint",
    tags=["b", "a", "b"],
    created_by={"id": str(UUID(int=5)), "type": "AUTOMATION", "display_value": "multi"},
)


def a_state(kind: StateType, seconds: float = 0, **fields: Any) -> State:
    moment = NOW + timedelta(seconds=seconds)
    return State(id=UUID(int=9), type=kind, name=kind.usual_name, timestamp=moment, **fields)


def test_the_resource_tells_run_and_state() -> None:
    after = a_state(StateType.COMPLETED)

    event = state_event(SUBJECT, before=a_state(StateType.RUNNING, -1), after=after)

    assert (event.event, event.id, event.occurred) == (
        "prefect.flow-run.Completed",
        after.id,
        NOW,
    )
    assert event.resource == {
        "prefect.resource.id": f"prefect.flow-run.{RUN}",
        "prefect.resource.name": "gleeful-owl",
        "prefect.run-count": "1",
        "prefect.state-message": "",
        "prefect.state-name": "Completed",
        "prefect.state-timestamp": "2026-03-01T12:00:00.250000+00:00",
        "prefect.state-type": "COMPLETED",
    }


def test_flow_deployment_pool_tags_and_creator_are_related() -> None:
    event = state_event(SUBJECT, before=None, after=a_state(StateType.SCHEDULED))

    assert [
        (each["prefect.resource.role"], each["prefect.resource.id"]) for each in event.related
    ] == [
        ("flow", f"prefect.flow.{UUID(int=2)}"),
        ("deployment", f"prefect.deployment.{UUID(int=3)}"),
        ("work-pool", f"prefect.work-pool.{UUID(int=4)}"),
        ("tag", "prefect.tag.a"),
        ("tag", "prefect.tag.b"),
        ("creator", f"prefect.automation.{UUID(int=5)}"),
    ]


def test_the_payload_tells_the_transition() -> None:
    after = a_state(StateType.FAILED, message="boom")

    event = state_event(SUBJECT, before=a_state(StateType.RUNNING), after=after)

    assert event.payload_object() == {
        "intended": {"from": "RUNNING", "to": "FAILED"},
        "initial_state": {"type": "RUNNING", "name": "Running"},
        "validated_state": {"type": "FAILED", "name": "Failed", "message": "boom"},
    }


def test_the_first_state_comes_from_nowhere() -> None:
    event = state_event(SUBJECT, before=None, after=a_state(StateType.SCHEDULED))

    assert event.follows is None
    assert event.payload_object()["intended"] == {"from": None, "to": "SCHEDULED"}
    assert event.payload_object()["initial_state"] is None


@pytest.mark.parametrize(("seconds", "follows"), [(299, True), (300, False)])
def test_it_follows_the_state_before_when_that_is_recent(seconds: int, follows: bool) -> None:
    before = a_state(StateType.RUNNING, -seconds)

    event = state_event(SUBJECT, before=before, after=a_state(StateType.COMPLETED))

    assert event.follows == (before.id if follows else None)


def test_tags_beyond_what_an_event_may_hold_are_left_out() -> None:
    tagged = RunSubject(
        id=RUN, name="n", run_count=0, flow_id=RUN, flow_name="f", tags=map(str, range(200))
    )

    event = state_event(tagged, before=None, after=a_state(StateType.SCHEDULED))

    assert len(event.related) == 100
