"""A form for a block of any type, from the schema of its data. Pure.

Secrets are never written into a form: an empty field keeps what is there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from project.lib.problems import Problem

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BlockInput:
    """One field. `kind` is text, secret, choice, flag, number, lines, json or block."""

    name: str
    title: str
    kind: str
    required: bool = False
    help: str = ""
    choices: Sequence[str] = ()
    slugs: Sequence[str] = ()
    default: Any = None


def inputs_of(schema: Document) -> list[BlockInput]:
    """The fields of a schema, in the order that it gives them."""
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    ordered = sorted(properties.items(), key=_place)
    return [_input(name, each, schema) for name, each in ordered if isinstance(each, dict)]


def _place(item: tuple[str, Any]) -> tuple[int, str]:
    name, described = item
    place = described.get("position") if isinstance(described, dict) else None
    return (place if isinstance(place, int) else 1_000, name)


def _input(name: str, described: Document, schema: Document) -> BlockInput:
    shape = _shape(described)
    kind = _kind(shape)
    slugs = _slugs(schema, name)
    secret = name in (schema.get("secret_fields") or ())
    if slugs:
        kind = "block"
    elif secret:
        kind = "secret"
    return BlockInput(
        name=name,
        title=str(described.get("title") or name),
        kind=kind,
        required=name in (schema.get("required") or ()),
        help=_help(kind, str(described.get("description") or "")),
        choices=[str(each) for each in shape.get("enum") or ()],
        slugs=slugs,
        default=described.get("default"),
    )


def _shape(described: Document) -> Document:
    """Of alternatives the first that is not null."""
    for each in described.get("anyOf") or ():
        if isinstance(each, dict) and each.get("type") != "null":
            return each
    return described


def _kind(shape: Document) -> str:
    if shape.get("enum"):
        return "choice"
    match shape.get("type"):
        case "string":
            return "text"
        case "boolean":
            return "flag"
        case "integer" | "number":
            return "number"
        case "array" if (shape.get("items") or {}).get("type") == "string":
            return "lines"
    return "json"


def _slugs(schema: Document, name: str) -> list[str]:
    references = schema.get("block_schema_references")
    entry = references.get(name) if isinstance(references, dict) else None
    entries = entry if isinstance(entry, list) else [entry]
    return [each["block_type_slug"] for each in entries if isinstance(each, dict)]


def _help(kind: str, description: str) -> str:
    more = {"lines": "One per line.", "json": "JSON."}.get(kind, "")
    return " ".join(part for part in (description.split("\n\n")[0], more) if part)


def written(value: Any, field: BlockInput) -> str:
    """A value as the form shows it."""
    if field.kind == "secret" or value is None:
        return ""
    match field.kind:
        case "lines" if isinstance(value, list):
            return "\n".join(str(each) for each in value)
        case "flag":
            return "true" if value else "false"
        case "text" | "choice" | "number" | "block" if not isinstance(value, dict | list):
            return str(value)
    return json.dumps(value, ensure_ascii=False, indent=2)


def read_form(
    schema: Document, typed: Mapping[str, str], *, changing: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """The data that a form gives, and what is wrong with it.

    Empty fields are left out; of a block that is changed they become null, but for secrets.
    """
    data: dict[str, Any] = {}
    problems = []
    for field in inputs_of(schema):
        text = typed.get(field.name, "")
        text = text if field.kind == "secret" else text.strip()
        if not text:
            if field.required and not (changing and field.kind == "secret"):
                problems.append(Problem((field.name,), f"{field.title} is required."))
            elif changing and field.kind != "secret":
                data[field.name] = field.default
            continue
        try:
            data[field.name] = _value(field, text)
        except ValueError:
            problems.append(Problem((field.name,), _WRONG[field.kind]))
    return data, problems


_WRONG = {
    "json": "This is not JSON.",
    "number": "This is not a number.",
    "choice": "Choose one of the list.",
    "block": "Choose one of the list.",
}


def _value(field: BlockInput, text: str) -> Any:
    """Raises ValueError."""
    match field.kind:
        case "flag":
            return text == "true"
        case "number":
            number = float(text)
            return int(number) if number.is_integer() else number
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "json":
            return json.loads(text)
        case "choice" if text not in field.choices:
            raise ValueError
        case "block":
            return {"$ref": {"block_document_id": text}}
    return text
