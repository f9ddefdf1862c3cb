"""What must hold when several do the same at once: each on a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from project.lib.clock import utcnow
from runs_app.domain.run_request import Created, NewFlowRun
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun, Log
from runs_app.services import claiming, creating, deployments, executing, orchestrating
from runs_app.storage import executions
from tests.runs_app.examples import NOW, a_deployment, a_run, create, run_events

pytestmark = pytest.mark.django_db(transaction=True)

Result = TypeVar("Result")
FLOWS = Path(__file__).parents[1] / "executor"


@pytest.fixture(autouse=True)
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody listens to wake-ups here."""
    monkeypatch.setattr("project.lib.wake.wake", lambda *_, **__: True)
    yield


def at_once(work: Callable[[int], Result], times: int) -> list[Result]:
    """Run it that often at the same time; results in order."""
    start = threading.Barrier(times)

    def one(number: int) -> Result:
        try:
            start.wait(10)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_every_run_is_taken_by_one_executor() -> None:
    deployment = a_deployment(pool="flint")
    create(*[NewFlowRun(deployment_id=deployment.pk) for _ in range(12)])

    def take_three(number: int) -> list[UUID | None]:
        claims = [claiming.claim_next(f"{number}-{n}", now=NOW) for n in range(3)]
        return [claim.run_id if claim else None for claim in claims]

    taken = [run_id for part in at_once(take_three, 4) for run_id in part]

    assert len(set(taken)) == 12 and None not in taken


def test_one_key_makes_one_run_however_many_ask() -> None:
    deployment = a_deployment()

    def ask(number: int) -> Created:
        with transaction.atomic():
            (outcome,) = creating.create_flow_runs(
                [NewFlowRun(deployment_id=deployment.pk, idempotency_key="k")], now=NOW
            )
        assert isinstance(outcome, Created)
        return outcome

    outcomes = at_once(ask, 5)

    assert len({outcome.flow_run_id for outcome in outcomes}) == 1
    assert sorted(outcome.existed for outcome in outcomes) == [False, True, True, True, True]
    assert (FlowRun.objects.count(), len(run_events())) == (1, 1)


def test_one_of_many_proposals_is_accepted() -> None:
    run_id = a_run(a_deployment())

    def take(number: int) -> str:
        proposal = Proposal(type=StateType.PENDING)
        return orchestrating.set_state(run_id, proposal, now=NOW).status

    assert sorted(at_once(take, 5)) == ["ABORT"] * 4 + ["ACCEPT"]


def test_a_deployment_is_made_once_however_many_make_it() -> None:
    flow, _ = deployments.ensure_flow("orders", now=NOW)

    def make(number: int) -> bool:
        fields = {"version": str(number)}
        return deployments.upsert(flow_id=flow.pk, name="d", fields=fields, now=NOW).created

    assert sorted(at_once(make, 4)) == [False, False, False, True]


def test_a_run_outlives_an_outage_of_the_database() -> None:
    deployment = a_deployment(pool="flint", entrypoint="flows.py:sleep", flow_root=str(FLOWS))
    run_id = a_run(deployment, parameters={"seconds": 2.5})
    beats = []

    def beat(run_id: UUID, executor: str) -> str | None:
        beats.append(executor)
        if len(beats) == 1:
            raise OperationalError("the connection is lost")
        return executions.beat(run_id, executor)

    executor = executing.Executor("test", [], threading.Event(), utcnow, beat)
    executing.execute_next(executor, attempt="1")

    assert len(beats) > 1
    assert FlowRun.objects.get(pk=run_id).state_name == "Completed"
    assert Log.objects.filter(flow_run_id=run_id, message="sleeping").count() == 1
