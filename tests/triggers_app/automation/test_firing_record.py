"""What is stored and told of a firing."""

import json
from typing import Any

import pytest

from tests.menagerie import Stage, automation_document, compound, named, proactive, reactive
from triggers_app.automation.causes import MAX_VISITS
from triggers_app.automation.firing_record import FiringRecord, children_text
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.plan import plan_of

OWN = str(named("a"))


def record(
    trigger: Any, *events: str, causes: list[str] | None = None, **more: Any
) -> FiringRecord:
    stage = Stage(trigger)
    for at, name in enumerate(events):
        stage.send(name, at)
    firing, *_ = stage.until(120).firings
    plan = plan_of(automation_document(trigger, **more), parse_trigger(trigger))
    return FiringRecord(firing, plan, causes or [OWN])


def test_the_event_tells_of_the_firing_and_of_what_triggered_it() -> None:
    found = record(reactive("order.created", for_each=["site"]), "order.created")

    told = found.event

    assert (told.event, told.occurred) == ("prefect.automation.triggered", found.fired)
    assert told.resource["prefect.resource.id"] == f"prefect.automation.{OWN}"
    payload = told.payload_object()
    assert payload["triggering_labels"] == {"site": ""}
    assert payload["triggering_event"] == json.loads(found.event_text or "")
    assert payload["triggering_event"]["event"] == "order.created"


def test_an_absence_has_no_event_of_its_own() -> None:
    found = record(proactive("beat", within=60))

    assert found.event_text is None
    assert found.event.related == []
    assert found.event.payload_object()["triggering_event"] is None


@pytest.mark.parametrize(
    ("more", "causes", "told"),
    [
        ({}, [OWN], True),
        ({}, [OWN] * MAX_VISITS, True),
        ({}, [OWN] * (MAX_VISITS + 1), False),
        ({"flint": {"shadow": True}}, [OWN], False),
    ],
    ids=["at work", "a loop that may go on", "an endless chain", "in shadow"],
)
def test_of_what_nobody_may_act_on_nothing_tells(
    more: dict[str, Any], causes: list[str], told: bool
) -> None:
    found = record(reactive("a"), "a", causes=causes, **more)

    assert found.has_event is told
    assert bool(found.actions) is ("flint" not in more)


def test_firings_of_parts_are_kept_whole() -> None:
    found = record(compound(reactive("a"), reactive("b"), within=60), "a", "b")

    children = json.loads(children_text(found.firing))

    assert [child["triggering_event"]["event"] for child in children] == ["a", "b"]
    assert [child["children"] for child in children] == [[], []]
    assert {key for child in children for key in child} == {
        *("id", "trigger_id", "fired", "labels", "triggering_event", "children")
    }
