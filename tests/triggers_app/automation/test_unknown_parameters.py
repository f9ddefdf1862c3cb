"""Parameters that a deployment's schema does not know, at every depth."""

from typing import Any

import pytest

from triggers_app.automation.unknown_parameters import unknown_parameters

ORDER = {"type": "object", "properties": {"amount": {}, "customer": {}}}
PROPERTIES = {
    "limit": {"type": "integer"},
    "order": {"$ref": "#/$defs/Order"},
    "orders": {"type": "array", "items": {"allOf": [{"$ref": "#/$defs/Order"}]}},
    "free": {"type": "object", "additionalProperties": True},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": PROPERTIES,
    "$defs": {"Order": ORDER, "Loop": {"$ref": "#/$defs/Loop"}},
}
CASES: dict[str, tuple[Any, dict[str, Any] | None, list[tuple[str, str | None]]]] = {
    "known": ({"limit": 1}, SCHEMA, []),
    "a slip": ({"limt": 1}, SCHEMA, [("p.limt", "limit")]),
    "another": ({"colour": 1}, SCHEMA, [("p.colour", None)]),
    "closed": ({"Limit": 1}, {**SCHEMA, "additionalProperties": False}, [("p.Limit", "limit")]),
    "open": ({"limt": 1}, {**SCHEMA, "additionalProperties": True}, []),
    "no schema": ({"limt": 1}, None, []),
    "nothing described": ({"limt": 1}, {"type": "object"}, []),
    "a field": ({"order": {"amout": 1}}, SCHEMA, [("p.order.amout", "amount")]),
    "a field of a member": (
        {"orders": [{"costumer": 1}]}, SCHEMA, [("p.orders.0.costumer", "customer")],
    ),
    "a free map": ({"free": {"limt": 1}}, SCHEMA, []),
    "a template": ({"order": "{{ event.payload.order }}"}, SCHEMA, []),
    "Prefect's template": ({"order": {"__prefect_kind": "jinja", "template": "x"}}, SCHEMA, []),
    "an endless schema": (
        {"x": {"y": 1}}, {**SCHEMA, "properties": {"x": {"$ref": "#/$defs/Loop"}}}, [],
    ),
    "no parameters": (None, SCHEMA, []),
}  # fmt: skip


@pytest.mark.parametrize(("given", "schema", "expected"), CASES.values(), ids=CASES)
def test_parameters_against_the_schema(
    given: Any, schema: dict[str, Any] | None, expected: list[tuple[str, str | None]]
) -> None:
    found = list(unknown_parameters(given, schema, loc=("p",), of="`load`"))

    assert [(".".join(map(str, each.loc)), each.meant) for each in found] == expected


def test_the_sentence_names_the_deployment() -> None:
    [found] = unknown_parameters({"limt": 1}, SCHEMA, loc=("p",), of="`load`")

    assert found.sentence == "`limt` is not a parameter of `load`. Did you mean `limit`?"
