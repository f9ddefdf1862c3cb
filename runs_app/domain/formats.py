"""Formats of JSON schemas, as the flow that gets the value will read it. Pure.

A schema's `format` comes from an annotation such as `date`; what that type cannot be made of
fails in the run. Formats that no standard type stands for are not judged.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from jsonschema import FormatChecker
from pydantic import TypeAdapter, ValidationError

_TYPES: dict[str, TypeAdapter[Any]] = {
    "date": TypeAdapter(date),
    "date-time": TypeAdapter(datetime),
    "time": TypeAdapter(time),
    "duration": TypeAdapter(timedelta),
    "uuid": TypeAdapter(UUID),
}


def _check(adapter: TypeAdapter[Any], value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def checker() -> FormatChecker:
    formats = FormatChecker(formats=())
    for name, adapter in _TYPES.items():
        formats.checks(name)(lambda value, adapter=adapter: _check(adapter, value))
    return formats
