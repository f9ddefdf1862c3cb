"""Templates at any depth of an action's parameters."""

import time
from typing import Any

import pytest

from tests.triggers_app.automation.templating.test_templates import EVENT, VARIABLES
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import (
    RenderedParameters,
    check_parameters,
    names_in,
    render_parameters,
)
from triggers_app.automation.templating.templates import Templates

TEMPLATES = Templates()


def rendered(parameters: dict[str, Any]) -> RenderedParameters:
    return render_parameters(
        parameters,
        variables=VARIABLES,
        templates=TEMPLATES,
        budget=Budget(time.monotonic, seconds=5),
    )


def kind(name: str, **rest: Any) -> dict[str, Any]:
    return {"__prefect_kind": name, **rest}


PAYLOAD = "{{ event.payload.items_ | tojson }}"
VALUES = [
    ("plain text", "hello", "hello"),
    ("a number", 5, 5),
    ("a comment alone is no template", "{# c #}x", "{# c #}x"),
    ("jinja is always text", kind("jinja", template="{{ event.payload.amount }}"), "12.5"),
    ("json", kind("json", value='{"x": 1}'), {"x": 1}),
    ("json of jinja", kind("json", value=kind("jinja", template=PAYLOAD)), [1, {"a": 2}]),
    ("none", kind("none", value={"q": 1}), {"q": 1}),
    ("a variable", kind("workspace_variable", variable_name="cfg"), {"k": [1, 2]}),
    ("an unknown kind is its value", kind("zzz", value=7), 7),
    (
        "lists and objects",
        {"l": ["{{ event.payload.amount }}", "t{{ event.event }}", {"z": "{{ event.event }}"}]},
        {"l": [12.5, "ttpl.all", {"z": "tpl.all"}]},
    ),
    ("what arrives is data", "{{ event.payload.hostile }}", EVENT["payload"]["hostile"]),
]


@pytest.mark.parametrize(
    ("parameter", "value"), [row[1:] for row in VALUES], ids=[r[0] for r in VALUES]
)
def test_parameters_render_to(parameter: Any, value: Any) -> None:
    result = rendered({"p": parameter})

    assert result.problems == []
    assert result.values == {"p": value}


@pytest.mark.parametrize("name", ["json", "workspace_variable"])
def test_a_kind_without_its_key_is_no_parameter(name: str) -> None:
    assert rendered({"p": kind(name)}).values == {}


def test_every_failing_parameter_is_listed_with_its_path_and_expression() -> None:
    result = rendered(
        {
            "good": "{{ event.id }}",
            "a": {"b": ["x", "{{ event.payload.amunt }}"]},
            "c": kind("workspace_variable", variable_name="nope"),
            "d": "{{ 1 / 0 }}",
        }
    )

    assert [problem.path for problem in result.problems] == ["a.b[1]", "c", "d"]
    assert "`{{ event.payload.amunt }}`: `amunt` does not exist" in result.problems[0].msg


def test_a_missing_value_in_text_is_a_warning_with_its_path() -> None:
    result = rendered({"a": ["[{{ nope }}]"]})

    assert result.values == {"a": ["[]"]}
    assert result.warnings[0].startswith("a[0]: `nope` does not exist")


WRONG = [
    ({"a": "{{ x "}, "actions[0].a"),
    ({"a": {"b": ["{{ x "]}}, "actions[0].a.b[0]"),
    ({"a": kind("jinja", template="{{ x ")}, "actions[0].a.template"),
    ({"a": kind("jinja")}, "actions[0].a"),
    ({"a": kind("json", value="{nope")}, "actions[0].a.value"),
    ({"a": kind("json", value=kind("jinja", template="{% if %}"))}, "actions[0].a.value.template"),
]


@pytest.mark.parametrize(("parameters", "path"), WRONG, ids=[path for _, path in WRONG])
def test_what_cannot_be_rendered_is_told_at_creation(parameters: Any, path: str) -> None:
    problems = check_parameters(parameters, loc=("actions", 0), templates=TEMPLATES)

    assert [problem.path for problem in problems] == [path]


def test_the_names_that_templates_look_for_are_known_beforehand() -> None:
    parameters = {
        "a": ["{{ event.id }}"],
        "b": kind("json", value=kind("jinja", template="{{ flow.name }}{{ range(3) }}")),
    }

    assert names_in(parameters, templates=TEMPLATES) >= {"event", "flow"}
