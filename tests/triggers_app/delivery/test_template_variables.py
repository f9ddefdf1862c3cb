"""Row 21 of docs/semantics.md: the objects that templates of a composite's firing see."""

from typing import Any
from uuid import uuid4

import pytest

from runs_app.models import FlowRun, TaskRun, Variable, WorkPool, WorkQueue
from tests.triggers_app.delivery.examples import NOW, a_deployment, an_event, fired, run_of
from tests.triggers_app.services.test_dispatching import dispatch

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("flow_run", "deployment", "flow", "work_pool")
PARAMETERS = {name: f"{{{{ {name}.name }}}}" for name in NAMES} | {
    "state": "{{ flow_run.state_name }} {{ flow_run.state.type }}"
}


def named(kind: str, pk: Any, **labels: str) -> dict[str, str]:
    return {"prefect.resource.id": f"prefect.{kind}.{pk}", "prefect.resource.role": kind, **labels}


def a_run(name: str) -> FlowRun:
    flow = a_deployment(name).flow
    return FlowRun.objects.create(id=uuid4(), flow=flow, name=name, created=NOW, updated=NOW)


def child(second: int, event: dict[str, Any] | None, *children: dict[str, Any]) -> dict[str, Any]:
    moment = f"2026-11-23T12:00:{second:02}Z"
    return {
        "id": str(uuid4()),
        "trigger_id": str(uuid4()),
        "fired": moment,
        "labels": {},
        "triggering_event": None if event is None else {**event, "received": moment},
        "children": list(children),
    }


def rendered(*children: dict[str, Any], phase: str = "actions", **firing: Any) -> dict[str, Any]:
    deployment = a_deployment("rendered")
    action = run_of(deployment, parameters={"all": "".join(f"[{p}]" for p in PARAMETERS.values())})
    fired(action, phase=phase, children=list(children), **firing)
    dispatch()
    made = FlowRun.objects.get(deployment=deployment)
    texts = made.parameters["all"].strip("[]").split("][")
    return dict(zip(PARAMETERS, texts, strict=True))


def test_what_the_last_event_lacks_comes_from_the_newest_of_the_others() -> None:
    older, newer = a_run("older"), a_run("newer")
    deployment = a_deployment("d")
    failed = {"prefect.state-name": "Failed", "prefect.state-type": "FAILED"}
    done = an_event(resource=named("flow-run", newer.pk, **failed))
    other = an_event(
        resource=named("flow-run", older.pk),
        related=[named("deployment", deployment.pk), named("flow", deployment.flow_id)],
    )

    found = rendered(child(1, other), child(2, done), child(3, an_event()))

    assert found == {
        "flow_run": "newer",
        "deployment": "d",
        "flow": "etl",
        "work_pool": "",
        "state": "Failed FAILED",
    }


def test_the_last_event_comes_first_however_old_it_is() -> None:
    mine, other = a_run("mine"), a_run("other")
    last = an_event(resource=named("flow-run", mine.pk), received="2026-11-23T11:00:00Z")

    found = rendered(
        child(2, an_event(resource=named("flow-run", other.pk))), triggering_event=last
    )

    assert found["flow_run"] == "mine"


def test_parts_of_parts_are_looked_at_too_and_absences_are_passed_over() -> None:
    run = a_run("deep")
    deep = child(1, an_event(related=[named("flow-run", run.pk)]))

    found = rendered(child(3, None, deep), child(2, an_event()), triggering_event=None)

    assert found["flow_run"] == "deep"


def test_actions_on_trigger_see_the_objects_of_a_composite_too() -> None:
    run = a_run("seen")

    found = rendered(child(1, an_event(resource=named("flow-run", run.pk))), phase="on_trigger")

    assert found["flow_run"] == "seen"


def test_templates_read_variables_by_name() -> None:
    Variable.objects.create(name="region", value={"name": "eu"})
    deployment = a_deployment("rendered")
    fired(run_of(deployment, parameters={"where": "{{ variables.region.name }}"}))

    dispatch()

    assert FlowRun.objects.get(deployment=deployment).parameters["where"] == "eu"


DEFAULT_BODY = """Flow run {{ flow.name }}/{{ flow_run.name }} observed in state \
`{{ flow_run.state.name }}` at {{ flow_run.state.timestamp }}.
Flow ID: {{ flow_run.flow_id }}
Flow run ID: {{ flow_run.id }}
Flow run URL: {{ flow_run|ui_url }}
State message: {{ flow_run.state.message }}"""


def text_of(body: str, **firing: Any) -> str:
    """What a webhook would be sent."""
    action = {"type": "call-webhook", "url": "https://hooks.example.org/", "payload": body}
    [run] = fired(action, **firing)
    dispatch()
    run.refresh_from_db()
    assert run.request is not None, run.reason
    return str(run.request["payload"])


def test_prefects_default_body_renders() -> None:
    run = a_run("brave-owl")
    labels = {
        "prefect.state-name": "Failed",
        "prefect.state-type": "FAILED",
        "prefect.state-message": "boom",
        "prefect.state-timestamp": "2026-11-23T12:00:00+00:00",
    }
    event = an_event(
        resource=named("flow-run", run.pk, **labels), related=[named("flow", run.flow_id)]
    )

    text = text_of(DEFAULT_BODY, triggering_event=event)

    assert text == (
        "Flow run etl/brave-owl observed in state `Failed` at 2026-11-23T12:00:00+00:00.\n"
        f"Flow ID: {run.flow_id}\nFlow run ID: {run.pk}\n"
        f"Flow run URL: runs/flow-run/{run.pk}\nState message: boom"
    )


def test_queues_tasks_and_variables_stand_in_templates() -> None:
    pool = WorkPool.objects.create(name="far", type="process")
    queue = WorkQueue.objects.create(work_pool=pool, name="fast", priority=1)
    Variable.objects.create(name="region", value="eu")
    task_id = uuid4()
    labels = {"prefect.state-name": "Running", "prefect.state-type": "RUNNING"}
    name = {"prefect.resource.name": "extract-1"}
    event = an_event(
        resource=named("task-run", task_id, **labels, **name),
        related=[named("work-queue", queue.pk)],
    )
    body = (
        "{{ work_queue.name }} {{ work_queue.work_pool_name }} {{ variables.region }} "
        "{{ task_run.name }} {{ task_run.state.name }} {{ task_run | ui_url }}"
    )

    recorded_later = text_of(body, triggering_event=event)
    TaskRun.objects.create(
        id=task_id, name="extract", task_key="e", dynamic_key="0", created=NOW, updated=NOW
    )
    recorded = text_of(body, triggering_event=event)

    link = f"runs/task-run/{task_id}"
    assert recorded_later == f"fast far eu extract-1 Running {link}"
    assert recorded == f"fast far eu extract Running {link}"
