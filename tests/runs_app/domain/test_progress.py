"""Counts and times of a run as it goes through its states."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from runs_app.domain.progress import Progress, advance
from runs_app.domain.states import State, StateType

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_state(kind: StateType, seconds: float, **details: str) -> State:
    moment = NOW + timedelta(seconds=seconds)
    return State(id=uuid4(), type=kind, name=kind.usual_name, timestamp=moment, details=details)


def walked(*states: State) -> Progress:
    progress, before = Progress(), None
    for state in states:
        progress = advance(progress, before=before, after=state)
        before = state
    return progress


def test_an_ordinary_run_is_counted_and_timed() -> None:
    progress = walked(
        a_state(StateType.SCHEDULED, 0, scheduled_time=NOW.isoformat()),
        a_state(StateType.PENDING, 1),
        a_state(StateType.RUNNING, 2),
        a_state(StateType.COMPLETED, 5),
    )

    assert progress == Progress(
        run_count=1,
        expected_start_time=NOW,
        next_scheduled_start_time=None,
        start_time=NOW + timedelta(seconds=2),
        end_time=NOW + timedelta(seconds=5),
        total_run_time_seconds=3.0,
    )


def test_a_second_attempt_adds_its_time_and_keeps_the_first_start() -> None:
    progress = walked(
        a_state(StateType.RUNNING, 0),
        a_state(StateType.SCHEDULED, 2),
        a_state(StateType.RUNNING, 10),
        a_state(StateType.FAILED, 11),
    )

    assert (progress.run_count, progress.total_run_time_seconds) == (2, 3.0)
    assert progress.start_time == NOW


def test_a_run_that_starts_again_has_no_end() -> None:
    progress = walked(a_state(StateType.FAILED, 0), a_state(StateType.RUNNING, 1))

    assert progress.end_time is None


def test_a_scheduled_run_knows_when_it_is_due() -> None:
    later = NOW + timedelta(hours=1)

    progress = walked(a_state(StateType.SCHEDULED, 0, scheduled_time=later.isoformat()))

    assert progress.next_scheduled_start_time == later
