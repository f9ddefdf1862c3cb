"""The rules for proposed states: every row was probed on Prefect 3.9.1."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runs_app.domain.decisions import Abort, Accept, Reject, Wait
from runs_app.domain.orchestration import Current, decide
from runs_app.domain.states import Proposal, StateType

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
T = StateType


def decided(current: Current, proposal: Proposal, **options: Any) -> Any:
    return decide(current, proposal, now=NOW, force=options.get("force", False))


def a_current(kind: T | None, **fields: Any) -> Current:
    return Current(type=kind, name=kind.usual_name if kind else None, **fields)


ACCEPTED = [
    (None, T.PENDING),
    (T.SCHEDULED, T.PENDING),
    (T.PENDING, T.RUNNING),
    (T.RUNNING, T.COMPLETED),
    (T.RUNNING, T.FAILED),
    (T.RUNNING, T.CRASHED),
    (T.RUNNING, T.CANCELLING),
    (T.PENDING, T.CANCELLING),
    (T.CANCELLING, T.CANCELLED),
    (T.CANCELLED, T.RUNNING),
    (T.FAILED, T.RUNNING),
    (T.COMPLETED, T.RUNNING),
    (T.FAILED, T.SCHEDULED),
    (T.RUNNING, T.PAUSED),
    (T.PAUSED, T.RUNNING),
]


@pytest.mark.parametrize(("before", "after"), ACCEPTED)
def test_ordinary_transitions_are_accepted(before: T | None, after: T) -> None:
    assert decided(a_current(before), Proposal(type=after)) == Accept(Proposal(type=after))


@pytest.mark.parametrize("before", [T.PENDING, T.RUNNING, T.CANCELLED])
def test_a_run_that_is_taken_cannot_be_taken_again(before: T) -> None:
    answer = decided(a_current(before), Proposal(type=T.PENDING))

    assert answer == Abort(
        f"This run is in a {before.value} state and cannot transition to a PENDING state."
    )


@pytest.mark.parametrize(
    ("name", "accepted"), [("Submitting", True), ("Pending", False), (None, False)]
)
def test_pending_may_be_renamed_but_not_repeated(name: str | None, accepted: bool) -> None:
    answer = decided(a_current(T.PENDING), Proposal(type=T.PENDING, name=name))

    assert isinstance(answer, Accept) is accepted


@pytest.mark.parametrize("before", [T.COMPLETED, T.FAILED, T.CANCELLED, T.CRASHED])
@pytest.mark.parametrize("after", [T.CANCELLING, T.PAUSED, T.CRASHED])
def test_an_end_cannot_be_cancelled_paused_or_crashed(before: T, after: T) -> None:
    answer = decided(a_current(before), Proposal(type=after))

    assert answer == Abort(f"Run is already in terminal state {before.value}.")


def test_a_result_that_was_kept_is_not_computed_again() -> None:
    completed = a_current(T.COMPLETED, has_persisted_result=True)

    assert decided(completed, Proposal(type=T.RUNNING)) == Reject("Run is already COMPLETED.")
    assert isinstance(decided(completed, Proposal(type=T.FAILED)), Accept)


@pytest.mark.parametrize("after", [T.COMPLETED, T.FAILED, T.RUNNING, T.SCHEDULED, T.PENDING])
def test_cancelling_ends_in_cancelled(after: T) -> None:
    answer = decided(a_current(T.CANCELLING), Proposal(type=after))

    assert answer == Reject(
        "Cannot transition flows that are cancelling to a state other than Cancelled."
    )


def test_the_same_transition_is_made_once() -> None:
    current = a_current(T.PENDING, details={"transition_id": "x"})

    again = Proposal(type=T.PENDING, details={"transition_id": "x"})

    assert decided(current, again) == Reject("This run has already made this state transition.")


def test_a_scheduled_run_without_a_process_is_cancelled_at_once() -> None:
    answer = decided(a_current(T.SCHEDULED), Proposal(type=T.CANCELLING))

    assert answer == Reject(
        "Scheduled flow run has no infrastructure to terminate.", Proposal(type=T.CANCELLED)
    )


def test_pending_keeps_the_scheduled_time() -> None:
    current = a_current(T.SCHEDULED, details={"scheduled_time": "2026-03-01T13:00:00+00:00"})

    answer = decided(current, Proposal(type=T.PENDING, details={"transition_id": "x"}))

    assert isinstance(answer, Accept)
    assert answer.proposal.details == {
        "scheduled_time": "2026-03-01T13:00:00+00:00",
        "transition_id": "x",
    }


def test_running_before_its_time_has_to_wait() -> None:
    current = a_current(T.PENDING, scheduled_time=NOW + timedelta(minutes=59, seconds=59.9))

    answer = decided(current, Proposal(type=T.RUNNING))

    assert answer == Wait(3600, "Scheduled time is in the future")


@pytest.mark.parametrize(("run_count", "retried"), [(1, True), (2, True), (3, False)])
def test_a_failure_is_retried_while_retries_are_left(run_count: int, retried: bool) -> None:
    current = a_current(T.RUNNING, run_count=run_count, retries=2, retry_delay_seconds=30)

    answer = decided(current, Proposal(type=T.FAILED, message="x", data={"k": 1}))

    assert isinstance(answer, Reject) is retried
    if isinstance(answer, Reject) and answer.instead:
        again = answer.instead
        assert (again.type, again.name, again.message) == (T.SCHEDULED, "AwaitingRetry", "x")
        assert again.details == {"scheduled_time": "2026-03-01T12:00:30Z"}


@pytest.mark.parametrize(
    ("fields", "details", "answer"),
    [
        ({"type": None}, {}, Abort("Cannot pause flows with no state.")),
        (
            {"type": T.PENDING},
            {},
            Reject("Cannot pause flows that are not currently running."),
        ),
        (
            {"type": T.RUNNING, "pause_keys": ("1",)},
            {"pause_key": "1"},
            Reject("This pause has already fired."),
        ),
        (
            {"type": T.RUNNING},
            {"pause_reschedule": True},
            Abort("Cannot pause flows without a deployment with the reschedule option."),
        ),
    ],
    ids=["no-state", "not-running", "fired", "no-deployment"],
)
def test_what_cannot_be_paused(fields: Any, details: Any, answer: Any) -> None:
    assert decided(Current(**fields), Proposal(type=T.PAUSED, details=details)) == answer


def test_a_pause_that_nobody_ended_in_time_fails_the_run() -> None:
    expired = a_current(T.PAUSED, pause_timeout=NOW - timedelta(seconds=1))

    answer = decided(expired, Proposal(type=T.RUNNING))

    assert isinstance(answer, Reject) and answer.instead
    assert answer.instead.type == T.FAILED


@pytest.mark.parametrize("before", [T.CANCELLING, T.COMPLETED, T.RUNNING])
def test_force_bypasses_every_rule(before: T) -> None:
    proposal = Proposal(type=T.PENDING)

    assert decided(a_current(before), proposal, force=True) == Accept(proposal)
