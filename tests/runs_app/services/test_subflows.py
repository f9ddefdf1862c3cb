"""The task run that stands for a subflow keeps its state."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun, TaskRun
from runs_app.reads import task_runs as task_run_reads
from runs_app.services import orchestrating, task_runs
from runs_app.services.task_runs import NewTaskRun
from tests.runs_app.examples import NOW, a_deployment, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent_id() -> UUID:
    wanted = NewTaskRun(
        task_key="child", dynamic_key="0", flow_run_id=a_run(a_deployment("parent"))
    )
    document, _ = task_runs.create(wanted, now=NOW)
    found: UUID = document["id"]
    return found


def subflow(parent_id: UUID) -> UUID:
    deployment = a_deployment("child")
    return a_run(deployment, state={"type": "PENDING"}, parent_task_run_id=parent_id)


def enter(run_id: UUID, kind: StateType, seconds: int) -> None:
    moment = NOW + timedelta(seconds=seconds)
    result = orchestrating.set_state(run_id, Proposal(type=kind), now=moment)
    assert result.status == "ACCEPT", result


def test_a_new_subflow_is_named_by_its_parent(parent_id: UUID) -> None:
    run_id = subflow(parent_id)

    state = task_run_reads.document(parent_id, now=NOW)["state"]
    assert state["state_details"]["child_flow_run_id"] == str(run_id)
    assert state["state_details"]["task_run_id"] == str(parent_id)
    own = FlowRun.objects.get(pk=run_id).states.get()
    assert own.state_details["task_run_id"] == str(parent_id)


def test_the_parent_follows_every_state(parent_id: UUID) -> None:
    run_id = subflow(parent_id)

    enter(run_id, StateType.RUNNING, 1)
    enter(run_id, StateType.COMPLETED, 3)

    parent = TaskRun.objects.get(pk=parent_id)
    assert (parent.state_type, parent.total_run_time_seconds) == ("COMPLETED", 2.0)
    assert (parent.run_count, parent.end_time) == (1, NOW + timedelta(seconds=3))
    names = [state["name"] for state in task_run_reads.state_documents(parent_id)]
    assert names == ["Pending", "Pending", "Running", "Completed"]


def test_a_parent_that_is_gone_keeps_nobody(parent_id: UUID) -> None:
    run_id = subflow(parent_id)
    TaskRun.objects.all().delete()

    enter(run_id, StateType.RUNNING, 1)

    assert FlowRun.objects.get(pk=run_id).state_type == "RUNNING"


def test_what_a_state_of_a_subflow_costs(parent_id: UUID) -> None:
    run_id = subflow(parent_id)
    with CaptureQueriesContext(connection) as queries:
        enter(run_id, StateType.RUNNING, 1)

    # A savepoint and its end, five for the flow run, four for its parent.
    assert len(queries) == 11, [query["sql"] for query in queries]


def test_a_run_of_no_task_costs_nothing_more() -> None:
    run_id = a_run(a_deployment(), state={"type": "PENDING"})
    with CaptureQueriesContext(connection) as queries:
        enter(run_id, StateType.RUNNING, 1)

    assert len(queries) == 7
