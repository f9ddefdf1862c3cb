"""Triggers of deployments, and the automations they stand for."""

import json
from typing import Any

import pytest

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from tests.menagerie import ETL
from triggers_app.automation.deployment_triggers import parse_deployment_triggers
from triggers_app.automation.document import AutomationDocument, document
from triggers_app.automation.formats.prefect_yaml.block import read
from triggers_app.automation.parsing import parse_automation

PINGED = {"match": {"prefect.resource.id": "my.external.resource"}, "expect": ["r.pinged"]}
REPLIED = {"type": "event", "expect": ["r.replied"]}


def parsed(*triggers: object) -> list[AutomationDocument]:
    return parse_deployment_triggers(list(triggers), deployment_name="etl", deployment_id=ETL)


def problems(*triggers: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parsed(*triggers)
    return {problem.path: problem.msg for problem in refused.value.problems}


def test_trigger_becomes_an_automation_that_runs_its_deployment() -> None:
    [made] = parsed(PINGED | {"parameters": {"p": "{{ event }}"}, "schedule_after": 2})

    assert document(made)["actions"] == [
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": str(ETL),
            "parameters": {"p": "{{ event }}"},
            "job_variables": None,
            "schedule_after": 2.0,
        }
    ]
    assert made.owner_resource == f"prefect.deployment.{ETL}"


def test_fields_of_the_automation_are_not_left_in_its_trigger() -> None:
    [made] = parsed(
        PINGED
        | {"name": "on-ping", "description": "d", "enabled": False, "job_variables": {"a": 1}}
    )

    assert (made.name, made.description, made.enabled, made.tags) == ("on-ping", "d", False, [])
    assert made.trigger.model_extra == {}


def test_nameless_triggers_are_numbered_among_all() -> None:
    names = [
        made.name for made in parsed(PINGED | {"name": "first"}, PINGED, PINGED | {"name": ""})
    ]

    assert names == ["first", "etl__automation_2", "etl__automation_3"]


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        (PINGED, "event"),
        ({"triggers": [PINGED, REPLIED], "require": "all"}, "compound"),
        ({"type": "compound", "triggers": [PINGED], "require": 1, "within": 60}, "compound"),
        ({"triggers": [PINGED, REPLIED]}, "sequence"),
        (
            {"posture": "Metric", "metric": {"name": "lateness", "threshold": 1, "operator": ">"}},
            "metric",
        ),
    ],
)
def test_type_is_told_from_the_keys(trigger: Document, kind: str) -> None:
    [made] = parsed(trigger)

    assert made.trigger.type == kind


def test_children_have_the_defaults_of_the_client_too() -> None:
    [made] = parsed({"triggers": [PINGED, {"triggers": [REPLIED], "require": "any"}]})

    assert [getattr(node, "posture", None) for node in made.trigger.walk()] == [
        None,
        "Reactive",
        None,
        "Reactive",
    ]


def test_all_problems_of_all_triggers_are_told_where_they_were_written() -> None:
    found = problems(
        PINGED | {"threshold": "many", "schedule_after": -1},
        7,
        {"triggers": [{"expect": 3}], "require": 2},
        {"type": "compound", "triggers": "x"},
        {"triggers": [8], "description": None},
    )

    assert list(found) == [
        "[0].threshold",
        "[0].schedule_after",
        "[1]",
        "[2].triggers[0].expect",
        "[3].triggers",
        "[3].require",
        "[4].description",
        "[4].triggers[0]",
    ]


def test_no_triggers_are_no_automations() -> None:
    assert parse_deployment_triggers(None, deployment_name="etl", deployment_id=ETL) == []


def test_triggers_that_are_no_list_are_refused() -> None:
    with pytest.raises(Invalid, match="must be a list"):
        parse_deployment_triggers({}, deployment_name="etl", deployment_id=ETL)


UNRESOLVED = ("unresolved", "Choose the deployment: the text names it as `etl`, not by its id.")
TRIED: list[Any] = [None, "", 0, 7, False, [], {}, {"p": 1}, "yes"]
ODD: list[Document] = [
    *({"name": value} for value in TRIED),
    *({"enabled": value} for value in TRIED),
    *({"description": value} for value in TRIED),
    *({"parameters": value} for value in TRIED),
    *({"schedule_after": value} for value in TRIED),
    {"triggers": [PINGED, REPLIED], "require": "all"},
    {"posture": "Metric", "metric": {"name": "lateness", "threshold": 1, "operator": ">"}},
]


@pytest.mark.parametrize("more", ODD, ids=str)
def test_what_is_deployed_is_what_the_builder_reads_of_the_text(more: Document) -> None:
    """The same block in a prefect.yaml, read into a draft, says the same or is as wrong."""
    block = (PINGED if "triggers" not in more and "metric" not in more else {}) | more
    text = json.dumps({"deployments": [{"name": "etl", "triggers": [block]}]})

    reading = read(text)

    [found] = reading.automations
    found.document["actions"][0]["deployment_id"] = str(ETL)
    wrong = {(told.code, told.message) for told in reading.diagnostics} - {UNRESOLVED}
    try:
        [made] = parsed(block)
    except Invalid as error:
        assert wrong == {(problem.type, problem.msg) for problem in error.problems}
    else:
        assert not wrong
        assert document(made) == document(parse_automation(found.document))


@pytest.mark.parametrize(("name", "kept"), [(None, "mine"), ("", ""), ("other", "other")])
def test_a_name_that_is_left_out_stays_as_the_draft_has_it(name: str | None, kept: str) -> None:
    [found] = read(
        json.dumps(PINGED | {"name": name}), base={"name": "mine", "actions": []}
    ).automations

    assert found.document["name"] == kept
