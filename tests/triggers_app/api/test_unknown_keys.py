"""What the API accepts and nobody knows: told in `Flint-Warning`, with what may be meant."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from project.lib.problems import Problem
from runs_app.models import Deployment, Flow
from tests.triggers_app.api.conftest import Call

TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["x"]}
BODY: dict[str, Any] = {"name": "val", "trigger": TRIGGER, "actions": [{"type": "do-nothing"}]}
METRIC = {"name": "lateness", "threshold": 1, "operator": ">"}
SCHEMA = {"type": "object", "properties": {"limit": {}}}


def warnings(answer: Any) -> list[str]:
    header = answer.headers.get("Flint-Warning", "[]")
    assert header.isascii() and len(header) <= 4096
    told: list[str] = json.loads(header)
    return told


def trigger(**fields: Any) -> dict[str, Any]:
    return {"trigger": {**TRIGGER, **fields}}


TOLD = {
    "a trigger": (trigger(expects=["a"]), "trigger: `expects` is not a key of an event trigger"),
    "another word": (trigger(event="a"), "Did you mean `expect`?"),
    "a slip": (trigger(thresold=5), "Did you mean `threshold`?"),
    "another spelling": (trigger(forEach=["a"]), "Did you mean `for_each`?"),
    "like no other": (trigger(colour="red"), "trigger: `colour` is not a key of an event trigger"),
    "a part": (
        {"trigger": {"type": "sequence", "within": 5, "triggers": [{**TRIGGER, "widthin": 1}]}},
        "trigger.triggers[0]: `widthin` is not a key of an event trigger and has no effect. "
        "Did you mean `within`?",
    ),
    "a composite": (
        {"trigger": {"type": "sequence", "within": 5, "triggers": [TRIGGER], "requires": "any"}},
        "Did you mean `require`?",
    ),
    "a metric": (
        {"trigger": {"type": "metric", "metric": {**METRIC, "rang": 600}}},
        "trigger.metric: `rang` is not a key of a metric and has no effect. Did you mean `range`?",
    ),
    "an action": (
        {"actions": [{"type": "do-nothing", "tpye": "x"}]},
        "actions[0]: `tpye` is not a key of the action `do-nothing`",
    ),
    "not ASCII": (trigger(größe=1), "`größe`"),
}


@pytest.mark.parametrize(("fields", "told"), TOLD.values(), ids=TOLD)
def test_an_unknown_key_is_accepted_and_told(api: Call, fields: dict[str, Any], told: str) -> None:
    made = api("POST", "/automations/", {**BODY, **fields})
    replaced = api("PUT", f"/automations/{made.json()['id']}", {**BODY, **fields})

    assert (made.status_code, replaced.status_code) == (201, 204)
    for answer in (made, replaced):
        [warning] = warnings(answer)
        assert told in warning


def test_labels_and_what_is_known_are_not_told(api: Call) -> None:
    labels = trigger(match={"expects": "a"}, match_related={"thresold": "b"})

    assert warnings(api("POST", "/automations/", {**BODY, **labels})) == []


def test_many_are_counted_and_those_that_mean_something_come_first(api: Call) -> None:
    keys = {f"colour_{number}": 1 for number in range(5_000)}

    told = warnings(api("POST", "/automations/", {**BODY, **trigger(**keys, expects=["a"])}))

    assert "Did you mean `expect`?" in told[0]
    assert told[-1] == f"{5_001 - (len(told) - 1)} more warnings left out."


def test_parameters_that_the_deployment_does_not_take_are_told(api: Call, db: None) -> None:
    flow = Flow.objects.create(name="f")
    row = Deployment.objects.create(flow=flow, name="load", parameter_openapi_schema=SCHEMA)
    run = {"type": "run-deployment", "deployment_id": str(row.pk), "parameters": {"limt": 1}}

    told = warnings(api("POST", "/automations/", {**BODY, "actions": [run]}))
    unknown = {**run, "deployment_id": str(uuid4())}

    assert told == [
        "actions[0].parameters: `limt` is not a parameter of `load`. Did you mean `limit`?"
    ]
    assert warnings(api("POST", "/automations/", {**BODY, "actions": [unknown]})) == []


REFUSED = {
    "the automation": ({"action": []}, "Did you mean `actions`?"),
    "its options": ({"flint": {"shadw": True}}, "Did you mean `shadow`?"),
    "another case": ({"Enabled": False}, "Did you mean `enabled`?"),
}


@pytest.mark.parametrize(("fields", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_names_what_may_be_meant(
    api: Call, client: Client, fields: dict[str, Any], told: str
) -> None:
    answer = api("POST", "/automations/", {**BODY, **fields})

    assert answer.status_code == 422
    assert told in answer.content.decode()


SLIPS = {
    "an id": (
        {"actions": [{"type": "run-deployment", "source": "selected", "deployment_idd": "x"}]},
        "actions[0].deployment_idd",
        "Did you mean `deployment_id`?",
    ),
    "what a trigger needs": (
        {"trigger": {"type": "event", "postur": "Reactive"}},
        "trigger.postur",
        "Did you mean `posture`?",
    ),
    "what a part needs": (
        {"trigger": {"type": "sequence", "within": 5, "triggers": [{"posure": "Reactive"}]}},
        "trigger.triggers[0].posure",
        "Did you mean `posture`?",
    ),
}


@pytest.mark.parametrize(("fields", "path", "told"), SLIPS.values(), ids=SLIPS)
def test_where_something_is_missing_the_slip_is_told_too(
    api: Call, fields: dict[str, Any], path: str, told: str
) -> None:
    answer = api("POST", "/automations/", {**BODY, **fields})

    assert answer.status_code == 422
    problems = answer.json()["exception_detail"]
    [slip] = [one for one in problems if one["type"] == "unknown_key"]
    assert Problem(tuple(slip["loc"][1:]), "").path == path
    assert told in slip["msg"] and len(problems) > 1
