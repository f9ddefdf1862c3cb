"""From what a template computed to what a parameter holds: JSON values, or text."""

import math
from collections.abc import Mapping, MappingView
from datetime import UTC, date, datetime, time, timedelta
from types import GeneratorType
from typing import Any
from uuid import UUID

import msgspec
from jinja2 import Undefined

from triggers_app.automation.templating.budget import (
    MAX_BITS,
    MAX_ITEMS,
    MAX_OUTPUT_BYTES,
    Budget,
    OutOfBudget,
    size_of,
)
from triggers_app.automation.templating.views import View

_SCALARS = (bool, int, float, str, type(None))


class Missing(Exception):
    """The value does not exist. `undefined` is what the template got in its place."""

    def __init__(self, undefined: Undefined) -> None:
        super().__init__(undefined)
        self.undefined = undefined


def native(value: Any, *, budget: Budget) -> Any:
    """The JSON value of a lone expression: UUIDs and times are text, views are objects.

    Raises Missing, OutOfBudget, or TypeError with a sentence for what JSON cannot say.
    """
    if type(value) is str:
        budget.write(value)
        return value
    if isinstance(value, View):
        # It stands for what came out of JSON, so there is nothing to look for in it.
        document = value.document()
        budget.count(len(msgspec.json.encode(document)))
        return document
    return _json(value, budget, 0)


def _json(value: Any, budget: Budget, depth: int) -> Any:
    budget.step()
    if depth > 100:
        raise OutOfBudget("The value is nested deeper than 100 levels.")
    if isinstance(value, _SCALARS):
        return _scalar(value, budget)
    if isinstance(value, Undefined):
        raise Missing(value)
    if isinstance(value, View):
        return _json(value.document(), budget, depth + 1)
    if isinstance(value, Mapping):
        return {_key(key, budget): _json(child, budget, depth + 1) for key, child in value.items()}
    if isinstance(value, list | tuple | set | frozenset | range | GeneratorType) or _is_lazy(value):
        return [_json(child, budget, depth + 1) for child in limited(value)]
    return budget.write(_text_of_object(value))


def _is_lazy(value: Any) -> bool:
    return isinstance(value, MappingView) or type(value).__name__ == "list_reverseiterator"


def limited(values: Any) -> Any:
    """The same values; raises OutOfBudget at the 100,001st."""
    for count, value in enumerate(values):
        if count >= MAX_ITEMS:
            raise OutOfBudget(f"A list may have at most {MAX_ITEMS:,} members.")
        yield value


def _scalar(value: Any, budget: Budget) -> Any:
    if isinstance(value, str):
        return budget.write(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"{value} is not a number that JSON can hold.")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise OutOfBudget("The number is too large.")
    budget.written += 8
    return value


def _key(key: Any, budget: Budget) -> str:
    if isinstance(key, Undefined):
        raise Missing(key)
    if isinstance(key, str):
        return budget.write(str(key))
    if isinstance(key, View) or key is None or isinstance(key, bool | int | float):
        return budget.write(str(key))
    return _text_of_object(key)


def _text_of_object(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    if callable(value):
        raise TypeError("The value is a function; call it with ().")
    raise TypeError(f"A {type(value).__name__} cannot be a parameter.")


def as_text(value: Any, *, budget: Budget) -> str:
    """A value inside text, written as Python writes it; views as their JSON."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | UUID | date | time | timedelta | type(None) | Undefined):
        size_of(value, at_most=MAX_OUTPUT_BYTES, budget=budget)
        return str(value)
    if isinstance(value, View):
        size_of(value.document(), at_most=MAX_OUTPUT_BYTES, budget=budget)
        return str(value)
    if isinstance(value, GeneratorType | range) or _is_lazy(value):
        value = list(limited(value))
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        size_of(value, at_most=MAX_OUTPUT_BYTES, budget=budget)
        return str(value)
    return _text_of_object(value)
