"""State changes: written with their event, or not at all."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from pytest_django import DjangoAssertNumQueries

from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun
from runs_app.services import orchestrating
from runs_app.services.orchestrating import OrchestrationResult
from tests.runs_app.examples import NOW, a_deployment, a_run, run_events

pytestmark = pytest.mark.django_db


def proposed(
    run_id: UUID, kind: StateType, seconds: float = 1, **fields: Any
) -> OrchestrationResult:
    force = fields.pop("force", False)
    now = NOW + timedelta(seconds=seconds)
    return orchestrating.set_state(run_id, Proposal(type=kind, **fields), now=now, force=force)


def events() -> list[dict[str, Any]]:
    return [msgspec.json.decode(bytes(row.body)) for row in run_events()]


def test_every_change_has_its_event_and_each_follows_the_one_before() -> None:
    run_id = a_run(a_deployment())

    for kind in (StateType.PENDING, StateType.RUNNING, StateType.COMPLETED):
        assert proposed(run_id, kind).status == "ACCEPT"

    written = events()
    names = [event["event"].removeprefix("prefect.flow-run.") for event in written]
    assert names == ["Scheduled", "Pending", "Running", "Completed"]
    assert [event["follows"] for event in written[1:]] == [event["id"] for event in written[:-1]]


def test_the_run_repeats_its_current_state() -> None:
    run_id = a_run(a_deployment())
    proposed(run_id, StateType.PENDING)

    result = proposed(run_id, StateType.RUNNING, seconds=2)

    run = FlowRun.objects.get(pk=run_id)
    assert result.state is not None
    assert (run.state_id, run.state_name) == (result.state.id, "Running")
    assert (run.run_count, run.start_time) == (1, NOW + timedelta(seconds=2))


def test_what_is_refused_writes_nothing() -> None:
    run_id = a_run(a_deployment())
    proposed(run_id, StateType.PENDING)

    result = proposed(run_id, StateType.PENDING)

    assert (result.status, result.written) == ("ABORT", False)
    assert len(events()) == 2


def test_cancelling_a_scheduled_run_cancels_it_and_tells_so() -> None:
    run_id = a_run(a_deployment())

    result = proposed(run_id, StateType.CANCELLING)

    assert (result.status, result.written) == ("REJECT", True)
    assert result.state is not None and result.state.name == "Cancelled"
    assert events()[-1]["event"] == "prefect.flow-run.Cancelled"


def test_a_run_with_retries_waits_for_its_next_attempt() -> None:
    run_id = a_run(a_deployment())
    FlowRun.objects.filter(pk=run_id).update(empirical_policy={"retries": 1, "retry_delay": 10})
    proposed(run_id, StateType.RUNNING)

    result = proposed(run_id, StateType.FAILED, seconds=2)

    run = FlowRun.objects.get(pk=run_id)
    assert (result.status, run.state_name) == ("REJECT", "AwaitingRetry")
    assert run.next_scheduled_start_time == NOW + timedelta(seconds=12)


def test_the_end_of_a_run_frees_it_from_its_executor() -> None:
    run_id = a_run(a_deployment())
    FlowRun.objects.filter(pk=run_id).update(executor="e", executor_seen=NOW)

    proposed(run_id, StateType.CRASHED)

    assert FlowRun.objects.get(pk=run_id).executor is None


def test_a_pause_in_the_process_is_resumed_there() -> None:
    run_id = a_run(a_deployment())
    proposed(run_id, StateType.RUNNING)
    proposed(run_id, StateType.PAUSED, details={"pause_key": "1"})

    result = orchestrating.resume(run_id, now=NOW + timedelta(seconds=9))

    assert result.state is not None
    assert (result.status, result.state.type) == ("ACCEPT", StateType.RUNNING)
    assert FlowRun.objects.get(pk=run_id).empirical_policy["pause_keys"] == ["1"]


def test_a_suspended_run_is_scheduled_anew() -> None:
    run_id = a_run(a_deployment())
    proposed(run_id, StateType.RUNNING)
    proposed(run_id, StateType.PAUSED, details={"pause_reschedule": True})

    result = orchestrating.resume(run_id, now=NOW + timedelta(seconds=9))

    assert result.state is not None
    assert (result.state.name, result.state.type) == ("Resuming", StateType.SCHEDULED)


def test_only_a_paused_run_is_resumed() -> None:
    result = orchestrating.resume(a_run(a_deployment()), now=NOW)

    assert (result.status, result.details["reason"]) == (
        "ABORT",
        "Cannot resume a flow run that is not paused.",
    )


def test_an_unknown_run_is_not_found() -> None:
    with pytest.raises(FlowRun.DoesNotExist):
        proposed(uuid4(), StateType.RUNNING)


def test_a_change_takes_five_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    run_id = a_run(a_deployment())

    with django_assert_num_queries(7):  # savepoint, run, state; state, run, outbox; release
        proposed(run_id, StateType.PENDING)
