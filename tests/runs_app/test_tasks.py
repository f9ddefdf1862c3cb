"""Celery's way into this app."""

from datetime import datetime
from typing import Any

import pytest

from runs_app import tasks
from runs_app.models import FlowRun
from runs_app.services.scheduling import Pass
from tests.runs_app.examples import a_deployment, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []

    def wake(task: str, **_: Any) -> bool:
        sent.append(task)
        return True

    monkeypatch.setattr("project.lib.wake.wake", wake)
    return sent


def test_an_executor_looks_for_the_next_run_after_one(woken: list[str]) -> None:
    run_id = a_run(a_deployment(pool="flint"))  # without an entrypoint

    tasks.execute()
    tasks.execute()

    assert FlowRun.objects.get(pk=run_id).state_name == "Failed"
    assert woken == ["runs.execute"]


def test_a_worker_that_shuts_down_stops_executing() -> None:
    try:
        tasks.stop_executing()

        assert tasks.STOPPING.is_set()
    finally:
        tasks.STOPPING.clear()


def test_the_scheduler_leaves_what_is_too_much_to_its_next_message(
    woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([250] * 6)

    def make_ahead(*, now: datetime) -> Pass:
        return Pass(schedules=next(left, 0), runs=0)

    monkeypatch.setattr("runs_app.services.scheduling.make_ahead", make_ahead)

    tasks.schedule_runs()
    assert woken == ["runs.schedule"]
    tasks.schedule_runs()
    assert woken == ["runs.schedule"]
