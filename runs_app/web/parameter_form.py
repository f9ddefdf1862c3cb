"""A form generated from a JSON schema of parameters, and what was typed into it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from project.lib.line_ends import newlines
from project.lib.problems import Problem
from runs_app.domain.parameter_kinds import (
    Kind,
    described,
    kind_of,
    plain,
    position_of,
    resolved,
)

PREFIX = "parameter."
_SAME_DEFAULT = "(as it is)"


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter. `value` is what stands in the field; empty means: not given."""

    name: str
    kind: Kind
    title: str
    help: str
    required: bool
    default: str
    options: Sequence[tuple[str, str]] = ()
    value: str = ""
    problems: Sequence[str] = ()

    @property
    def default_words(self) -> str:
        return dict(self.options).get(self.default, self.default)

    @property
    def id(self) -> str:
        return f"field-{PREFIX}{self.name}"


@dataclass(slots=True)
class TypedParameters:
    """The values that were typed, and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def fields_of(
    schema: Mapping[str, Any] | None,
    defaults: Mapping[str, Any],
    posted: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> list[Field]:
    """A field for every parameter of the schema, in its order, with what was posted before."""
    schema = schema or {}
    properties = schema.get("properties")
    required = schema.get("required")
    required_names = set(required) if isinstance(required, list) else set()
    said: dict[str, list[str]] = {}
    for problem in problems:
        head = str(problem.loc[0]) if problem.loc else ""
        said.setdefault(head, []).append(str(problem) if len(problem.loc) > 1 else problem.msg)
    if not isinstance(properties, dict):
        return []
    ordered = sorted(properties.items(), key=lambda item: position_of(item[1]))
    return [
        _field(name, part, schema, defaults, name in required_names, posted, said.get(name, []))
        for name, part in ordered
    ]


def read(fields: Sequence[Field], posted: Mapping[str, str]) -> TypedParameters:
    """The values of the form; an empty field gives none, so that the default applies."""
    typed = TypedParameters()
    for each in fields:
        text = posted.get(PREFIX + each.name, "")
        if text == "" or (each.kind not in ("text", "long") and not text.strip()):
            continue
        try:
            typed.values[each.name] = _value(each, text)
        except ValueError as error:
            typed.problems.append(Problem((each.name,), str(error)))
    return typed


def read_object(text: str) -> TypedParameters:
    """All parameters as one JSON object, for a deployment without a schema."""
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        return TypedParameters(problems=[Problem((), _not_json(error))])
    if not isinstance(value, dict):
        return TypedParameters(
            problems=[Problem((), 'Parameters are a JSON object, such as {"limit": 5}.')]
        )
    return TypedParameters(values=value)


def _field(
    name: str,
    part: Any,
    schema: Mapping[str, Any],
    defaults: Mapping[str, Any],
    required: bool,
    posted: Mapping[str, str] | None,
    problems: Sequence[str],
) -> Field:
    given = part if isinstance(part, dict) else {}
    node, optional = resolved(given, schema)
    default = defaults.get(name, given.get("default", node.get("default")))
    kind = kind_of(node)
    text = "" if default is None else _text_of(default, kind)
    options = _options(node, kind, required and default is None)
    return Field(
        name=name,
        kind=kind,
        title=str(given.get("title") or name),
        help=described(given, node, optional),
        required=required and default is None,
        default=text,
        options=options,
        value=text if posted is None else posted.get(PREFIX + name, ""),
        problems=problems,
    )


def _options(node: Mapping[str, Any], kind: Kind, must_choose: bool) -> list[tuple[str, str]]:
    none = [("", "Choose one" if must_choose else _SAME_DEFAULT)]
    if kind == "boolean":
        return [*none, ("true", "true"), ("false", "false")]
    if kind == "enum":
        return none + [(json.dumps(value), plain(value)) for value in node["enum"]]
    return []


def _text_of(value: Any, kind: Kind) -> str:
    if kind in ("text", "long", "date") and isinstance(value, str):
        return value
    indent = 2 if kind == "json" and isinstance(value, dict | list) and value else None
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _value(each: Field, text: str) -> Any:
    match each.kind:
        case "text" | "long" | "date":
            return newlines(text)
        case "integer" | "number":
            return _number(text.strip(), whole=each.kind == "integer")
        case _:
            try:
                return json.loads(text)
            except (ValueError, RecursionError) as error:
                raise ValueError(_not_json(error)) from None


def _number(text: str, *, whole: bool) -> int | float:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ValueError(f"`{text[:60]}` is not a {'whole ' if whole else ''}number.")
    return value


def _not_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    return "This JSON cannot be read."
