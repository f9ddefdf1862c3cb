"""Row 21 of docs/semantics.md: the objects that templates of a composite's firing see."""

from typing import Any
from uuid import uuid4

import pytest

from runs_app.models import FlowRun, Variable
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
