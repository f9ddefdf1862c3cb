"""Flows read from their source: name, text, and the schema of their parameters."""

import pytest

from triggers_app.automation.formats.python.signature import (
    NoSuchFunction,
    Signature,
    read_signature,
)


def signature(parameters: str, decorator: str = "", body: str = "pass") -> Signature:
    return read_signature(f"{decorator}\ndef take_order({parameters}):\n    {body}\n", "take_order")


ANNOTATIONS = [
    ("x: str", {"type": "string"}),
    ("x: int", {"type": "integer"}),
    ("x: float", {"type": "number"}),
    ("x: bool", {"type": "boolean"}),
    ("x", {}),
    ("x: Any", {}),
    ("x: dict", {"type": "object", "additionalProperties": True}),
    ("x: dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
    ("x: typing.Dict[str, Any]", {"type": "object", "additionalProperties": True}),
    ("x: list[str]", {"type": "array", "items": {"type": "string"}}),
    ("x: List", {"type": "array", "items": {}}),
    ("x: str | None", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ("x: Optional[int]", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    (
        "x: Union[int, str, None]",
        {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
    ),
    ("x: Literal['a', 1]", {"enum": ["a", 1]}),
    ("x: 'str'", {"type": "string"}),
    ("x: datetime.datetime", {"type": "string", "format": "date-time"}),
    ("x: UUID", {"type": "string", "format": "uuid"}),
    ("x: Annotated[int, 'n']", {"type": "integer"}),
]


@pytest.mark.parametrize(("parameter", "schema"), ANNOTATIONS, ids=[row[0] for row in ANNOTATIONS])
def test_an_annotation_becomes_a_schema(parameter: str, schema: dict[str, object]) -> None:
    read = signature(parameter)

    assert read.schema["properties"]["x"] == {**schema, "title": "x", "position": 0}
    assert read.schema["required"] == ["x"]
    assert read.unread == []


def test_an_annotation_that_says_nothing_takes_any_value() -> None:
    read = signature("x: Order, y: list[Order], z: Order | None")

    assert read.unread == ["x", "z"]
    assert read.schema["properties"]["x"] == {"title": "x", "position": 0}


def test_defaults_are_told_where_json_can_hold_them() -> None:
    read = signature("a=1.5, b=None, c=('x',), d=now(), *, e={'k': [1]}")

    properties = read.schema["properties"]
    assert {name: one["default"] for name, one in properties.items() if "default" in one} == {
        **{"a": 1.5, "b": None},
        "e": {"k": [1]},
    }
    assert "required" not in read.schema


@pytest.mark.parametrize(
    ("decorator", "name", "description"),
    [
        ("", "take-order", "Words."),
        ("@flow", "take-order", "Words."),
        ("@prefect.flow(name='orders', log_prints=True)", "orders", "Words."),
        ("@flow(description='Other.', name=NAME)", "take-order", "Other."),
    ],
)
def test_a_flow_has_the_name_that_prefect_would_give_it(
    decorator: str, name: str, description: str
) -> None:
    read = signature("", decorator, '"""Words."""')

    assert (read.flow_name, read.description) == (name, description)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def other(): pass", "it has no function `f` at its top level"),
        ("class A:\n    def f(self): pass", "it has no function `f`"),
        ("def f(:", "it is not Python"),
        ("\x00", "it is not Python"),
    ],
)
def test_a_source_without_the_function_is_refused(source: str, message: str) -> None:
    with pytest.raises(NoSuchFunction, match=message):
        read_signature(source, "f")
