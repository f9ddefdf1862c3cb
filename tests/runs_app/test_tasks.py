"""Celery's ways into this app."""

from typing import Any

import pytest

from runs_app import tasks
from runs_app.models import FlowRun
from runs_app.services import claiming
from runs_app.storage import executions
from tests.runs_app.examples import NOW, a_deployment, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []

    def wake(task: str, **_: Any) -> bool:
        sent.append(task)
        return True

    monkeypatch.setattr("project.lib.wake.wake", wake)
    return sent


@pytest.mark.parametrize(("due", "messages"), [(0, 0), (3, 3), (20, 16)])
def test_as_many_executors_are_woken_as_runs_are_due_within_bounds(
    woken: list[str], due: int, messages: int
) -> None:
    deployment = a_deployment(pool="flint")
    for _ in range(due):
        a_run(deployment)

    tasks.submit_due()

    assert woken == ["runs.execute"] * messages


def test_an_executor_looks_for_the_next_run_after_one(woken: list[str]) -> None:
    run_id = a_run(a_deployment(pool="flint"))  # without an entrypoint

    tasks.execute()
    tasks.execute()

    assert FlowRun.objects.get(pk=run_id).state_name == "Failed"
    assert woken == ["runs.execute"]


def test_a_run_whose_executor_was_just_heard_of_is_left_alone(woken: list[str]) -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claim = claiming.claim_next("alive", now=NOW)
    assert claim is not None and executions.beat(run_id, "alive") == "PENDING"

    tasks.detect_crashes()

    assert FlowRun.objects.get(pk=run_id).state_name == "Pending"


def test_a_worker_that_shuts_down_stops_executing() -> None:
    try:
        tasks.stop_executing()

        assert tasks.EXECUTOR.stopping.is_set()
    finally:
        tasks.EXECUTOR.stopping.clear()
