"""What becomes of states proposed for task runs."""

from datetime import timedelta

import pytest

from runs_app.domain.decisions import Abort, Accept, Decision, Reject, Wait
from runs_app.domain.states import Proposal, StateType
from runs_app.domain.task_orchestration import CurrentTask, decide_task
from tests.runs_app.examples import NOW

RUNNING, FAILED = StateType.RUNNING, StateType.FAILED


def decided(current: CurrentTask, kind: StateType, *, force: bool = False) -> Decision:
    return decide_task(current, Proposal(type=kind), force=force, now=NOW)


@pytest.mark.parametrize("kind", [StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED])
def test_a_run_that_has_ended_cannot_be_stopped(kind: StateType) -> None:
    assert decided(CurrentTask(type=FAILED), kind) == Abort("Run is already FAILED.")


def test_a_kept_result_is_final() -> None:
    current = CurrentTask(type=StateType.COMPLETED, has_persisted_result=True)

    assert decided(current, RUNNING) == Reject("This run is already completed.")


@pytest.mark.parametrize("around", [None, StateType.PENDING, StateType.COMPLETED])
def test_a_task_runs_only_in_a_running_flow(around: StateType | None) -> None:
    current = CurrentTask(type=StateType.PENDING, in_flow=True, flow_type=around)

    assert isinstance(decided(current, RUNNING), Abort)


def test_in_a_paused_flow_a_task_is_not_ready() -> None:
    details = {"pause_timeout": "2026-03-01T13:00:00Z", "pause_reschedule": False, "x": 1}
    current = CurrentTask(
        type=StateType.PENDING, in_flow=True, flow_type=StateType.PAUSED, flow_details=details
    )

    decision = decided(current, RUNNING)

    assert isinstance(decision, Reject) and decision.instead
    assert (decision.instead.type, decision.instead.name) == (StateType.PAUSED, "NotReady")
    assert decision.instead.details == {
        "pause_timeout": "2026-03-01T13:00:00Z",
        "pause_reschedule": False,
    }


def test_a_task_waits_for_its_time() -> None:
    soon = NOW + timedelta(seconds=2.5)
    current = CurrentTask(type=StateType.SCHEDULED, scheduled_time=soon)

    assert decided(current, RUNNING) == Wait(3, "Scheduled time is in the future")


@pytest.mark.parametrize(
    ("run_count", "retries", "again"), [(1, 1, True), (2, 1, False), (1, 0, False)]
)
def test_a_failed_task_is_tried_as_often_as_it_may(
    run_count: int, retries: int, again: bool
) -> None:
    current = CurrentTask(type=RUNNING, run_count=run_count, retries=retries)

    decision = decided(current, FAILED)

    assert isinstance(decision, Reject if again else Accept)


def test_what_must_not_be_tried_again_fails() -> None:
    current = CurrentTask(type=RUNNING, run_count=1, retries=5)
    proposal = Proposal(type=FAILED, details={"retriable": False})

    assert isinstance(decide_task(current, proposal, force=False, now=NOW), Accept)


@pytest.mark.parametrize(
    ("current", "name"),
    [
        (CurrentTask(type=StateType.PENDING), None),
        (CurrentTask(type=StateType.PENDING, run_count=1), "Rerunning"),
        (CurrentTask(type=StateType.SCHEDULED, name="AwaitingRetry", run_count=1), "Retrying"),
        (CurrentTask(type=FAILED, run_count=1), None),
    ],
)
def test_a_task_that_runs_again_says_so(current: CurrentTask, name: str | None) -> None:
    assert decided(current, RUNNING) == Accept(Proposal(type=RUNNING, name=name))


def test_a_pending_task_knows_for_when_it_was_scheduled() -> None:
    current = CurrentTask(type=StateType.SCHEDULED, details={"scheduled_time": "then"})

    accepted = decided(current, StateType.PENDING)

    assert isinstance(accepted, Accept)
    assert accepted.proposal.details == {"scheduled_time": "then"}


def test_force_bypasses_every_rule() -> None:
    current = CurrentTask(type=FAILED)

    assert isinstance(decided(current, StateType.CRASHED, force=True), Accept)
