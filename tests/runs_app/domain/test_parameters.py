"""What the schema of a deployment makes of parameters."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.domain.conversion import Conversion
from runs_app.domain.parameters import compiled, fit, refusal, schema_problems


def one(kind: Any, **rest: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": {"type": kind} | rest}}


UNION = {"properties": {"p": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
REFERENCE = {"properties": {"p": {"$ref": "#/definitions/N"}}, "definitions": {"N": one("x")}}
NULLABLE_TEXT = {"properties": {"p": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
ANY_OF_TEXT_AND_NUMBER = {"properties": {"p": {"anyOf": [{"type": "string"}, {"type": "number"}]}}}
NUMBER_OR_LIST = {"properties": {"p": {"oneOf": [{"type": "number"}, {"type": "array"}]}}}
CONVERTED = {
    "object to text": (one("string"), {"a": [1]}, '{"a": [1]}'),
    "list to text": (one("string"), [1, "é"], '[1, "é"]'),
    "object stays an object": (one("object"), {"a": 1}, {"a": 1}),
    "object where either is fine": (one(["string", "object"]), {"a": 1}, {"a": 1}),
    "text to integer": (one("integer"), " 12 ", 12),
    "text to negative integer": (one("integer"), "-3", -3),
    "text to number": (one("number"), "12.5", 12.5),
    "text of an integer to number": (one("number"), "12", 12),
    "text to true": (one("boolean"), "true", True),
    "Python's text to false": (one("boolean"), "False", False),
    "text in a union": (UNION, "7", 7),
    "text stays where text is fine": (one(["string", "integer"]), "7", "7"),
    "number to text": (one("string"), 20240101, "20240101"),
    "fraction to text": (one("string"), 1.5, "1.5"),
    "truth value to text": (one("string"), True, "true"),
    "number to text, or null": (NULLABLE_TEXT, 5, "5"),
    "null stays null": (NULLABLE_TEXT, None, None),
    "text to an object": (one("object"), ' {"a": 1} ', {"a": 1}),
    "text to a list": (one("array"), "[1, 2]", [1, 2]),
    "text to a list of numbers": (one("array", items={"type": "integer"}), '["1", 2]', [1, 2]),
    "a union takes what a member allows": (ANY_OF_TEXT_AND_NUMBER, 5, 5),
    "a union of a number and a list": (NUMBER_OR_LIST, "[1]", [1]),
    "the first member that fits": (one(["integer", "boolean"]), "true", True),
    "no type, no conversion": ({"properties": {"p": {}}}, "7", "7"),
    "not in the schema": ({"properties": {}}, "7", "7"),
}


@pytest.mark.parametrize(("schema", "value", "fitted"), CONVERTED.values(), ids=CONVERTED)
def test_values_are_converted_where_the_schema_asks_for_it(
    schema: Any, value: Any, fitted: Any
) -> None:
    values, problems = fit(schema, {"p": value})

    assert (values, problems) == ({"p": fitted}, [])
    assert type(values["p"]) is type(fitted)


REFUSED = {
    "no integer": (one("integer"), "12.5", "'12.5' is not of type 'integer'"),
    "leading zero": (one("integer"), "012", "'012' is not of type 'integer'"),
    "number too large for a float": (one("number"), "1e999", "'1e999' is not of type 'number'"),
    "null for text": ({**one("string"), "required": ["p"]}, None, "None is not of type 'string'"),
    "text that spells no object": (one("object"), "[1]", "'[1]' is not of type 'object'"),
    "text that is nearly JSON": (one("array"), "[NaN]", "'[NaN]' is not of type 'array'"),
    "a number that no database takes": (
        one("array"),
        "[1e999]",
        "'[1e999]' is not of type 'array'",
    ),
    "a text that no database takes": (
        one("array"),
        r'["\u0000"]',
        r"""'["\\u0000"]' is not of type 'array'""",
    ),
    "text that would be too long": (one("string", maxLength=2), 123, "123 is not of type 'string'"),
    "bool for integer": (one("integer"), True, "True is not of type 'integer'"),
    "too small": (one("integer", minimum=3), "2", "'2' is not of type 'integer'"),
}


@pytest.mark.parametrize(("schema", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_values_that_do_not_fit_are_told(schema: Any, value: Any, message: str) -> None:
    _, problems = fit(schema, {"p": value})

    assert [(each.loc, each.msg) for each in problems] == [(("p",), message)]


INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
NESTED: dict[str, tuple[Any, Any, Any]] = {
    "a member of an object": (
        {"type": "object", "properties": {"a": INTEGER}},
        {"a": "1"},
        {"a": 1},
    ),
    "a member of any name": (
        {"type": "object", "additionalProperties": INTEGER},
        {"a": "1", "b": "x"},
        {"a": 1, "b": "x"},
    ),
    "a member of a pattern": (
        {"type": "object", "patternProperties": {"^n_": INTEGER}, "additionalProperties": TEXT},
        {"n_a": "1", "b": 2},
        {"n_a": 1, "b": "2"},
    ),
    "members of a list": ({"type": "array", "items": TEXT}, [1, True, "x"], ["1", "true", "x"]),
    "the first ones of a list": (
        {"type": "array", "prefixItems": [INTEGER, TEXT], "items": {"type": "boolean"}},
        ["1", 2, "true"],
        [1, "2", True],
    ),
    "behind a reference": ({"$ref": "#/$defs/Order"}, {"amount": "1.5"}, {"amount": 1.5}),
    "behind a reference with signs": ({"$ref": "#/$defs/a~1b%20c"}, 5, "5"),
    "a list of references": (
        {"type": "array", "items": {"$ref": "#/$defs/Order"}},
        [{"amount": "1"}, {"amount": 2}],
        [{"amount": 1}, {"amount": 2}],
    ),
    "all of them": (
        {"allOf": [{"$ref": "#/$defs/Order"}, {"properties": {"note": TEXT}}]},
        {"amount": "1", "note": 5},
        {"amount": 1, "note": "5"},
    ),
    "an object or null": (
        {"anyOf": [{"$ref": "#/$defs/Order"}, {"type": "null"}]},
        {"amount": "1"},
        {"amount": 1},
    ),
    "the object of a union that fits": (
        {
            "anyOf": [
                {"properties": {"kind": {"const": "a"}, "v": TEXT}, "required": ["kind"]},
                {"properties": {"kind": {"const": "b"}, "v": INTEGER}, "required": ["kind"]},
            ]
        },
        {"kind": "b", "v": "1"},
        {"kind": "b", "v": 1},
    ),
    "in JSON text": ({"$ref": "#/$defs/Order"}, '{"amount": "1"}', {"amount": 1}),
    "within itself": (
        {"$ref": "#/$defs/Tree"},
        {"n": "1", "below": [{"n": "2", "below": [{"n": "3"}]}]},
        {"n": 1, "below": [{"n": 2, "below": [{"n": 3}]}]},
    ),
    "an object as text, within a list": (
        {"type": "array", "items": TEXT},
        [{"a": 1}],
        ['{"a": 1}'],
    ),
}
DEFINITIONS = {
    "Order": {"type": "object", "properties": {"amount": {"type": "number"}}},
    "Tree": {
        "type": "object",
        "properties": {"n": INTEGER, "below": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
    },
    "a/b c": TEXT,
}


@pytest.mark.parametrize(("part", "value", "fitted"), NESTED.values(), ids=NESTED)
def test_values_are_converted_at_every_depth(part: Any, value: Any, fitted: Any) -> None:
    schema = {"properties": {"p": part}, "$defs": DEFINITIONS}

    values, _ = fit(schema, {"p": value})

    assert values == {"p": fitted}
    assert json.dumps(values) == json.dumps({"p": fitted})  # 1 and True are not the same


def test_one_member_that_does_not_fit_hides_no_other() -> None:
    part = {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}}

    values, problems = fit({"properties": {"p": part}}, {"p": {"a": "1", "b": "x"}})

    assert values == {"p": {"a": 1, "b": "x"}}
    assert [each.loc for each in problems] == [("p", "b")]


def test_what_the_deployment_gives_is_not_converted() -> None:
    schema = {"properties": {"p": INTEGER, "q": INTEGER}}

    values, problems = compiled(schema).fit({"q": "2"}, below={"p": "1"})

    assert values == {"p": "1", "q": 2}
    assert [each.loc for each in problems] == [("p",)]


def test_the_schema_of_all_parameters_may_be_a_reference_too() -> None:
    schema = {"$ref": "#/$defs/P", "$defs": {"P": {"properties": {"p": INTEGER}}}}

    assert fit(schema, {"p": "1"}) == ({"p": 1}, [])


@pytest.mark.parametrize("reference", ["#/$defs/Loop", "http://127.0.0.1:9/x.json", "x"])
def test_references_that_lead_nowhere_convert_nothing(reference: str) -> None:
    schema = {
        "properties": {"p": {"allOf": [{"$ref": reference}, INTEGER]}},
        "$defs": {"Loop": {"$ref": "#/$defs/Loop"}},
    }

    values, problems = fit(schema, {"p": "1"})

    assert values["p"] == "1"
    assert problems


JSON_TYPE: dict[str, Any] = {
    "anyOf": [
        INTEGER,
        {"type": "array", "items": {"$ref": "#/$defs/Json"}},
        {"type": "array", "items": {"$ref": "#/$defs/Json"}, "maxItems": 9},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/Json"}},
    ]
}


def test_a_union_within_itself_is_walked_once_per_value() -> None:
    schema = {"properties": {"p": {"$ref": "#/$defs/Json"}}, "$defs": {"Json": JSON_TYPE}}
    value: Any = "1"
    for _ in range(12):
        value = [value]
    asked = 0

    def fits(each: Any, part: Any) -> bool:
        nonlocal asked
        asked += 1
        return isinstance(each, int) and part.get("type") in ("integer", None)

    Conversion(schema, fits).of(value, {"$ref": "#/$defs/Json"})

    assert asked < 1_000


DATES = {
    ("date", "2026-11-23"): True,
    ("date", "2026-11-23T12:00:00Z"): False,
    ("date", "yesterday"): False,
    ("date-time", "2026-11-23T12:00:00Z"): True,
    ("date-time", "2026-11-23 12:00"): True,
    ("date-time", "noon"): False,
    ("time", "12:00"): True,
    ("time", "2026-11-23"): False,
    ("duration", "PT5M"): True,
    ("duration", "a while"): False,
    ("uuid", "0f9b4c1e-2c1f-4a52-8f0b-3a0c9a1d7e55"): True,
    ("uuid", "order-7"): False,
    ("color", "anything"): True,
}


@pytest.mark.parametrize(("case", "valid"), DATES.items(), ids=str)
def test_formats_are_judged_as_the_flow_will_read_them(case: tuple[str, str], valid: bool) -> None:
    schema, values = one("string", format=case[0]), {"p": case[1]}

    _, problems = fit(schema, values)

    assert (problems == []) is valid
    assert compiled(schema).problems(values) == []  # the API takes what Prefect takes


@given(
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b"]), inner),
        max_leaves=8,
    ),
    part=st.recursive(
        st.sampled_from(
            [
                {"type": kind}
                for kind in ("string", "integer", "number", "boolean", "object", "array", "null")
            ]
        ),
        lambda inner: st.one_of(
            st.builds(lambda one: {"type": "array", "items": one}, inner),
            st.builds(lambda one: {"type": "object", "additionalProperties": one}, inner),
            st.builds(lambda some: {"anyOf": some}, st.lists(inner, min_size=1, max_size=3)),
        ),
        max_leaves=6,
    ),
)
@settings(max_examples=200, deadline=None)
def test_what_fits_stays_and_converting_again_changes_nothing(value: Any, part: Any) -> None:
    schema = {"properties": {"p": part}, "required": ["p"]}
    before = compiled(schema).problems({"p": value})

    values, problems = fit(schema, {"p": value})

    assert before or values["p"] is value
    assert len(problems) <= len(before)
    assert fit(schema, values) == (values, problems)


def test_every_problem_is_told() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["c"]}

    _, problems = fit(schema, {"a": "x", "b": "y"})

    assert {each.loc for each in problems} == {("a",), ("b",), ()}
    assert any("'c' is a required property" in each.msg for each in problems)


def test_null_stands_for_a_parameter_that_need_not_be_given() -> None:
    assert fit(one("integer"), {"p": None})[1] == []
    assert fit(one("integer") | {"required": ["p"]}, {"p": None})[1] != []


def test_the_sentence_is_that_of_prefect() -> None:
    _, problems = fit(one("integer"), {"p": "abc"})

    assert refusal(problems) == (
        "Validation failed for field 'p'. Failure reason: 'abc' is not of type 'integer'"
    )


BROKEN = {
    "remote reference": {"properties": {"p": {"$ref": "http://127.0.0.1:9/x.json"}}},
    "missing reference": {"properties": {"p": {"$ref": "#/definitions/none"}}},
    "endless reference": {"$ref": "#"},
    "no such type": {"properties": {"p": {"type": "integr"}}},
    "minimum that is no number": {"properties": {"p": {"minimum": "x"}}},
}


@pytest.mark.parametrize("schema", BROKEN.values(), ids=BROKEN)
def test_a_schema_that_cannot_be_used_is_a_problem_and_no_crash(schema: Any) -> None:
    _, problems = fit(schema, {"p": 5})

    assert problems[0].type == "schema"


def test_a_wrong_schema_is_told_with_its_place() -> None:
    (problem,) = schema_problems({"properties": {"p": {"type": "integr"}}})

    assert problem.loc == ("properties", "p", "type")
