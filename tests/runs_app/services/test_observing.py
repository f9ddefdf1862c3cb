"""Task runs out of recorded events."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from django.db import connection

from events_app.domain.event import Event
from events_app.services import recording
from events_app.storage import reader
from events_app.stream import log
from project.lib import redis_client
from runs_app.models import FlowRun, TaskRun, TaskRunState
from runs_app.services.observing import keep_task_runs
from tests.runs_app.examples import a_deployment, a_run
from tests.runs_app.told_tasks import told

TASK = UUID(int=7)


def keep(*events: Event) -> None:
    """In a transaction that is open already, as the recorder's is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    keep_task_runs(connection.connection, events)


@pytest.fixture
def flow_run_id(db: None) -> UUID:
    return a_run(a_deployment())


def test_a_run_is_kept_with_all_its_states(flow_run_id: UUID) -> None:
    around: dict[str, Any] = {"task_run_id": TASK, "flow_run_id": flow_run_id}
    keep(told("Pending", **around), told("Running", after=1, run_count=1, **around))
    keep(told("Completed", after=2, run_count=1, total_run_time=1.5, **around))

    run = TaskRun.objects.get()
    assert (run.pk, run.flow_run_id) == (TASK, flow_run_id)
    assert (run.state_type, run.run_count, run.total_run_time_seconds) == ("COMPLETED", 1, 1.5)
    assert (run.tags, run.empirical_policy["retries"]) == (["quick"], 1)
    states = TaskRunState.objects.order_by("timestamp")
    assert [state.name for state in states] == ["Pending", "Running", "Completed"]
    assert run.state_id == states[2].pk


def test_whatever_the_order_the_latest_state_stands(flow_run_id: UUID) -> None:
    around: dict[str, Any] = {"task_run_id": TASK, "flow_run_id": flow_run_id}
    keep(told("Completed", after=2, **around))
    keep(told("Running", after=1, **around))

    assert TaskRun.objects.get().state_name == "Completed"
    assert TaskRunState.objects.count() == 2


def test_an_event_that_comes_twice_changes_nothing(flow_run_id: UUID) -> None:
    event = told("Running", task_run_id=TASK, flow_run_id=flow_run_id)
    keep(event, event)
    keep(event)

    assert (TaskRun.objects.count(), TaskRunState.objects.count()) == (1, 1)


def test_of_two_ids_for_one_run_the_first_counts(flow_run_id: UUID) -> None:
    keep(told("Pending", task_run_id=TASK, flow_run_id=flow_run_id))
    keep(told("Running", task_run_id=uuid4(), flow_run_id=flow_run_id, after=1))

    run = TaskRun.objects.get()
    assert (run.pk, run.state_name) == (TASK, "Running")
    assert {state.task_run_id for state in TaskRunState.objects.all()} == {TASK}


def test_a_run_that_was_deleted_does_not_come_back(flow_run_id: UUID) -> None:
    FlowRun.objects.all().delete()

    keep(told("Running", task_run_id=TASK, flow_run_id=flow_run_id))

    assert not TaskRun.objects.exists()


def test_a_task_outside_of_flows_is_kept_too(db: None) -> None:
    keep(told("Running", task_run_id=TASK))

    assert TaskRun.objects.get().flow_run_id is None


def test_what_the_database_refuses_is_left_out_alone(flow_run_id: UUID) -> None:
    good = [
        told("Running", task_run_id=uuid4(), flow_run_id=flow_run_id, dynamic_key=str(n))
        for n in range(5)
    ]
    bad = told("Running", task_run_id=TASK, flow_run_id=flow_run_id, name="a\0b")

    keep(*good[:3], bad, *good[3:])

    assert {run.pk for run in TaskRun.objects.all()} == {
        UUID(event.resource_id.rpartition(".")[2]) for event in good
    }


def test_a_flow_runs_tasks_go_with_it(flow_run_id: UUID) -> None:
    keep(told("Running", task_run_id=TASK, flow_run_id=flow_run_id))

    FlowRun.objects.all().delete()

    assert not TaskRun.objects.exists() and not TaskRunState.objects.exists()


def test_nothing_is_asked_when_no_event_is_of_a_task() -> None:
    nothing: Any = None

    keep_task_runs(nothing, [told("Running", task_run_id=TASK, client=None)])


@pytest.fixture
def log_client(transactional_db: None) -> Iterator[redis.Redis]:
    client = redis_client.client()
    client.flushall()
    yield client
    reader.close_idle()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE event")


def test_the_recorder_keeps_the_run_with_the_event(log_client: redis.Redis) -> None:
    log.append(log_client, [told("Running", task_run_id=TASK)])
    turns = iter([0.001, 0.0])

    report = recording.record(
        log_client, seconds_left=lambda: next(turns), projections=[keep_task_runs]
    )

    assert report.events == 1
    assert TaskRun.objects.get().pk == TASK
