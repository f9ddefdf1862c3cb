"""A form from a JSON schema: what stands in it, and what is read out of it."""

from typing import Any

import pytest

from runs_app.web.parameter_form import PREFIX, Field, fields_of, read

REPORT = {
    "type": "object",
    "required": ["day", "limit"],
    "properties": {
        "note": {"type": "string", "title": "Note", "position": 4},
        "day": {"type": "string", "format": "date", "position": 0},
        "limit": {"type": "integer", "minimum": 1, "default": 5, "position": 1},
        "mode": {"$ref": "#/definitions/Mode", "position": 2},
        "share": {"anyOf": [{"type": "number"}, {"type": "null"}], "position": 3},
        "dry": {"type": "boolean", "default": False, "position": 5},
        "rows": {"type": "array", "items": {"type": "string"}, "position": 6},
    },
    "definitions": {"Mode": {"enum": ["append", "replace"], "description": "How to write."}},
}


def named(schema: Any, defaults: dict[str, Any] | None = None) -> dict[str, Field]:
    return {each.name: each for each in fields_of(schema, defaults or {})}


def test_fields_stand_in_the_order_of_the_function_with_their_kinds() -> None:
    kinds = [(each.name, each.kind) for each in fields_of(REPORT, {})]

    assert kinds == [("day", "date"), ("limit", "integer"), ("mode", "enum"), ("share", "number"),
                     ("note", "text"), ("dry", "boolean"), ("rows", "json")]  # fmt: skip


def test_deployments_default_goes_before_the_schemas_and_ends_the_need() -> None:
    fields = named(REPORT, {"day": "2026-11-22", "limit": 7})

    assert (fields["limit"].value, fields["day"].value) == ("7", "2026-11-22")
    assert (fields["day"].required, named(REPORT)["day"].required) == (False, True)


def test_help_says_what_is_asked_for() -> None:
    fields = named(REPORT)

    assert fields["limit"].help == "a whole number, at least 1"
    assert fields["share"].help == "a number, may be left empty"
    assert fields["mode"].help == "How to write. (one of append, replace)"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("limit", "12", 12), ("share", "0.5", 0.5), ("share", "2", 2), ("dry", "true", True),
        ("mode", '"append"', "append"), ("rows", '["a"]', ["a"]), ("note", " 5 ", " 5 "),
        ("day", "2026-11-23", "2026-11-23"),
    ],
)  # fmt: skip
def test_text_becomes_a_value_of_its_type(name: str, text: str, value: Any) -> None:
    typed = read(fields_of(REPORT, {}), {PREFIX + name: text})

    assert (typed.values, typed.problems) == ({name: value}, [])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("limit", "5.5", "`5.5` is not a whole number."),
        ("limit", "true", "`true` is not a whole number."),
        ("share", "half", "`half` is not a number."),
        ("rows", "[1,", "This is not JSON: Expecting value at line 1, column 4."),
        ("limit", "9" * 5000, "`" + "9" * 60 + "` is not a whole number."),
    ],
    ids=["fraction", "boolean", "word", "json", "too long"],
)
def test_what_cannot_be_read_is_a_problem_of_its_field(name: str, text: str, said: str) -> None:
    typed = read(fields_of(REPORT, {}), {PREFIX + name: text})

    assert [(problem.loc, problem.msg) for problem in typed.problems] == [((name,), said)]


def test_empty_field_gives_no_value() -> None:
    fields = fields_of(REPORT, {})

    assert read(fields, {each.id.removeprefix("field-"): "" for each in fields}).values == {}


@pytest.mark.parametrize(
    "schema",
    [
        None, {}, {"properties": []}, {"properties": {"a": 1}}, {"properties": {"a": {}}},
        {"properties": {"a": {"$ref": "#/properties/a"}}}, {"properties": {"a": {"enum": []}}},
        {"properties": {"a": {"anyOf": []}}}, {"required": 3, "properties": {"a": {"type": []}}},
    ],
    ids=range(9),
)  # fmt: skip
def test_odd_schema_still_gives_a_form(schema: Any) -> None:
    assert [each.kind for each in fields_of(schema, {})] in ([], ["json"], ["enum"])
