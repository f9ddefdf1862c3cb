"""The variables that the template editor offers: each renders to what stands beside it. Pure."""

from typing import Any

import pytest

from events_app.domain.position import Position
from events_app.storage.stored_events import StoredEvent
from tests.menagerie import ZERO, event, ms, named, reactive, related
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.templates import Templates
from triggers_app.automation.templating.views import EventView, LabelsView
from triggers_app.builder.parameters.chosen_event import ChosenEvent
from triggers_app.builder.parameters.template_variables import TemplateVariable, variables_here
from triggers_app.services.preview_firing import absence, preview_of, trigger_of

RUN = f"prefect.flow-run.{named('run')}"


def recorded(payload: Any, **fields: Any) -> StoredEvent:
    return StoredEvent(Position(ms(0), 0, 0), event(payload=payload, **fields))


def here(one: StoredEvent, *others: StoredEvent) -> dict[str, TemplateVariable]:
    trigger = trigger_of({"trigger": reactive("order.created", for_each=["customer"])})
    chosen = ChosenEvent("recorded", one, preview_of(trigger, [one]))
    found = variables_here(chosen, {"name": "night load"}, others)
    return {variable.path: variable for variable in found}


@pytest.mark.parametrize(
    "payload",
    [
        {"rows": 5, "who": {"name": "ana", "a b": 1}},
        {"it's": 1, "back\\slash": 2, "é": 3, "items": 4, "1a": 5},
        {"a": {"b": {"c": {"d": 1}}}, "empty": {}, "list": [1, {"x": 2}]},
    ],
    ids=["nested", "odd names", "deep"],
)
def test_everything_offered_of_an_event_has_a_value(payload: dict[str, Any]) -> None:
    one = recorded(payload, labels={"customer": "acme", "a.b": "x"}, related=[related("tag", "t")])
    variables = {"event": EventView({**_document(one)}), "labels": LabelsView({"customer": "acme"})}
    templates = Templates()

    offered = [path for path in here(one) if path.startswith(("event.", "labels."))]

    for path in offered:
        template = templates.compile(f"{{{{ {path} }}}}")
        templates.render(template, variables, Budget(lambda: 0.0))
    assert len(offered) >= 8


def _document(one: StoredEvent) -> dict[str, Any]:
    body = one.event
    return {"id": str(body.id), "event": body.event, "occurred": body.occurred.isoformat(),
            "resource": body.resource, "related": body.related,
            "payload": body.payload_object()}  # fmt: skip


def test_values_stand_beside_the_names_shortened() -> None:
    found = here(recorded({"rows": 5, "note": "x" * 100}))

    assert found["event.payload.rows"].value == "5"
    assert found["event.payload.note"].value == "x" * 59 + "…"


def test_keys_and_objects_that_the_event_is_about_are_offered() -> None:
    found = here(recorded({}, resource=RUN, labels={"customer": "acme"}))

    assert found["labels.customer"].value == "acme"
    assert "flow_run.name" in found
    assert "work_pool.name" not in found


def test_fields_of_other_events_are_offered_and_said_to_be_theirs() -> None:
    found = here(recorded({"rows": 5}), recorded({"rows": 6, "error": "x"}))

    assert found["event.payload.error"].value == "only in other events"
    assert found["event.payload.rows"].value == "5"


def test_absence_offers_no_event() -> None:
    chosen = ChosenEvent("backtest", None, absence({"site": "x"}, ZERO))

    paths = [one.path for one in variables_here(chosen, {"name": "a"})]

    assert "labels.site" in paths
    assert not any(path.startswith("event.") for path in paths)


def test_many_fields_leave_room_for_the_rest() -> None:
    found = here(recorded({f"f{n}": n for n in range(500)}))

    assert (len(found) <= 100, "automation.name" in found) == (True, True)
