"""Runs that do not end by themselves: cancelled, taken away, left by their executor."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from project.lib.clock import utcnow
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun, WorkPool
from runs_app.services import claiming, executing, orchestrating
from runs_app.storage import executions
from tests.runs_app.examples import NOW, a_deployment, a_run
from tests.runs_app.services.test_executing import FLOWS, an_executor, message

pytestmark = pytest.mark.django_db


def during(function: str, act: Callable[[FlowRun], None], **fields: Any) -> FlowRun:
    """Execute a function that would go on for long, and act once it speaks."""
    deployment = a_deployment(
        function, pool="flint", entrypoint=f"flows.py:{function}", flow_root=str(FLOWS), **fields
    )
    run_id = a_run(deployment)
    executor = _Interrupted(run_id, act)
    started = time.monotonic()
    executing.execute_next(executor.executor, attempt="1")
    assert time.monotonic() - started < 20
    assert executor.acted
    return FlowRun.objects.get(pk=run_id)


class _Interrupted:
    """Acts at the executor's first sign of life: in the test's own thread and connection."""

    def __init__(self, run_id: UUID, act: Callable[[FlowRun], None]) -> None:
        self.acted = False
        self.executor = executing.Executor("test", [], threading.Event(), utcnow, self._beat)
        self._run_id, self._act = run_id, act

    def _beat(self, run_id: UUID, executor: str) -> str | None:
        if not self.acted:
            self.acted = True
            self._act(FlowRun.objects.get(pk=self._run_id))
        return executions.beat(run_id, executor)


def cancel(run: FlowRun) -> None:
    orchestrating.set_state(run.pk, Proposal(type=StateType.CANCELLING), now=utcnow())


def test_a_run_that_is_cancelled_ends_cancelled() -> None:
    run = during("sleep", cancel)

    assert (run.state_name, message(run)) == (
        "Cancelled",
        "Flow run was cancelled successfully.",
    )


def test_a_flow_that_ignores_the_request_to_end_is_killed() -> None:
    assert during("ignore_termination", cancel).state_name == "Cancelled"


def test_a_run_that_was_taken_away_is_left_as_it_is() -> None:
    def take(run: FlowRun) -> None:
        completed = Proposal(type=StateType.COMPLETED, name="Done by hand")
        orchestrating.set_state(run.pk, completed, now=utcnow(), force=True)

    assert during("sleep", take).state_name == "Done by hand"


def _delete(run: FlowRun) -> None:
    run.delete()


def test_a_run_that_was_deleted_ends_its_process() -> None:
    deployment = a_deployment(pool="flint", entrypoint="flows.py:sleep", flow_root=str(FLOWS))
    run_id = a_run(deployment)
    executor = _Interrupted(run_id, _delete)

    assert executing.execute_next(executor.executor, attempt="1") == run_id
    assert not FlowRun.objects.filter(pk=run_id).exists()


def test_a_worker_that_is_stopped_leaves_no_run_running() -> None:
    deployment = a_deployment(pool="flint", entrypoint="flows.py:sleep", flow_root=str(FLOWS))
    run_id = a_run(deployment)
    executor = an_executor()
    threading.Timer(0.5, executor.stopping.set).start()

    executing.execute_next(executor, attempt="1")

    run = FlowRun.objects.get(pk=run_id)
    assert (run.state_name, message(run)) == ("Crashed", "Its worker was stopped.")


def test_a_stopped_worker_takes_no_run() -> None:
    a_run(a_deployment(pool="flint"))
    executor = an_executor()
    executor.stopping.set()

    assert executing.execute_next(executor, attempt="1") is None


@pytest.mark.parametrize(
    ("pool", "paused"), [(None, False), ("worker-pool", False), ("flint", True)]
)
def test_only_runs_of_flint_pools_that_are_not_paused_are_taken(
    pool: str | None, paused: bool
) -> None:
    deployment = a_deployment(pool=pool)
    WorkPool.objects.update(is_paused=paused)
    WorkPool.objects.filter(name="worker-pool").update(type="process")
    a_run(deployment)

    assert claiming.claim_next("e", now=NOW) is None
    assert claiming.wake_executors(now=NOW) == 0


def test_a_run_is_taken_once_and_not_before_its_time() -> None:
    deployment = a_deployment(pool="flint")
    run_id = a_run(deployment)
    a_run(deployment, scheduled_time=utcnow())

    first = claiming.claim_next("a", now=NOW)

    assert first is not None and first.run_id == run_id
    assert claiming.claim_next("b", now=NOW) is None


def _unseen(run_id: UUID, seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE flow_run SET executor_seen = statement_timestamp() - %s * interval '1 s' "
            "WHERE id = %s",
            [seconds, run_id],
        )


@pytest.mark.parametrize(("seconds", "state"), [(3, "Pending"), (20, "Crashed")])
def test_a_run_whose_executor_is_gone_has_crashed(seconds: int, state: str) -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claiming.claim_next("a", now=NOW)
    _unseen(run_id, seconds)

    # The database of the tests has just been started: as little patience as it is old.
    claiming.crash_lost(now=utcnow(), unseen_seconds=10 if seconds == 3 else 0.01)

    assert FlowRun.objects.get(pk=run_id).state_name == state


def test_a_cancelled_run_whose_executor_is_gone_is_cancelled() -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claiming.claim_next("a", now=NOW)
    cancel(FlowRun.objects.get(pk=run_id))
    _unseen(run_id, 20)

    assert claiming.crash_lost(now=utcnow(), unseen_seconds=0.01) == [run_id]
    assert FlowRun.objects.get(pk=run_id).state_name == "Cancelled"


def test_a_claim_that_was_lost_settles_nothing() -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claim = claiming.claim_next("a", now=NOW)
    FlowRun.objects.filter(pk=run_id).update(executor=str(uuid4()))

    assert claim is not None
    assert not claiming.finish(claim, Proposal(type=StateType.COMPLETED), now=NOW)
