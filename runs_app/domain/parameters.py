"""Parameters and the schema that has the last word on them. Pure.

Source: docs/flow-runs.md, "Parameters". JSON Schema 2020-12, as Prefect's.
"""

import functools
import json
import math
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from project.lib.problems import Problem

Schema = dict[str, Any]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,299})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,299})(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}
_MAX_REFERENCES = 20


def fit(schema: Schema | None, values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Convert what the schema allows to convert, then check the result against it.

    Returns the values to use and every problem; the one that tells most stands first.
    """
    if not schema:
        return values, []
    return compiled(schema).fit(values)


def compiled(schema: Schema) -> "ParameterSchema":
    """The schema ready for use, kept from the last time it was asked for."""
    return _compile(json.dumps(schema, sort_keys=True))


@functools.lru_cache(maxsize=512)
def _compile(text: str) -> "ParameterSchema":
    return ParameterSchema(json.loads(text))


def schema_problems(schema: Schema) -> list[Problem]:
    """What is wrong with a schema itself."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [Problem(tuple(error.absolute_path), error.message, "schema")]
    except RecursionError:
        return [Problem((), "The schema is nested too deeply.", "schema")]
    return []


def refusal(problems: list[Problem]) -> str:
    """The sentence for the first problem, in Prefect's words."""
    first = problems[0]
    if not first.loc:
        return f"Validation failed. Failure reason: {first.msg}"
    return f"Validation failed for field {first.path!r}. Failure reason: {first.msg}"


class ParameterSchema:
    """A JSON schema of parameters, compiled once and used for many runs."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        properties = schema.get("properties")
        self._properties: dict[str, Any] = properties if isinstance(properties, dict) else {}
        self._types = {name: self._types_of(part) for name, part in self._properties.items()}
        required = schema.get("required")
        self._optional = set(self._properties) - set(required if isinstance(required, list) else ())
        # An empty registry: a reference to an address must not make the server fetch it.
        self._validator: Validator = Draft202012Validator(schema, registry=Registry())

    def fit(self, values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        fitted = self.convert(values)
        return fitted, self.problems(fitted)

    def convert(self, values: dict[str, Any]) -> dict[str, Any]:
        """Objects become JSON text where text is wanted; text becomes the value it spells."""
        types = self._types
        return {
            name: _convert(value, types[name]) if types.get(name) else value
            for name, value in values.items()
        }

    def problems(self, values: dict[str, Any]) -> list[Problem]:
        try:
            errors = list(self._validator.iter_errors(self._given(values)))
        except (Unresolvable, SchemaError) as error:
            return [Problem((), f"The parameter schema cannot be used: {error}", "schema")]
        except RecursionError:
            return [Problem((), "The parameter schema refers to itself without end.", "schema")]
        except Exception as error:  # jsonschema lets what a malformed schema provokes through
            return [Problem((), f"The parameter schema cannot be used: {error}", "schema")]
        if not errors:
            return []
        first = best_match(iter(errors))
        others = (error for error in errors if error is not first and error is not first.parent)
        return [_problem(first), *(_problem(error) for error in others)]

    def _given(self, values: dict[str, Any]) -> dict[str, Any]:
        """Null is a value of every parameter that need not be given, as it is for Prefect."""
        optional = self._optional
        return {name: v for name, v in values.items() if v is not None or name not in optional}

    def _types_of(self, part: Any) -> frozenset[str]:
        """The JSON types that a property may have; empty when the schema does not say."""
        found: set[str] = set()
        for node in self._alternatives(part, 0):
            kind = node.get("type")
            if kind is None and "enum" not in node and "const" not in node:
                return frozenset()
            found.update(kind if isinstance(kind, list) else [kind] if kind else [])
        return frozenset(kind for kind in found if isinstance(kind, str))

    def _alternatives(self, part: Any, depth: int) -> Iterator[Schema]:
        if not isinstance(part, dict) or depth > _MAX_REFERENCES:
            yield {}
            return
        if isinstance(part.get("$ref"), str):
            yield from self._alternatives(self._resolve(part["$ref"]), depth + 1)
            return
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(part.get(key), list) and part[key]:
                for option in part[key]:
                    yield from self._alternatives(option, depth + 1)
                return
        yield part

    def _resolve(self, reference: str) -> Any:
        node: Any = self._schema
        for step in reference.removeprefix("#/").split("/"):
            node = node.get(step) if isinstance(node, dict) else None
        return node


def _convert(value: Any, types: frozenset[str]) -> Any:
    if isinstance(value, dict | list):
        wanted = "object" if isinstance(value, dict) else "array"
        if "string" in types and wanted not in types:
            return json.dumps(value, ensure_ascii=False)
        return value
    if isinstance(value, str) and "string" not in types:
        return _spelled(value.strip(), types, value)
    return value


def _spelled(text: str, types: frozenset[str], otherwise: str) -> Any:
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        number = int(text) if _INTEGER.fullmatch(text) else float(text)
        return number if math.isfinite(number) else otherwise
    if "boolean" in types and text in _BOOLEANS:
        return _BOOLEANS[text]
    return otherwise


def _problem(error: ValidationError) -> Problem:
    return Problem(tuple(error.absolute_path), error.message, str(error.validator))
