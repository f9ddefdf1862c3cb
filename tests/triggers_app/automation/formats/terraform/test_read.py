"""Terraform's resources read as automations: what they say, and what only Terraform knows."""

from typing import Any

import pytest
from hcl2.parser import parser

from triggers_app.automation.formats.reading import Reading, TextSpan
from triggers_app.automation.formats.terraform import (
    read as terraform_hcl,
)
from triggers_app.automation.formats.terraform import (
    write as terraform_writer,
)
from triggers_app.automation.unknown_values import is_unknown


def read(trigger: str, rest: str = "") -> Reading:
    head = 'resource "prefect_automation" "a" {\n  name = "n"\n'
    return terraform_hcl.read(f"{head}  trigger = {{\n{trigger}\n  }}\n{rest}}}\n")


FILE = """
data "prefect_deployment" "found" {
  name      = "found"
  flow_name = "f"
}
resource "prefect_flow" "nightly" { name = "nightly-flow" }
resource "prefect_deployment" "mine" {
  name    = "mine"
  flow_id = prefect_flow.nightly.id
}
resource "prefect_automation" "event_trigger" {
  name       = "my-automation" # a comment
  depends_on = [prefect_flow.nightly]
  trigger = {
    event = {
      posture = "Reactive"
      expect  = ["external.resource.pinged"]
    }
  }
  actions = [
    { type = "run-deployment", source = "selected", deployment_id = prefect_deployment.mine.id },
    { type = "pause-deployment", deployment_id = data.prefect_deployment.found.id },
    { type = "resume-deployment", deployment_id = prefect_deployment.elsewhere.id },
  ]
}
resource "prefect_automation" "other" {
  name    = "other"
  trigger = { sequence = { triggers = [] } }
}
"""


def test_objects_named_in_the_file_are_references_with_their_names() -> None:
    reading = terraform_hcl.read(FILE)

    first, second = reading.automations
    assert not reading.errors
    assert [(each.loc[1], each.name, each.flow_name) for each in first.references] == [
        (0, "mine", "nightly-flow"),
        (1, "found", "f"),
        (2, None, None),
    ]
    assert [each.code for each in reading.diagnostics] == ["unresolved"] * 3
    assert [loss.loc for loss in reading.losses] == [("depends_on",)]
    assert second.label == "other"
    assert second.document["trigger"] == {"type": "sequence", "triggers": [], "within": None}


VALUES: dict[str, tuple[str, Any]] = {
    "a map": ('jsonencode({ "a.b" : "x", c = ["y", "z"] })', {"a.b": "x", "c": ["y", "z"]}),
    "a text of JSON": ('"{\\"a\\": \\"b\\"}"', {"a": "b"}),
    "a here-document": ('<<EOT\n{"a": "b"}\nEOT\n', {"a": "b"}),
    "an indented one": ('<<-EOT\n    {"a":\n      "$${b}"}\n    EOT\n', {"a": "${b}"}),
    "escapes": (
        r'jsonencode({ a = "\"\\\n\u00e9\U0001F600 $${x} %%{y}" })',
        {"a": '"\\\né\U0001f600 ${x} %{y}'},
    ),
    "parentheses": ('(jsonencode(({ a = (("b")) })))', {"a": "b"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES.values(), ids=VALUES)
def test_a_value_is_read_as_terraform_does(text: str, value: Any) -> None:
    reading = read(f'event = {{\n posture = "Reactive"\n match = {text}\n}}')

    assert reading.document is not None, reading.diagnostics
    assert reading.document["trigger"]["match"] == value
    assert not reading.errors


NUMBERS = [("3", 3), ("-3", -3), ("- 3", -3), ("1.5", 1.5), ("1e3", 1000.0), ("-1.5e-1", -0.15)]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers_are_read(text: str, value: float) -> None:
    reading = read(f"compound = {{\n within = {text}\n require = 1\n triggers = []\n}}")

    assert reading.document is not None
    assert reading.document["trigger"]["within"] == value


UNKNOWABLE = [
    ("var.seconds", "Only Terraform can know what `var.seconds` is"),
    ("local.x + 1", "Only Terraform can know what `local.x + 1` is"),
    ('"${var.a}"', "Only Terraform can fill in `${var.a}`"),
    ("max(1, 2)", "Only Terraform can call `max`"),
    ("a ? 1 : 2", "Only Terraform can know"),
    ("[for x in y : x]", "Only Terraform can know"),
    ("prefect_flow.x.id", "Only Terraform can know what `prefect_flow.x.id` is"),
    ("<<EOT\n${x}\nEOT\n", "Only Terraform can fill in"),
    ("x.*.id", "Only Terraform can know"),
]


@pytest.mark.parametrize(("text", "message"), UNKNOWABLE)
def test_what_only_terraform_knows_is_said_at_its_place(text: str, message: str) -> None:
    reading = read(f'event = {{\n posture = "Reactive"\n within = {text}\n}}')

    [diagnostic] = reading.errors
    assert message in diagnostic.message
    assert diagnostic.line in (6, 7) and diagnostic.loc == ("trigger", "within")
    assert reading.document is not None and is_unknown(reading.document["trigger"]["within"])


PROBLEMS = [
    ("", 1, "no resource `prefect_automation`"),
    ('resource "prefect_flow" "x" {}', 1, "no resource `prefect_automation`"),
    ('resource "prefect_automation" "x" {\n  name =\n}', 2, "This is not HCL"),
    ('resource "prefect_automation" "x" {\n  name = "a"', 2, "something is missing"),
    ('trigger = {\n  event = {}\n  sequence = {}\n}\nname = ""\n', 1, "exactly one of"),
    ('trigger = {\n  event = {\n    within = -1\n  }\n}\nname = ""', 2, "`posture` is required"),
    ('trigger = {\n  event = {\n    within = -1\n  }\n}\nname = ""', 3, "not be negative"),
    ('name = ""\ntrigger = {\n event = {\n match = "{"\n}\n}', 4, "This must be JSON"),
]


@pytest.mark.parametrize(("text", "line", "message"), PROBLEMS)
def test_a_problem_has_its_line(text: str, line: int, message: str) -> None:
    said = terraform_hcl.read(text).errors

    assert [each for each in said if each.line == line and message in each.message], said


def test_nested_places_lead_to_the_right_node() -> None:
    reading = read('compound = {\n require = "all"\n triggers = [{ event = { expect = 5 } }]\n}')

    [found] = reading.automations
    place = found.places.of(("trigger", "triggers", 0, "expect"))
    assert place == TextSpan(6, 35, 6, 36)
    assert found.document["trigger"]["triggers"] == [{"type": "event", "expect": 5}]


LOSSES: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"tags": ["a"]}, ("tags",), "no attribute"),
    ({"name": "e\u0301"}, (), "NFC"),
    ({"actions": [{"type": "delete-flow-run"}]}, ("actions", 0), "refuses the action"),
    ({"trigger": {"type": "compound", "require": 1, "within": None, "triggers": [
        {"type": "sequence", "triggers": [], "within": None}]}},
     ("trigger", "triggers", 0), "refuses the sequence within a group"),
    ({"trigger": {"type": "metric", "metric": {"name": "x", "threshold": 1, "operator": "<"}}},
     ("trigger", "metric", "name"), "refuses the metric `x`"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "loc", "message"), LOSSES)
def test_what_the_provider_does_not_know_is_said(
    change: dict[str, Any], loc: tuple[str | int, ...], message: str
) -> None:
    trigger = {"type": "event", "posture": "Reactive"}
    writing = terraform_writer.write({"name": "n", "trigger": trigger, "actions": [], **change})

    [loss] = writing.losses
    assert loss.loc == loc and message in loss.message
    assert f"# {loss.message}\n" in writing.text


def test_the_grammar_can_be_built_before_anybody_waits_for_it() -> None:
    parser.cache_clear()

    terraform_hcl.warm()

    assert parser.cache_info().currsize == 1
