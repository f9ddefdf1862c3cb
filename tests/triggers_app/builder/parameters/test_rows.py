"""Values of actions as rows of a form: what goes in comes out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers_app.strategies import OBJECTS, TEXTS, VALUES, actions
from triggers_app.automation.actions import ACTION_TEXTS
from triggers_app.automation.templating.parameters import KIND
from triggers_app.builder.parameters.rows import (
    ABSENT,
    Given,
    NotJson,
    ParameterRow,
    changes,
    from_json,
    mode_and_text,
    parameter_rows,
    pieces,
    read,
    text_rows,
    with_value,
)
from triggers_app.builder.parameters.service import raw_text

KINDS = ["text", "number", "integer", "boolean", "enum", "date", "long", "json"]
JINJA = TEXTS.map(lambda text: {KIND: "jinja", "template": text})
ANY = st.one_of(
    VALUES,
    JINJA,
    st.sampled_from(
        ["{{ a }}", "5", " 5", "true", "NaN", '"', "[1,", "\\x0a", "\r", "a\r\nb", "1e999"]
    ),
)
SCHEMA = {
    "required": ["day"],
    "properties": {
        "limit": {"type": "integer", "minimum": 1, "default": 5, "position": 1},
        "day": {"type": "string", "format": "date", "position": 2, "description": "Which day."},
        "mode": {"enum": ["append", "replace"], "position": 3},
        "tables": {"anyOf": [{"type": "array"}, {"type": "null"}], "position": 0},
    },
}


def exact(value: Any) -> str:
    """1, 1.0 and true are equal in Python, and different here."""
    return json.dumps(value)


def as_browser(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(value=ANY, kind=st.sampled_from(KINDS))
def test_value_in_a_row_is_the_value(value: Any, kind: Any) -> None:
    mode, text = mode_and_text(value, kind)

    assert exact(read(mode, text, kind)) == exact(value)


@given(value=ANY, kind=st.sampled_from(KINDS))
def test_value_survives_the_line_ends_of_a_browser(value: Any, kind: Any) -> None:
    mode, text = mode_and_text(value, kind)
    sent = as_browser(text).replace("\r\n", "\n")

    assert exact(read(mode, sent, kind)) == exact(value)


@given(parameters=st.none() | OBJECTS, schema=st.sampled_from([None, SCHEMA]))
def test_form_that_nobody_touched_changes_nothing(parameters: Any, schema: Any) -> None:
    rows = parameter_rows(parameters, schema, {})
    given_ = {as_browser(r.name).replace("\r\n", "\n"): form_of(r) for r in rows}

    assert list(changes(rows, given_)) == []


@given(parameters=OBJECTS)
def test_document_is_made_again_of_its_rows(parameters: Any) -> None:
    made: Any = {}
    for row in parameter_rows(parameters, SCHEMA, {}):
        made = with_value(made, row.name, read(row.mode, row.text, row.kind))

    assert {name: exact(value) for name, value in made.items()} == {
        name: exact(value) for name, value in parameters.items()
    }


@given(action=actions())
def test_texts_and_whole_objects_of_any_action_are_kept(action: dict[str, Any]) -> None:
    made = dict(action)
    for row in text_rows(action, ACTION_TEXTS.get(action["type"], ()), {}):
        made = with_value(made, row.name, read(row.mode, row.text, row.kind))
    for name in ("parameters", "job_variables"):
        text = raw_text(action, name)
        made = with_value(made, name, from_json(text) if text else ABSENT)

    assert exact(made) == exact(action)


def form_of(row: ParameterRow, **changed: str) -> Given:
    return Given(
        row.name, changed.get("choice", row.choice), changed.get("text", as_browser(row.text))
    )


def row_of(value: Any, name: str = "limit") -> ParameterRow:
    parameters = {} if value is ABSENT else {name: value}
    return next(r for r in parameter_rows(parameters, SCHEMA, {}) if r.name == name)


@pytest.mark.parametrize(
    ("before", "name", "choice", "text", "after"),
    [
        (ABSENT, "limit", "unset", "7", 7),
        (ABSENT, "limit", "unset", "{{ a }}", "{{ a }}"),
        (ABSENT, "limit", "literal", "many", "many"),
        (5, "limit", "literal", "5.0", 5.0),
        (5, "limit", "literal", '"5"', "5"),
        (5, "limit", "template", "{{ a }}", "{{ a }}"),
        (5, "limit", "unset", "5", ABSENT),
        (ABSENT, "day", "literal", "", ""),
        (ABSENT, "day", "unset", "5", "5"),
        ("5", "day", "json", "5", 5),
        (ABSENT, "mode", 'is:"append"', "", "append"),
        ("append", "mode", "unset", "", ABSENT),
        ("append", "mode", "template", "{{ a }}", "{{ a }}"),
        (ABSENT, "tables", "literal", '["a"]', ["a"]),
    ],
    ids=str,
)
def test_change_of_a_row(before: Any, name: str, choice: str, text: str, after: Any) -> None:
    row = row_of(before, name)

    [(_, mode, typed)] = changes([row], {name: Given(name, choice, text)})

    value = read(mode, typed, row.kind)
    assert value is after if after is ABSENT else exact(value) == exact(after)


@pytest.mark.parametrize(
    ("choice", "text"), [("template", ""), ("literal", "")], ids=["template", "literal"]
)
def test_way_that_is_chosen_before_anything_is_written_sets_nothing(choice: str, text: str) -> None:
    assert list(changes([row_of(ABSENT)], {"limit": Given("limit", choice, text)})) == []


def test_required_ones_stand_first_then_the_order_of_the_function_then_strangers() -> None:
    rows = parameter_rows({"zoo": 1}, SCHEMA, {})

    assert [row.name for row in rows] == ["day", "tables", "limit", "mode", "zoo"]
    assert [row.required for row in rows] == [True, False, False, False, False]


def test_row_says_type_purpose_limits_and_what_holds_otherwise() -> None:
    rows = {row.name: row for row in parameter_rows(None, SCHEMA, {"mode": "replace"})}

    assert (rows["day"].expected, rows["day"].help) == ("date", "Which day.")
    assert (rows["limit"].expected, rows["limit"].help) == ("integer", "At least 1.")
    assert rows["tables"].expected == "array or null"
    assert (rows["limit"].default, rows["limit"].default_of) == ("5", "the flow")
    assert (rows["mode"].default, rows["mode"].default_of) == ("replace", "the deployment")


def test_value_that_the_deployment_gives_is_not_required() -> None:
    [day, *_] = parameter_rows(None, SCHEMA, {"day": "2026-11-22"})

    assert day.required is False


def test_choice_that_is_none_of_the_list_stays_to_be_found_wrong() -> None:
    row = row_of("upsert", "mode")

    assert row.choice == 'is:"upsert"'
    assert ('"upsert"', '"upsert"') in row.options


def test_strangers_are_said_to_be_unknown_only_where_there_is_a_schema() -> None:
    [*_, stranger] = parameter_rows({"zoo": 1}, SCHEMA, {})
    [alone] = parameter_rows({"zoo": 1}, None, {})

    assert (bool(stranger.help), bool(alone.help)) == (True, False)


@pytest.mark.parametrize(
    "schema",
    [{"properties": []}, {"properties": {"a": 3}}, {"required": 5, "properties": {"a": True}}],
    ids=str,
)
def test_malformed_schemas_make_rows_all_the_same(schema: Any) -> None:
    assert [row.name for row in parameter_rows({"a": 1}, schema, {})] == ["a"]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"a": 1 2}', 1, 9), ('{\n "a" 1}', 2, 6), ("NaN", 1, 1), ("[" * 100_000, 1, 1)],
    ids=["comma", "second line", "NaN", "deep"],
)
def test_what_is_no_json_says_where(text: str, line: int, column: int) -> None:
    with pytest.raises(NotJson) as caught:
        from_json(text)

    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{ b }} c", [(False, "a "), (True, "{{ b }}"), (False, " c")]),
        ("{% if a %}x", [(True, "{% if a %}"), (False, "x")]),
        ("a {{ b", [(False, "a "), (True, "{{ b")]),
        ("", []),
    ],
    ids=["expression", "statement", "not closed", "empty"],
)
def test_expressions_are_marked(text: str, expected: list[tuple[bool, str]]) -> None:
    assert pieces(text) == expected
