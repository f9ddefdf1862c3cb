"""Who is woken for runs that are due, and which runs count as lost."""

from typing import Any

import pytest

from runs_app.models import FlowRun
from runs_app.services import claiming
from runs_app.storage import executions
from tests.runs_app.examples import NOW, a_deployment, a_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("due", "messages"), [(0, 0), (3, 3), (20, 16)])
def test_as_many_executors_are_woken_as_runs_are_due_within_bounds(
    monkeypatch: pytest.MonkeyPatch, due: int, messages: int
) -> None:
    sent: list[str] = []

    def wake(task: str, **_: Any) -> bool:
        sent.append(task)
        return True

    deployment = a_deployment(pool="flint")
    for _ in range(due):
        a_run(deployment)
    monkeypatch.setattr("project.lib.wake.wake", wake)

    assert claiming.wake_executors(now=NOW) == messages

    assert sent == ["runs.execute"] * messages


def test_a_run_whose_executor_was_just_heard_of_is_left_alone() -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claim = claiming.claim_next("alive", now=NOW)
    assert claim is not None and executions.beat(run_id, "alive") == "PENDING"

    assert claiming.crash_lost(now=NOW) == []

    assert FlowRun.objects.get(pk=run_id).state_name == "Pending"
