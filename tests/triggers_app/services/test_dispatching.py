"""From an action to do, to a flow run or a reason why not."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.db import InterfaceError, connection
from django.test.utils import CaptureQueriesContext

from events_app.domain.event import Event, decode_event
from events_app.models import EventOutbox
from project.lib.clock import utcnow
from runs_app.models import FlowRun, WorkPool
from tests.triggers_app.delivery.examples import (
    NOW,
    a_deployment,
    an_automation,
    an_event,
    fired,
    run_of,
)
from triggers_app.delivery import registry
from triggers_app.delivery.batch import Batch
from triggers_app.delivery.results import Settlement
from triggers_app.models import ActionRun, Firing
from triggers_app.services.dispatching import Dispatched, Dispatcher

pytestmark = pytest.mark.django_db


def dispatch() -> Dispatched:
    return Dispatcher(clock=lambda: NOW, timer=time.monotonic).run()


def outbox_events() -> list[Event]:
    bodies = EventOutbox.objects.order_by("id").values_list("body", flat=True)
    return [decode_event(bytes(body)) for body in bodies]


def settled(*actions: dict[str, Any], **firing: Any) -> list[ActionRun]:
    runs = fired(*actions, **firing)
    dispatch()
    return [ActionRun.objects.get(pk=run.pk) for run in runs]


def test_a_run_is_made_with_the_events_values() -> None:
    automation = an_automation()
    parameters = {"all": "{{ event }}", "double": "{{ event.payload.amount * 2 }}", "n": 1}
    [run] = settled(run_of(a_deployment(), parameters=parameters), automation=automation)

    flow_run = FlowRun.objects.get()
    assert (run.state, run.flow_run_id, run.settled) == ("done", flow_run.pk, NOW)
    assert flow_run.parameters["double"] == 25.0
    assert flow_run.parameters["all"]["resource"] == {"prefect.resource.id": "shop.order.7"}
    assert flow_run.parameters["n"] == 1
    assert flow_run.idempotency_key == f"{run.firing_id}:0"


def test_a_run_names_its_maker_and_its_cause() -> None:
    automation = an_automation()
    [run] = settled(run_of(a_deployment()), automation=automation)

    flow_run = FlowRun.objects.get()
    pk = str(automation.pk)
    assert flow_run.created_by == {"id": pk, "type": "AUTOMATION", "display_value": "on order"}
    assert flow_run.causes == [{"automation": pk, "firing": str(run.firing_id)}]


def test_a_run_is_stamped_by_the_databases_clock_in_the_last_statement() -> None:
    fired(run_of(a_deployment()))

    with CaptureQueriesContext(connection) as queries:
        dispatch()

    assert "INSERT INTO flow_run (" in [q["sql"] for q in queries if "RELEASE" not in q["sql"]][-1]
    assert abs((FlowRun.objects.get().created - utcnow()).total_seconds()) < 60


def test_a_run_is_never_older_than_its_firing() -> None:
    ahead = utcnow() + timedelta(hours=1)
    [run] = fired(run_of(a_deployment()))
    ActionRun.objects.filter(pk=run.pk).update(created=ahead)
    Firing.objects.filter(pk=run.firing_id).update(created=ahead)

    dispatch()

    assert FlowRun.objects.get().created == ahead


def test_the_schema_has_the_last_word() -> None:
    schema = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "n": {"type": "integer"}},
    }
    deployment = a_deployment(parameter_openapi_schema=schema)
    parameters = {"text": "{{ event.payload['items'] }}", "n": "{{ '7' }}"}
    settled(run_of(deployment, parameters=parameters))

    assert FlowRun.objects.get().parameters == {"text": '[1, {"a": 2}]', "n": 7}


def test_parameters_that_do_not_fit_are_refused() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    deployment = a_deployment(parameter_openapi_schema=schema)
    [run] = settled(run_of(deployment, parameters={"n": "{{ event.payload }}"}))

    assert run.state == "rejected"
    assert "'n'" in str(run.reason)
    assert not FlowRun.objects.exists()


def test_every_parameter_that_fails_is_told() -> None:
    parameters = {"a": "{{ event.payload.amunt }}", "b": ["{{ nope }}"], "c": "{{ event.id }}"}
    [run] = settled(run_of(a_deployment(), parameters=parameters))

    assert run.state == "rejected"
    assert "a: `{{ event.payload.amunt }}`: `amunt` does not exist; the nearest name" in str(
        run.reason
    )
    assert [problem["loc"] for problem in run.result["problems"]] == [["a"], ["b", 0]]
    assert not FlowRun.objects.exists()


def test_a_missing_value_in_text_is_a_warning() -> None:
    [run] = settled(run_of(a_deployment(), parameters={"a": "[{{ event.payload.nope }}]"}))

    assert run.state == "done"
    assert run.result["warnings"][0].startswith("a: `nope` does not exist")


def test_what_an_event_brings_is_never_rendered() -> None:
    hostile = {"x": {"__prefect_kind": "jinja", "template": "{{ 6*7 }}"}, "y": "{{ 7*7 }}"}
    settled(
        run_of(a_deployment(), parameters={"p": "{{ event.payload }}"}),
        triggering_event=an_event(payload=hostile),
    )

    assert FlowRun.objects.get().parameters == {"p": hostile}


def test_schedule_after_puts_the_run_off() -> None:
    settled(run_of(a_deployment(), schedule_after=600.0))

    assert FlowRun.objects.get().expected_start_time == NOW + timedelta(minutes=10)


def test_an_inferred_deployment_is_the_first_one_involved() -> None:
    deployment = a_deployment()
    related = [
        {"prefect.resource.id": "prefect.deployment.odd", "prefect.resource.role": "deployment"},
        {
            "prefect.resource.id": f"prefect.deployment.{deployment.pk}",
            "prefect.resource.role": "deployment",
        },
    ]
    action = run_of(deployment, source="inferred", deployment_id=None)
    settled(action, triggering_event=an_event(related=related))

    assert FlowRun.objects.get().deployment_id == deployment.pk


REFUSED = [
    (run_of(uuid4()), "Deployment not found"),
    ({"type": "run-deployment", "source": "inferred"}, "No deployment could be inferred"),
    ({"type": "pause-deployment", "deployment_id": str(uuid4())}, "Deployment not found"),
    ({"type": "resume-deployment", "source": "inferred"}, "No deployment could be inferred"),
    ({"type": "pause-work-pool", "work_pool_id": str(uuid4())}, "Work pool not found"),
    ({"type": "pause-work-queue", "source": "inferred"}, "No work queue could be inferred"),
    ({"type": "resume-work-queue", "work_queue_id": str(uuid4())}, "Work queue not found"),
    ({"type": "cancel-flow-run"}, "No flow run could be inferred"),
    ({"type": "pause-automation", "automation_id": str(uuid4())}, "Automation not found"),
    ({"type": "pause-automation", "source": "inferred"}, "No automation could be inferred"),
    ({"type": "dance"}, "Flint does not know actions of type `dance`."),
]


@pytest.mark.parametrize(("action", "reason"), REFUSED)
def test_an_action_that_cannot_be_done_says_why(action: dict[str, Any], reason: str) -> None:
    [run] = settled(action)

    assert run.state == "rejected"
    assert str(run.reason).startswith(reason)


def test_pause_and_resume_and_nothing() -> None:
    deployment = a_deployment()
    other = a_deployment("other", paused=True)
    runs = settled(
        {"type": "pause-deployment", "source": "selected", "deployment_id": str(deployment.pk)},
        {"type": "resume-deployment", "source": "selected", "deployment_id": str(other.pk)},
        {"type": "do-nothing"},
    )

    deployment.refresh_from_db()
    other.refresh_from_db()
    assert [run.state for run in runs] == ["done"] * 3
    assert (deployment.paused, other.paused) == (True, False)


def test_templates_see_the_objects_that_the_event_involves() -> None:
    deployment = a_deployment()
    related = [
        {"prefect.resource.id": f"prefect.{kind}.{pk}", "prefect.resource.role": kind}
        for kind, pk in (("deployment", deployment.pk), ("flow", deployment.flow_id))
    ]
    parameters = {
        "d": "{{ deployment.name }}",
        "f": "{{ flow.name }}",
        "r": "{{ flow_run }}",
        "a": "{{ automation.name }} {{ automation.trigger.posture }}",
        "t": "{{ firing.triggered }}",
        "l": "{{ labels['prefect.resource.id'] }}",
        "n": "{{ events | length }}",
    }
    settled(
        run_of(deployment, parameters=parameters),
        triggering_event=an_event(related=related),
        labels={"prefect.resource.id": "shop.order.7"},
    )

    assert FlowRun.objects.get().parameters == {
        "d": "nightly",
        "f": "etl",
        "r": None,
        "a": "on order Reactive",
        "t": "2026-11-23T12:00:00Z",
        "l": "shop.order.7",
        "n": 1,
    }


def test_a_firing_without_an_event_says_so() -> None:
    [run] = settled(
        run_of(a_deployment(), parameters={"p": "{{ event.id }}"}), triggering_event=None
    )

    assert run.state == "rejected"
    assert "`id` does not exist" in str(run.reason)


def test_at_the_end_of_an_endless_chain_nothing_is_done_and_nothing_tells_of_it() -> None:
    automation = an_automation()
    other = str(uuid4())
    causes = [str(automation.pk), other] * 3 + [str(automation.pk)]
    run, nothing = settled(
        run_of(a_deployment()), {"type": "do-nothing"}, automation=automation, causes=causes
    )

    assert (run.state, nothing.state) == ("rejected", "rejected")
    assert "visits it 4 times" in str(run.reason)
    assert run.result == {"causes": causes}
    assert not FlowRun.objects.exists()
    assert not EventOutbox.objects.exists()


def test_a_run_carries_the_whole_chain_of_its_causes() -> None:
    automation = an_automation()
    causes = [str(uuid4()), str(automation.pk)]
    [run] = settled(run_of(a_deployment()), automation=automation, causes=causes)

    own = {"automation": causes[1], "firing": str(run.firing_id)}
    assert FlowRun.objects.get().causes == [{"automation": causes[0]}, own]
    labels = [event.resource.get("flint.causes") for event in outbox_events()]
    assert labels == [",".join(causes)] * 3


def test_the_number_of_queries_does_not_depend_on_the_number_of_actions() -> None:
    deployment = a_deployment()

    def queries(count: int) -> int:
        for _ in range(count):
            fired(run_of(deployment, parameters={"p": "{{ flow.name }}{{ event.id }}"}))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            dispatch()
        return len(captured)

    queries(1)
    assert queries(30) == queries(3)


def test_a_poisonous_action_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(batch: Batch) -> list[Settlement | None]:
        if any(job.action.get("poison") for job in batch.jobs):
            raise ValueError("poison")
        return registry.do_nothing(batch)

    monkeypatch.setitem(registry.KINDS, "do-nothing", poisoned)
    good, bad, other = settled(
        {"type": "do-nothing"}, {"type": "do-nothing", "poison": True}, run_of(a_deployment())
    )

    assert (good.state, other.state) == ("done", "done")
    assert (bad.state, bad.reason) == ("rejected", "It failed unexpectedly: ValueError: poison")


@pytest.mark.parametrize(
    "outage", [redis.ConnectionError("away"), InterfaceError("away")], ids=["Redis", "database"]
)
def test_what_cannot_be_done_while_a_store_is_away_is_not_refused(
    monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    def away(batch: Batch) -> list[Settlement | None]:
        raise outage

    [run] = fired({"type": "do-nothing"})
    with monkeypatch.context() as patched:
        patched.setitem(registry.KINDS, "do-nothing", away)
        with pytest.raises(type(outage)):
            dispatch()

    assert ActionRun.objects.get(pk=run.pk).state == "pending"
    assert dispatch().settled == 1


def test_dispatching_again_does_nothing() -> None:
    settled(run_of(a_deployment()))

    assert dispatch() == Dispatched(0, 0)
    assert FlowRun.objects.count() == 1


def test_an_action_waits_for_its_time() -> None:
    [run] = fired({"type": "do-nothing"})
    ActionRun.objects.filter(pk=run.pk).update(not_before=NOW.replace(hour=13))

    assert dispatch().settled == 0


def test_a_batch_larger_than_one_claim_is_done_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triggers_app.services.dispatching.BATCH", 3)
    for _ in range(4):
        fired({"type": "do-nothing"}, {"type": "do-nothing"})

    assert dispatch() == Dispatched(8, 0)


def test_variables_that_choose_code_are_refused_when_a_deployment_has_moved_to_flint() -> None:
    pool = WorkPool.objects.create(name="own", type="flint")
    deployment = a_deployment(work_pool=pool)
    variables = {"env": {"PYTHONPATH": "/tmp"}}
    action = {"type": "run-deployment", "deployment_id": str(deployment.pk)}

    [done] = settled({**action, "job_variables": variables})

    assert done.state == "rejected"
    assert "job_variables.env.PYTHONPATH" in str(done.reason)
    assert done.result["status_code"] == 422
