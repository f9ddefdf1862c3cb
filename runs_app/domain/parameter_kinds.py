"""What a JSON schema says of one parameter, in words and as a kind of field. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["text", "number", "integer", "boolean", "enum", "date", "long", "json"]
_MAX_REFERENCES = 20
_KIND_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list, as JSON",
    "object": "an object, as JSON",
    "null": "null",
}


def resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The schema behind references, and behind `… or null`; whether null is a value."""
    optional = False
    for _ in range(_MAX_REFERENCES):
        reference = node.get("$ref")
        choices = node.get("anyOf") or node.get("oneOf") or node.get("allOf")
        if isinstance(reference, str):
            node = _behind(reference, schema)
        elif isinstance(choices, list) and choices:
            parts = [part for part in choices if isinstance(part, dict)]
            real = [part for part in parts if part.get("type") != "null"]
            optional = optional or len(real) < len(parts)
            if len(real) != 1:
                return {}, optional
            node = real[0]
        else:
            break
    return dict(node), optional


def _behind(reference: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    node: Any = schema
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def kind_of(node: Mapping[str, Any]) -> Kind:
    if isinstance(node.get("enum"), list):
        return "enum"
    match node.get("type"):
        case "integer":
            return "integer"
        case "number":
            return "number"
        case "boolean":
            return "boolean"
        case "string":
            if node.get("format") == "date":
                return "date"
            return "long" if node.get("maxLength", 0) > 200 else "text"
    return "json"


_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "fits {}",
    "format": "{}",
}


def limits_of(node: Mapping[str, Any]) -> list[str]:
    """What the schema asks for beside the type, in words."""
    return [sentence.format(node[key]) for key, sentence in _LIMITS.items() if key in node]


def description_of(given: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    return str(given.get("description") or node.get("description") or "").strip()


def described(given: Mapping[str, Any], node: Mapping[str, Any], optional: bool) -> str:
    """What the schema says in words, then what it asks for."""
    limits = [expected_words(node), *limits_of(node)]
    if optional:
        limits.append("may be left empty")
    description = description_of(given, node)
    return f"{description} ({', '.join(limits)})" if description else ", ".join(limits)


def expected_words(node: Mapping[str, Any]) -> str:
    if isinstance(node.get("enum"), list):
        return "one of " + ", ".join(plain(value) for value in node["enum"][:10])
    kind = node.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join(_KIND_WORDS.get(str(each), "any JSON value") for each in kinds)


def plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def position_of(part: Any) -> float:
    """Prefect writes the order of the function's parameters into `position`."""
    position = part.get("position") if isinstance(part, dict) else None
    return position if isinstance(position, int | float) else float("inf")
