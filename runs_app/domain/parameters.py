"""Parameters and the schema that has the last word on them. Pure.

Source: docs/flow-runs.md, "Parameters". JSON Schema 2020-12, as Prefect's.
"""

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from project.lib.problems import Problem
from runs_app.domain.conversion import Conversion
from runs_app.domain.formats import checker

Schema = dict[str, Any]

FORMATS = checker()


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
        required = schema.get("required")
        self._optional = set(self._properties) - set(required if isinstance(required, list) else ())
        # An empty registry: a reference to an address must not make the server fetch it.
        self._validator: Validator = Draft202012Validator(schema, registry=Registry())
        self._with_formats = self._validator.evolve(format_checker=FORMATS)

    def fit(
        self, given: dict[str, Any], *, below: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], list[Problem]]:
        """What `given` becomes on top of `below`, which is not converted; and every problem.

        Formats count: what the flow could not read is a problem.
        """
        values = {**(below or {}), **given}
        problems = self.problems(values, formats=True)
        if not problems or problems[0].type == "schema":
            return values, problems
        # A run whose values fit costs one validation, and no conversion.
        converted = Conversion(self._schema, self._fits).of(values, self._schema)
        fitted = {name: converted[name] if name in given else values[name] for name in values}
        return fitted, self.problems(fitted, formats=True)

    def problems(self, values: dict[str, Any], *, formats: bool = False) -> list[Problem]:
        validator = self._with_formats if formats else self._validator
        try:
            errors = list(validator.iter_errors(self._given(values)))
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

    def _fits(self, value: Any, schema: Any) -> bool:
        try:
            return bool(self._with_formats.evolve(schema=schema).is_valid(value))
        except Exception:  # a malformed part allows nothing, and is told by `problems`
            return False


def _problem(error: ValidationError) -> Problem:
    return Problem(tuple(error.absolute_path), error.message, str(error.validator))
