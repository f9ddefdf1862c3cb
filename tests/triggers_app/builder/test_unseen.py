"""What nobody has seen is unknown, not wrong: the first automation for an event that is to come."""

from datetime import timedelta
from typing import Any

import pytest

from runs_app.models import Deployment
from tests.web import scene
from triggers_app.builder.lint.service import blocking, findings_of
from triggers_app.builder.parameters.service import ActionTexts, Editor
from triggers_app.models import Draft

pytestmark = pytest.mark.django_db
TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["parcel.scanned"]}
SCHEMA = {
    "properties": {"item": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["item"],
}


def deployment() -> Deployment:
    return Deployment.objects.first() or scene.deployment(parameter_openapi_schema=SCHEMA)


def draft(**parameters: Any) -> Draft:
    action = {"type": "run-deployment", "deployment_id": str(deployment().pk)}
    document = {"name": "a", "trigger": TRIGGER, "actions": [{**action, "parameters": parameters}]}
    return Draft(document=document, author="eda")


def stopping(of: Draft, *confirmed: str, seconds: float = 0) -> list[tuple[str, str]]:
    now = scene.NOW + timedelta(seconds=seconds)
    return [(one.code, one.severity) for one in blocking(of, frozenset(confirmed), now=now)]


def texts(of: Draft) -> ActionTexts:
    return Editor(of, of.document, now=scene.NOW).action(("actions", 0))


@pytest.mark.parametrize(
    "template",
    [
        "{{ event.payload.item }}",
        "{{ event.payload.item.name }}",
        "{{ event.resource['shop.item'] }}",
        "{{ event.resource_in_role.shop.name }}",
        "{{ event.payload.item.upper() }}",
        "{{ event.payload.item * 2 }}",
    ],
)
def test_what_the_event_may_have_is_a_warning_to_be_confirmed(template: str) -> None:
    found = draft(item=template)

    assert stopping(found) == [("L10", "warning")]
    assert stopping(found, "L10") == []
    [finding] = [one for one in findings_of(found, now=scene.NOW) if one.code == "L10"]
    assert "No event that matches was seen yet" in finding.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ event.paylod.item }}",
        "{{ evnt.payload.item }}",
        "{{ automation.nam }}",
        "{{ firing.trigered }}",
        "{{ nothing * 2 }}",
    ],
)
def test_what_no_event_can_have_is_wrong(template: str) -> None:
    assert stopping(draft(item=template), "L10") == [("L10", "error")]


def test_the_parameters_say_not_known_and_not_refused() -> None:
    action = texts(draft(item="{{ event.payload.item }}", count="{{ event.resource.id }}"))

    assert [each.check.state for each in action.rows] == ["unknown", "unknown"]
    assert (action.bad, action.unknown, action.refusal) == (0, 2, "")


def test_what_is_wrong_whatever_comes_is_still_wrong() -> None:
    action = texts(draft(item="{{ event.payload.item }}", count="many"))

    assert [each.check.state for each in action.rows] == ["unknown", "wrong"]
    assert action.refusal


def test_what_is_made_up_is_no_ground_for_other_findings() -> None:
    codes = {
        one.code
        for one in findings_of(draft(item="x", count="{{ event.resource.id }}"), now=scene.NOW)
    }

    assert "L11" not in codes


def test_a_save_is_judged_by_what_has_come_in_the_meantime() -> None:
    found = draft(item="{{ event.payload.item }}")
    found.pk = None
    assert stopping(found) == [("L10", "warning")]

    scene.event("parcel.scanned", payload={"item": "box"})

    assert stopping(found, seconds=1) == []
    assert [each.check.state for each in texts(found).rows] == ["fine", "unset"]


def test_what_has_come_without_it_makes_it_wrong_at_once() -> None:
    found = draft(item="{{ event.payload.item }}")
    stopping(found)

    scene.event("parcel.scanned", payload={"other": "box"})

    assert stopping(found, "L10", seconds=1) == [("L10", "error")]
