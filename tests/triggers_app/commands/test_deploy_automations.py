"""Prefect's own file of automations, given to `deploy`: each to choose, by its name."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from project.lib.clock import utcnow
from runs_app.models import Deployment, Flow
from tests.triggers_app.commands.test_deploy import FLOW, automations, deploy
from triggers_app.models import Automation, AutomationVersion
from triggers_app.services import authoring

pytestmark = pytest.mark.django_db
TWO = """
automations:
  - name: first
    trigger:
      expect: [a]
    actions:
      - type: do-nothing
  - name: second
    enabled: false
    trigger: {posture: Proactive, expect: [b], within: 60}
    actions: [{type: do-nothing}]
"""
ONE: dict[str, Any] = {
    "name": "first",
    "trigger": {"expect": ["a"]},
    "actions": [{"type": "do-nothing"}],
}
FORMS = {
    "a map": TWO,
    "a list": TWO.replace("automations:\n", ""),
    "JSON": json.dumps({"automations": [ONE, {**ONE, "name": "second"}]}),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.py").write_text(FLOW)
    return tmp_path


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_all_of_a_file_are_made(folder: Path, text: str) -> None:
    code, out, err = deploy(folder, text)

    assert (code, err) == (0, "")
    assert list(automations()) == ["first", "second"]
    assert automations()["first"]["trigger"]["posture"] == "Reactive"
    assert out.count("created   automation") == 2


def test_one_is_chosen_by_its_name(folder: Path) -> None:
    code, _, _ = deploy(folder, TWO, "-n", "second")

    assert (code, list(automations())) == (0, ["second"])


def test_a_single_automation_is_a_file_as_well(folder: Path) -> None:
    made_by_a_server = {**ONE, "id": str(uuid4()), "created": "2026-01-01T00:00:00Z"}

    code, _, _ = deploy(folder, json.dumps(made_by_a_server))

    assert (code, list(automations())) == (0, ["first"])


def test_deploying_again_changes_only_what_is_different(folder: Path) -> None:
    deploy(folder, TWO)
    before = automations()

    _, out, _ = deploy(folder, TWO.replace("[b]", "[c]"))

    assert "unchanged automation first" in out
    assert "changed   automation second" in out
    assert automations()["first"] == before["first"]
    assert automations()["second"]["id"] == before["second"]["id"]
    assert automations()["second"]["trigger"]["expect"] == ["c"]
    assert AutomationVersion.objects.count() == 3


def test_what_the_file_does_not_say_stays(folder: Path) -> None:
    deploy(folder, TWO)
    row = Automation.objects.get(name="first")
    authoring.shadow(row.pk, True, author="somebody", now=utcnow())
    authoring.enable(row.pk, False, author="somebody", now=utcnow())

    _, out, _ = deploy(folder, TWO)

    assert "unchanged automation first" in out
    row.refresh_from_db()
    assert not row.enabled and row.document["flint"] == {"shadow": True}


HOOK = "type: call-webhook, url: 'https://a.example'"
WRONG = {
    "no such name": (
        TWO, ("-n", "third"), "There is no automation `third`; there is: first, second.",
    ),
    "a trigger for it": (TWO, ("--all", "--trigger", "{}"), "--trigger goes with a deployment"),
    "twice": (
        TWO.replace("second", "first"), ("--all",),
        "prefect.yaml:8: automations[1].name: `first` stands here twice.",
    ),
    "a map": (
        "automations:\n  first: {trigger: {}}\n", ("--all",),
        "prefect.yaml:1: automations: `automations` must be a list, and this is a map",
    ),
    "one without a dash": (
        "automations:\n  name: a\n  trigger: {}\n", ("--all",), "this is one automation",
    ),
    "none": ("automations: []\n", ("--all",), "There are no automations in this file."),
    "a text": ("automations: [a]\n", ("--all",), "automations[0]: An automation is an object"),
    "a slip": (
        TWO.replace("expect: [a]", "expects: [a]"), ("--all",),
        "prefect.yaml:5: automations[0].trigger.expects: `expects` is not a key of an event",
    ),
    "a slip in the automation": (
        TWO.replace("enabled: false", "enabld: false"), ("--all",),
        "prefect.yaml:9: automations[1].enabld: `enabld` is not a key of an automation. "
        "Did you mean `enabled`?",
    ),
    "a value": (
        TWO.replace("within: 60", "within: soon"), ("--all",), "automations[1].trigger.within: ",
    ),
    "a template": (
        TWO.replace("{type: do-nothing}", f"{{{HOOK}, payload: '{{{{ x '}}"),
        ("--all",), "automations[1].actions[0].payload",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "options", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_and_nothing_is_made(
    folder: Path, text: str, options: tuple[str, ...], told: str
) -> None:
    code, _, err = deploy(folder, text, *options)

    assert code == 1
    assert told in err
    assert not Automation.objects.exists()


def test_a_name_that_two_have_is_not_guessed(folder: Path) -> None:
    deploy(folder, json.dumps(ONE))
    row = Automation.objects.get()
    Automation.objects.filter(pk=row.pk).update(name="other")
    deploy(folder, json.dumps(ONE))
    Automation.objects.filter(pk=row.pk).update(name="first")

    code, _, err = deploy(folder, json.dumps(ONE))

    assert code == 1
    assert "There are 2 automations called `first`; rename one." in err


def test_a_key_like_no_other_is_noted(folder: Path) -> None:
    code, out, _ = deploy(folder, TWO.replace("expect: [a]", "expect: [a]\n      colour: red"))

    assert code == 0
    assert "prefect.yaml:6: automations[0].trigger.colour: `colour` is not a key" in out


def test_a_parameter_that_the_deployment_nearly_takes_is_refused(folder: Path) -> None:
    schema = {"type": "object", "properties": {"limit": {}}}
    flow = Flow.objects.create(name="f")
    row = Deployment.objects.create(flow=flow, name="load", parameter_openapi_schema=schema)
    run = {"type": "run-deployment", "deployment_id": str(row.pk), "parameters": {"limt": 1}}

    code, _, err = deploy(folder, json.dumps({**ONE, "actions": [run]}))

    assert code == 1
    assert "actions[0].parameters.limt: `limt` is not a parameter of `load`." in err
    assert "Did you mean `limit`?" in err


NOT_TRIGGERS = {
    "automations": (TWO, "These are automations (`first`, `second`), not triggers"),
    "a list of them": (TWO.replace("automations:\n", ""), "These are automations"),
    "one automation": (json.dumps(ONE), "These are automations (`first`), not triggers"),
    "a prefect.yaml": ("deployments: []\n", "This is a prefect.yaml"),
    "a map of triggers": (
        "triggers: {expect: [a]}\n",
        "`triggers` must be a list, and this is one",
    ),
}


@pytest.mark.parametrize(("text", "told"), NOT_TRIGGERS.values(), ids=NOT_TRIGGERS)
def test_another_file_as_a_trigger_is_told_with_what_to_do(
    folder: Path, text: str, told: str
) -> None:
    (folder / "given.yaml").write_text(text)
    file = "deployments:\n  - name: nightly\n    entrypoint: flow.py:take\n"

    code, _, err = deploy(folder, file, "-n", "nightly", "--trigger", str(folder / "given.yaml"))

    assert code == 1
    assert told in err and "given.yaml" in err
    assert not Deployment.objects.exists()
