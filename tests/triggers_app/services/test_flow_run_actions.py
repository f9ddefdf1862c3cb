"""Actions on the flow run that the firing is about."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from runs_app.domain.run_request import Created, NewFlowRun
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun, WorkPool, WorkQueue
from runs_app.services import orchestrating
from runs_app.services.creating import create_flow_runs
from tests.triggers_app.delivery.examples import NOW, a_deployment, an_event
from tests.triggers_app.services.test_dispatching import settled

pytestmark = pytest.mark.django_db


def a_run(*states: StateType) -> FlowRun:
    with transaction.atomic():
        [made] = create_flow_runs(
            [NewFlowRun(deployment_id=a_deployment(str(uuid4())).pk)], now=NOW
        )
    assert isinstance(made, Created)
    for state in states:
        orchestrating.set_state(made.flow_run_id, Proposal(type=state), now=NOW, force=True)
    return FlowRun.objects.get(pk=made.flow_run_id)


def about(run: FlowRun) -> dict[str, Any]:
    return an_event(resource={"prefect.resource.id": f"prefect.flow-run.{run.pk}"})


DONE = [
    ([], {"type": "cancel-flow-run"}, "Cancelled"),
    (["RUNNING"], {"type": "suspend-flow-run"}, "Suspended"),
    (["PAUSED"], {"type": "resume-flow-run"}, "Running"),
    (["FAILED"], {"type": "change-flow-run-state", "state": "COMPLETED", "name": "Ok"}, "Ok"),
    (["RUNNING"], {"type": "change-flow-run-state", "state": "FAILED"}, "Failed"),
]


@pytest.mark.parametrize(("states", "action", "after"), DONE)
def test_the_state_of_the_run_is_changed(
    states: list[str], action: dict[str, Any], after: str
) -> None:
    run = a_run(*map(StateType, states))
    [done] = settled(action, triggering_event=about(run))

    run.refresh_from_db()
    assert done.state == "done", done.reason
    assert run.state_name == after


def test_a_state_that_the_rules_refuse_is_a_failure_with_their_reason() -> None:
    run = a_run(StateType.COMPLETED)
    [done] = settled({"type": "suspend-flow-run"}, triggering_event=about(run))

    assert done.state == "rejected"
    assert "terminal state" in str(done.reason)


def test_force_asks_no_rules() -> None:
    run = a_run(StateType.COMPLETED)
    action = {"type": "change-flow-run-state", "state": "PAUSED", "force": True}
    settled(action, triggering_event=about(run))

    run.refresh_from_db()
    assert run.state_type == "PAUSED"


def test_the_key_of_the_firing_is_asked_before_the_event() -> None:
    run, other = a_run(), a_run()
    key = {"prefect.resource.id": f"prefect.flow-run.{run.pk}"}
    settled({"type": "delete-flow-run"}, triggering_event=about(other), labels=key)

    assert list(FlowRun.objects.values_list("pk", flat=True)) == [other.pk]


def test_a_run_that_is_gone_is_not_found() -> None:
    run = a_run()
    event = about(run)
    run.delete()
    [done] = settled({"type": "resume-flow-run"}, triggering_event=event)

    assert (done.state, done.reason) == ("rejected", "Flow run not found")


def test_work_pools_are_paused_and_resumed() -> None:
    pool = WorkPool.objects.create(name="p", type="process")
    settled({"type": "pause-work-pool", "work_pool_id": str(pool.pk)})
    pool.refresh_from_db()
    assert pool.is_paused

    event = an_event(resource={"prefect.resource.id": f"prefect.work-pool.{pool.pk}"})
    settled({"type": "resume-work-pool", "source": "inferred"}, triggering_event=event)
    pool.refresh_from_db()
    assert not pool.is_paused


def test_work_queues_are_paused_and_resumed() -> None:
    pool = WorkPool.objects.create(name="p", type="process")
    queue = WorkQueue.objects.create(work_pool=pool, name="q")
    settled({"type": "pause-work-queue", "work_queue_id": str(queue.pk)})
    queue.refresh_from_db()
    assert queue.is_paused

    event = an_event(resource={"prefect.resource.id": f"prefect.work-queue.{queue.pk}"})
    settled({"type": "resume-work-queue", "source": "inferred"}, triggering_event=event)
    queue.refresh_from_db()
    assert not queue.is_paused
