"""Runs that nobody starts in time become Late, once, and it is told."""

from datetime import timedelta
from typing import Any

import pytest

from runs_app.domain.run_request import NewFlowRun
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun
from runs_app.services import lateness, orchestrating
from tests.runs_app.examples import NOW, a_deployment, a_run, create, run_events

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=16)


def test_a_run_is_late_after_fifteen_seconds_and_that_is_told_once() -> None:
    run_id = a_run(a_deployment(pool="p"))

    assert lateness.mark_late(now=NOW + timedelta(seconds=15)) == 0
    assert lateness.mark_late(now=LATER) == 1
    assert lateness.mark_late(now=LATER) == 0

    run = FlowRun.objects.get(pk=run_id)
    assert (run.state_type, run.state_name) == ("SCHEDULED", "Late")
    assert run.next_scheduled_start_time == run.expected_start_time == NOW
    last = bytes(run_events()[-1].body)
    assert b'"prefect.flow-run.Late"' in last and b'"SCHEDULED"' in last


def test_only_what_is_scheduled_and_due_is_late() -> None:
    deployment = a_deployment()
    a_run(deployment, scheduled_time=NOW + timedelta(hours=1))
    pending = a_run(deployment)
    orchestrating.set_state(pending, Proposal(type=StateType.PENDING), now=NOW)
    retry = a_run(deployment)
    again = Proposal(type=StateType.SCHEDULED, name="AwaitingRetry")
    orchestrating.set_state(retry, again, now=NOW)

    assert lateness.mark_late(now=LATER) == 0


def test_a_late_run_can_still_be_taken() -> None:
    run_id = a_run(a_deployment())
    lateness.mark_late(now=LATER)

    taken = orchestrating.set_state(run_id, Proposal(type=StateType.PENDING), now=LATER)

    assert taken.status == "ACCEPT"


def test_many_cost_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    deployment = a_deployment()
    create(*[NewFlowRun(deployment_id=deployment.pk) for _ in range(50)])

    with django_assert_num_queries(7):
        # Savepoint (2), runs, states, their new states, the runs' columns, the outbox.
        assert lateness.mark_late(now=LATER) == 50
