"""Each action tells that it was triggered, and what became of it, as Prefect's do."""

import pytest

from runs_app.models import FlowRun
from tests.triggers_app.delivery.examples import a_deployment, an_automation, an_event, run_of
from tests.triggers_app.services.test_dispatching import outbox_events, settled
from triggers_app.automation.own_events import event_id

pytestmark = pytest.mark.django_db


def test_an_action_that_was_done_tells_of_it() -> None:
    automation, event, deployment = an_automation(), an_event(), a_deployment()
    [run] = settled(run_of(deployment), automation=automation, triggering_event=event)

    triggered, executed = outbox_events()[1:]
    made = FlowRun.objects.get()
    related = [
        {
            "prefect.resource.id": f"prefect.deployment.{deployment.pk}",
            "prefect.resource.role": "target",
        },
        {
            "prefect.resource.id": f"prefect.flow-run.{made.pk}",
            "prefect.resource.role": "flow-run",
            "prefect.resource.name": made.name,
        },
        {
            "prefect.resource.id": f"prefect.event.{event_id(run.firing_id, 'triggered')}",
            "prefect.resource.role": "automation-triggered-event",
        },
        {
            "prefect.resource.id": f"prefect.event.{event['id']}",
            "prefect.resource.role": "triggering-event",
        },
    ]
    assert triggered.event == "prefect.automation.action.triggered"
    assert executed.event == "prefect.automation.action.executed"
    assert (triggered.related, executed.related) == (related, related)
    assert triggered.resource == {
        "prefect.resource.id": f"prefect.automation.{automation.pk}",
        "prefect.resource.name": "on order",
        "prefect.trigger-type": "event",
        "prefect.posture": "Reactive",
        "flint.causes": str(automation.pk),
    }
    assert (str(triggered.follows), executed.follows) == (event["id"], triggered.id)
    known = triggered.payload_object()
    assert (known["action_index"], known["action_type"]) == (0, "run-deployment")
    assert executed.payload_object() == {**known, "status_code": 201}


def test_an_action_that_failed_tells_why() -> None:
    settled({"type": "cancel-flow-run"})

    failed = outbox_events()[1]
    assert failed.event == "prefect.automation.action.failed"
    assert failed.payload_object()["reason"].startswith("No flow run could be inferred")


def test_an_old_event_leads_nothing() -> None:
    settled({"type": "do-nothing"}, triggering_event=an_event(occurred="2026-11-23T11:00:00Z"))

    triggered, executed = outbox_events()
    assert triggered.follows is None
    assert executed.follows == triggered.id


def test_an_action_on_trigger_is_about_the_event_that_tells_of_the_firing() -> None:
    automation, event = an_automation(), an_event()
    deployment = a_deployment()
    parameters = {"name": "{{ event.event }}", "n": "{{ event.payload.triggering_event.id }}"}
    [run] = settled(
        run_of(deployment, parameters=parameters),
        automation=automation,
        triggering_event=event,
        phase="on_trigger",
    )

    assert run.state == "done", run.reason
    assert FlowRun.objects.get().parameters == {
        "name": "prefect.automation.triggered",
        "n": event["id"],
    }
    assert outbox_events()[1].follows == event_id(run.firing_id, "triggered")


def test_an_action_on_trigger_can_pause_its_own_automation() -> None:
    automation = an_automation()
    settled(
        {"type": "pause-automation", "source": "inferred"},
        automation=automation,
        phase="on_trigger",
    )

    automation.refresh_from_db()
    assert (automation.enabled, automation.version) == (False, 2)


def test_a_composites_firings_and_events_are_the_whole_then_its_parts() -> None:
    def child(name: str, *children: object) -> dict[str, object]:
        return {
            "id": name,
            "trigger_id": name,
            "fired": "2026-11-23T12:00:00Z",
            "labels": {"a": name},
            "triggering_event": an_event(event=name),
            "children": list(children),
        }

    children = [child("b", child("c")), child("d")]
    parameters = {
        "e": "{{ events | map(attribute='event') | list }}",
        "f": "{{ firings | map(attribute='trigger_id') | list }}",
        "s": "{{ firing.trigger_states }}",
    }
    settled(
        run_of(a_deployment(), parameters=parameters),
        triggering_event=an_event(event="d"),
        children=children,
    )

    found = FlowRun.objects.get().parameters
    assert found["e"] == ["d", "b", "c", "d"]
    assert found["f"][1:] == ["b", "c", "d"]
    assert found["s"] == ["Triggered"]
