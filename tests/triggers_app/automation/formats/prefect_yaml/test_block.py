"""Triggers of deployments in prefect.yaml: what they say, and what they cannot."""

import pytest

from project.lib.json_documents import Document
from tests.menagerie import ETL
from triggers_app.automation.formats.prefect_yaml import (
    block as deployment_block,
)
from triggers_app.automation.formats.prefect_yaml import (
    edit as block_edit,
)
from triggers_app.automation.formats.reading import TextSpan

RUN = {"type": "run-deployment", "source": "selected", "deployment_id": str(ETL)}
REACTIVE = {"type": "event", "posture": "Reactive", "expect": ["a"]}
FILE = """\
# ours
deployments:
  - name: nightly  # at night
    entrypoint: flow.py:load
    triggers:
      - name: first
        expect: [a]   # once
        parameters: {p: "{{ event.id }}"}
      - require: all
        triggers:
          - expect: [b]
  - name: other
"""


def test_every_trigger_of_a_prefect_yaml_is_read_with_its_deployment() -> None:
    reading = deployment_block.read(FILE)

    first, second = reading.automations
    assert not reading.errors
    assert first.document["actions"] == [
        {"type": "run-deployment", "source": "selected", "parameters": {"p": "{{ event.id }}"}}
    ]
    assert first.document["trigger"] == {"expect": ["a"], "posture": "Reactive"}
    assert second.document["name"] == "nightly__automation_2"
    assert second.document["trigger"]["within"] is None
    assert [each.references[0].name for each in reading.automations] == ["nightly", "nightly"]
    assert first.places.of(("trigger", "expect")) == TextSpan(7, 17, 7, 20)
    assert first.places.of(("actions", 0, "parameters", "p")) == TextSpan(8, 25, 8, 41)


def test_an_edit_changes_what_means_something_else_and_leaves_the_rest_of_the_file() -> None:
    old = deployment_block.read(FILE).document
    assert old is not None
    new = {**old, "description": "new", "trigger": {**REACTIVE, "threshold": 1, "within": 5}}

    text = block_edit.apply_edit(FILE, old, new)

    rows = FILE.split("\n")
    assert text.split("\n") == [
        *rows[:6],
        "        description: new",
        *rows[6:7],
        "        within: 5",
        *rows[7:],
    ]


def test_an_edit_leaves_a_time_and_a_default_as_they_are_written() -> None:
    text = "- name: n\n  enabled: true\n  expect: [a]\n  within: PT1M  # a minute\n"
    old = deployment_block.read(text).document
    assert old is not None
    new = {**old, "trigger": {**REACTIVE, "within": 60.0, "for_each": ["x"]}, "enabled": False}

    edited = block_edit.apply_edit(text, old, new)

    expected = text.replace("true", "false").replace("[a]\n", "[a]\n  for_each: [x]\n")
    assert edited == expected


FORMS = {
    "a list": "- expect: [a]\n",
    "a list with a key": "triggers:\n  - expect: [a]\n",
    "one": "expect: [a]\n",
    "JSON": '{"triggers": [{"expect": ["a"]}]}',
    "one as JSON": '{"expect": ["a"]}',
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_triggers_are_read_in_every_form(text: str) -> None:
    [found] = deployment_block.read(text).automations

    assert found.document["trigger"] == {"posture": "Reactive", "expect": ["a"]}
    assert [each.loc for each in found.references] == [("actions", 0, "deployment_id")]


def test_a_trigger_of_a_trigger_is_not_taken_for_a_list() -> None:
    [found] = deployment_block.read("type: sequence\ntriggers:\n  - expect: [a]\n").automations

    assert found.document["trigger"]["type"] == "sequence"


LOSSES: dict[str, tuple[Document, tuple[str | int, ...], str]] = {
    "tags": ({"tags": ["x"]}, ("tags",), "The tags are lost"),
    "other actions": ({"actions": [{"type": "do-nothing"}, RUN]}, ("actions", 0), "`do-nothing`"),
    "no action": ({"actions": []}, ("actions",), "A run of the deployment is added"),
    "inferred": (
        {"actions": [{"type": "run-deployment", "source": "inferred"}]},
        ("actions", 0, "source"),
        "not the inferred one",
    ),
    "the deployment": ({}, ("actions", 0, "deployment_id"), "runs the one that it belongs to"),
    "unknown": ({"actions": [{**RUN, "x": 1}]}, ("actions", 0, "x"), "`x` of the action is lost"),
    "on trigger": ({"actions_on_trigger": [RUN]}, ("actions_on_trigger",), "is lost"),
    "owner": ({"owner_resource": "x"}, ("owner_resource",), "The owner is lost"),
    "a key of both": ({"trigger": {**REACTIVE, "name": "x"}}, ("trigger", "name"), "is lost"),
    "no name": ({"name": ""}, ("name",), "called after its deployment"),
    "placeholders": (
        {"trigger": {**REACTIVE, "match": {"a": "{{ x }}"}}},
        ("trigger", "match"),
        "takes the {{ … }} in `match` out",
    ),
}


@pytest.mark.parametrize(("change", "loc", "message"), LOSSES.values(), ids=LOSSES)
def test_what_a_block_cannot_say_is_said(
    change: Document, loc: tuple[str | int, ...], message: str
) -> None:
    document = {"name": "n", "trigger": REACTIVE, "actions": [RUN], **change}

    losses = deployment_block.write(document).losses

    assert [loss for loss in losses if loss.loc == loc and message in loss.message], losses


def test_templates_in_parameters_are_no_loss() -> None:
    document = {
        "name": "n",
        "trigger": REACTIVE,
        "actions": [{**RUN, "parameters": {"a": "{{ event }}"}}],
    }

    losses = deployment_block.write(document).losses

    assert [loss.loc for loss in losses] == [("actions", 0, "deployment_id")]


def test_what_is_taken_out_of_the_two_way_block_is_gone() -> None:
    base = {"name": "n", "trigger": REACTIVE, "actions": [{**RUN, "parameters": {"a": 1}}]}
    text = deployment_block.write(base).text.replace("    parameters:\n      a: 1\n", "")

    read = deployment_block.read(text, base=base).document

    assert read == {**base, "actions": [RUN]}


@pytest.mark.parametrize("text", ["", "7", "triggers: []", "deployments: [{name: x}]", "- 1"])
def test_a_text_without_triggers_is_refused(text: str) -> None:
    assert deployment_block.read(text).document is None
    assert deployment_block.read(text).errors


@pytest.mark.parametrize("text", ["", "- ", "triggers: [7]", "a: [", "- {expect: 5}\n"])
def test_any_text_is_edited_into_the_trigger(text: str) -> None:
    new = {"name": "n", "trigger": REACTIVE, "actions": [RUN]}

    edited = block_edit.apply_edit(text, {}, new)

    assert deployment_block.read(edited, base=new).document == new
