"""Prefect's own file of automations, pasted: each is there to choose."""

import json

import pytest

from triggers_app.automation.formats import detect
from triggers_app.automation.formats.reading import TextSpan
from triggers_app.automation.formats.registry import Format

TWO = """\
# what `prefect automation create --from-file` takes
automations:
  - name: first
    trigger:
      expect: [a]
      match:
        region: eu
    actions:
      - type: do-nothing
  - name: second
    trigger: {posture: Proactive, expect: [b], within: 60}
    actions: [{type: do-nothing}]
"""
LIST = TWO.split("automations:\n")[1]
IN_JSON = {"name": "x", "trigger": {}, "actions": []}
ONE = "name: first\ntrigger: {posture: Reactive, expect: [a]}\nactions: [{type: do-nothing}]\n"


def test_each_is_found_with_its_place_and_the_defaults_of_prefects_client() -> None:
    reading = detect.read(TWO)

    first, second = reading.automations
    assert not reading.diagnostics
    assert [each.label for each in reading.automations] == ["first", "second"]
    assert first.document["trigger"]["posture"] == "Reactive"
    assert first.places.of(("trigger", "expect")) == TextSpan(5, 15, 5, 18)
    assert second.places.of(("trigger", "expect")) == TextSpan(11, 43, 11, 46)


FORMS = {
    "a map": (TWO, Format.YAML, 2),
    "a list": (LIST, Format.YAML, 2),
    "one": (ONE, Format.YAML, 1),
    "JSON": (json.dumps({"automations": [IN_JSON] * 3}), Format.JSON, 3),
    "a list in JSON": (json.dumps([IN_JSON]), Format.JSON, 1),
}  # fmt: skip


@pytest.mark.parametrize(("text", "format", "count"), FORMS.values(), ids=FORMS)
def test_every_form_of_the_file_is_recognized(text: str, format: Format, count: int) -> None:
    assert detect.detect(text).format is format
    assert len(detect.read(text).automations) == count


WRONG = {
    "one below automations": (
        "automations:\n  name: x\n  trigger: {expect: [a]}\n",
        "`automations` must be a list, and this is one automation: begin it with `- `.",
    ),
    "automations by name": (
        "automations:\n  late: {trigger: {}}\n  early: {trigger: {}}\n",
        "this is a map: begin each automation with `- `, not with `late:`, `early:`.",
    ),
    "automations as a text": ("automations: none\n", "this is a text"),
    "no automation": ("automations: []\n", "There is no automation here."),
    "another spelling": (
        "Automations:\n  - name: x\n    trigger: {expect: [a]}\n",
        "`Automations` is not known here. Did you mean `automations`?",
    ),
    "an automation as a trigger": (
        "triggers:\n  - name: x\n    trigger: {expect: [a]}\n    actions: []\n",
        "This is an automation with actions of its own.",
    ),
    "one trigger": (
        "triggers:\n  expect: [a]\n",
        "`triggers` must be a list, and this is one trigger: begin it with `- `.",
    ),
    "triggers by name": (
        "triggers:\n  late:\n    expect: [a]\n",
        "`triggers` must be a list, and this is a map: begin each trigger with `- `, "
        "not with `late:`.",
    ),
    "triggers of a deployment": (
        "deployments:\n  - name: x\n    triggers: {expect: [a]}\n",
        "`triggers` must be a list",
    ),
    "deployments": (
        "deployments:\n  name: x\n  entrypoint: a.py:f\n",
        "`deployments` must be a list, and this is one deployment: begin it with `- `.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_another_shape_is_told_with_what_would_be_right(text: str, told: str) -> None:
    reading = detect.read(text)

    assert not reading.automations
    [diagnostic] = reading.errors
    assert told in diagnostic.message


def test_a_group_of_triggers_is_not_taken_for_a_list() -> None:
    reading = detect.read("require: all\ntriggers:\n  - expect: [a]\n")

    assert reading.document is not None
    assert reading.document["trigger"]["type"] == "compound"


def test_unknown_keys_of_a_pasted_text_are_told_with_a_fix() -> None:
    text = TWO.replace("expect: [a]", "expects: [a]").replace(" 60", " 60, colour: 1")

    slip, other = detect.read(text).diagnostics

    assert (slip.line, slip.message.split(". ")[-1]) == (5, "Did you mean `expect`?")
    assert slip.fix is not None and slip.fix.text == "expect"
    assert other.message == "`colour` is not a key of an event trigger and has no effect."
    assert other.fix is None


def test_a_key_that_makes_no_automation_is_told_once_with_a_fix() -> None:
    [told] = detect.read(ONE.replace("name: first", "name: first\nenabld: false")).diagnostics

    assert (told.code, told.line, told.column) == ("extra_forbidden", 2, 1)
    assert told.fix is not None and told.fix.text == "enabled"


def test_a_fix_never_writes_a_key_twice() -> None:
    [told] = detect.read(ONE.replace("expect: [a]", "expect: [a], expects: [b]")).diagnostics

    assert "Did you mean `expect`?" in told.message
    assert told.fix is None
