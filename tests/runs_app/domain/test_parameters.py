"""What the schema of a deployment makes of parameters."""

from typing import Any

import pytest

from runs_app.domain.parameters import fit, refusal, schema_problems


def one(kind: Any, **rest: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": {"type": kind} | rest}}


UNION = {"properties": {"p": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
REFERENCE = {"properties": {"p": {"$ref": "#/definitions/N"}}, "definitions": {"N": one("x")}}
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
    "number for text": (one("string"), 5, "5 is not of type 'string'"),
    "bool for integer": (one("integer"), True, "True is not of type 'integer'"),
    "too small": (one("integer", minimum=3), "2", "2 is less than the minimum of 3"),
}


@pytest.mark.parametrize(("schema", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_values_that_do_not_fit_are_told(schema: Any, value: Any, message: str) -> None:
    _, problems = fit(schema, {"p": value})

    assert [(each.loc, each.msg) for each in problems] == [(("p",), message)]


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
