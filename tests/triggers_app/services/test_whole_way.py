"""Evaluator, dispatcher and relay together, over a real log and real tables."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis

from events_app.domain.event import RESOURCE_ID, Event
from events_app.services.relaying import relay
from events_app.storage import reader
from events_app.stream import log
from project.lib import redis_client
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun
from runs_app.services.orchestrating import set_state
from tests.triggers_app.delivery.examples import a_deployment
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import ActionRun, Automation, Firing
from triggers_app.services import authoring, evaluating
from triggers_app.services.dispatching import Dispatcher

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    client = redis_client.client()
    client.flushall()
    yield client
    reader.close_idle()


def create(name: str, expect: list[str], *actions: dict[str, Any], **trigger: Any) -> Automation:
    body = {
        "name": name,
        "trigger": {"posture": "Reactive", "expect": expect, **trigger},
        "actions": list(actions),
    }
    return authoring.create(parse_automation(body), author="me", now=now())


def now() -> datetime:
    return datetime.now(UTC)


def happened(
    client: redis.Redis, name: str, *, run: UUID | None = None, of: Any = None, **fields: Any
) -> None:
    """An event from outside; with `run`, one of a run of the deployment `of`."""
    resource = {RESOURCE_ID: "shop.1" if run is None else f"prefect.flow-run.{run}"}
    if of is not None:
        role = {"prefect.resource.role": "deployment"}
        fields["related"] = [{RESOURCE_ID: f"prefect.deployment.{of.pk}", **role}]
    event = Event(id=uuid4(), occurred=now(), event=name, resource=resource, **fields)
    log.append(client, [event])


def all_comes_to_rest(client: redis.Redis, *, rounds: int = 30) -> None:
    """Evaluate, dispatch and relay until nothing is left to do. Fails when it never ends."""
    memory, dispatcher = None, Dispatcher(clock=now, timer=time.monotonic)
    for _ in range(rounds):
        report = evaluating.run_lease(
            memory, client=client, clock=now, wake=lambda _: None, seconds=0.1
        )
        memory = report.memory
        if not dispatcher.run().settled + relay(client) + report.events:
            return
    raise AssertionError("It goes on and on.")


def test_row_15_the_next_event_after_the_answer_is_evaluated(client: redis.Redis) -> None:
    row = create("a", ["order.created"], {"type": "do-nothing"})
    happened(client, "order.created")

    all_comes_to_rest(client)

    assert Firing.objects.get().automation_id == row.pk


def test_row_14_a_to_b_to_a_over_two_deployments_ends(client: redis.Redis) -> None:
    """Narrowed by a label that every run has: no search at save can be certain of it."""
    one, two = a_deployment("one"), a_deployment("two")

    def link(name: str, after: Any, run: Any) -> None:
        related = {RESOURCE_ID: f"prefect.deployment.{after.pk}", "prefect.resource.name": "*"}
        action = {"type": "run-deployment", "deployment_id": str(run.pk)}
        create(name, ["prefect.flow-run.Scheduled", "go"], action, match_related=related)

    link("a", one, two)
    link("b", two, one)
    happened(client, "go", related=[
        {
            RESOURCE_ID: f"prefect.deployment.{one.pk}",
            "prefect.resource.role": "deployment",
            "prefect.resource.name": "one",
        }
    ])  # fmt: skip

    all_comes_to_rest(client)

    assert FlowRun.objects.count() == 6
    last = ActionRun.objects.get(state="rejected")
    assert "visits it 4 times" in str(last.reason)
    assert len(last.result["causes"]) == 7


def test_row_14_the_documented_loop_fires_for_others_and_not_for_its_own(
    client: redis.Redis,
) -> None:
    """The example of `prefect deploy --trigger`: whatever completes starts the deployment."""
    deployment, other = a_deployment("example"), a_deployment("other")
    action = {"type": "run-deployment", "deployment_id": str(deployment.pk)}
    match = {RESOURCE_ID: "prefect.flow-run.*"}
    create("example", ["prefect.flow-run.Completed"], action, match=match)

    for _ in range(2):
        happened(client, "prefect.flow-run.Completed", run=uuid4(), of=other)
        all_comes_to_rest(client)
        for run in FlowRun.objects.all():
            for state in (StateType.PENDING, StateType.RUNNING, StateType.COMPLETED):
                set_state(run.pk, Proposal(type=state), now=now(), force=True)
        all_comes_to_rest(client)

    assert FlowRun.objects.count() == 2
    assert set(ActionRun.objects.values_list("state", flat=True)) == {"done"}


def test_an_automation_that_catches_its_own_events_ends(client: redis.Redis) -> None:
    create("catch-all", ["prefect.automation.*"], {"type": "do-nothing"})
    happened(client, "prefect.automation.poke")

    all_comes_to_rest(client)

    # Its own creation, and the poke; each is told of by three events, three times over.
    assert Firing.objects.count() == 2 * (1 + 3 + 9 + 27)
    assert ActionRun.objects.filter(state="done").count() == 2 * (1 + 3 + 9)


def test_a_run_whose_own_code_emits_what_started_it_ends(client: redis.Redis) -> None:
    deployment = a_deployment()
    create("a", ["order.created"], {"type": "run-deployment", "deployment_id": str(deployment.pk)})
    happened(client, "order.created")
    all_comes_to_rest(client)
    for _ in range(4):
        newest = FlowRun.objects.order_by("-id")[0]
        run = {RESOURCE_ID: f"prefect.flow-run.{newest.pk}", "prefect.resource.role": "flow-run"}
        happened(client, "order.created", related=[run])
        all_comes_to_rest(client)

    assert FlowRun.objects.count() == 3
