"""After a restore, runs that had not started wait for a person."""

import pytest

from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun
from runs_app.services import orchestrating, restoring
from tests.runs_app.examples import NOW, a_deployment, a_run

pytestmark = pytest.mark.django_db


def run_in(*kinds: StateType) -> FlowRun:
    run_id = a_run(a_deployment())
    for kind in kinds:
        orchestrating.set_state(run_id, Proposal(type=kind), now=NOW)
    return FlowRun.objects.get(pk=run_id)


def test_what_had_not_started_is_suspended() -> None:
    waiting, handed_out = run_in(), run_in(StateType.PENDING)

    assert restoring.hold_unstarted(now=NOW) == restoring.held() == 2

    for run in (waiting, handed_out):
        run.refresh_from_db()
        assert (run.state_type, run.state_name) == ("PAUSED", "Held by a restore")


def test_what_had_started_or_ended_stays_as_it_is() -> None:
    running = run_in(StateType.PENDING, StateType.RUNNING)
    ended = run_in(StateType.PENDING, StateType.RUNNING, StateType.COMPLETED)

    assert restoring.hold_unstarted(now=NOW) == 0

    for run, state in ((running, "RUNNING"), (ended, "COMPLETED")):
        run.refresh_from_db()
        assert run.state_type == state


def test_no_worker_may_take_it() -> None:
    run = run_in()
    restoring.hold_unstarted(now=NOW)

    answer = orchestrating.set_state(run.pk, Proposal(type=StateType.PENDING), now=NOW)

    assert not answer.written


def test_one_is_resumed_as_prefect_resumes_a_suspended_run() -> None:
    run = run_in()
    restoring.hold_unstarted(now=NOW)

    assert orchestrating.resume(run.pk, now=NOW).written

    run.refresh_from_db()
    assert (run.state_type, restoring.held()) == ("SCHEDULED", 0)


@pytest.mark.parametrize(("decided", "state"), [("resume", "SCHEDULED"), ("cancel", "CANCELLED")])
def test_all_are_decided_at_once(decided: str, state: str) -> None:
    runs = [run_in(), run_in()]
    restoring.hold_unstarted(now=NOW)

    if decided == "resume":
        assert restoring.resume_held(now=NOW) == 2
    else:
        assert restoring.cancel_held(author="ada", now=NOW) == 2

    found = FlowRun.objects.filter(pk__in=[run.pk for run in runs])
    assert {run.state_type for run in found} == {state}
