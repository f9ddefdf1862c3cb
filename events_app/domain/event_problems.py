"""What is wrong with a list of events: every problem, located, in sentences. Pure.

Slow and thorough; runs only for requests that the fast decoder refused or was unsure of.
"""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from project.lib.problems import Loc, Problem

MAX_EVENT_BYTES = 1_500_000
MAX_NAME = 1024  # characters
MAX_TEXT_BYTES = 2048  # of a name, a label or its value: what a PostgreSQL index can hold
MAX_RELATED = 100
MAX_LABELS = 500
MAX_DEPTH = 100
MAX_LITERAL = 1000  # characters of a number
ENOUGH_PROBLEMS = 200  # the rest would only make the answer long

Problems = Iterator[Problem]
_ODD_EXPONENT = re.compile(r"[eE][+-]?0*[1-9][0-9]{3}")
_decode_moment = msgspec.json.Decoder(datetime).decode
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def find_problems(body: bytes) -> list[Problem]:
    """Every problem (the first 200) of a JSON list of events; none, if it is fine."""
    try:
        document = json.loads(
            body.decode(), parse_float=_number, parse_int=_whole, parse_constant=_constant
        )
    except UnicodeDecodeError as error:
        return [Problem((), f"The body is not UTF-8 at byte {error.start}.", "json_invalid")]
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return [Problem((), f"The body is not JSON at {place}: {error.msg}.", "json_invalid")]
    except RecursionError:
        return [Problem((), f"JSON may be nested at most {MAX_DEPTH} levels deep.", "json_invalid")]
    return list(islice(_list(document), ENOUGH_PROBLEMS))


def _number(text: str) -> float:
    """A number of which PostgreSQL or a double could not hold the value becomes NaN."""
    if len(text) > MAX_LITERAL or _ODD_EXPONENT.search(text):
        return math.nan
    value = float(text)
    return value if math.isfinite(value) else math.nan


def _whole(text: str) -> float:
    return math.nan if len(text) > MAX_LITERAL else int(text)


def _constant(name: str) -> float:
    return math.nan


def _list(document: Any) -> Problems:
    if not isinstance(document, list):
        yield Problem((), "Input should be a valid list of events.", "list_type")
        return
    for index, member in enumerate(document):
        if isinstance(member, dict):
            yield from _event(member, (index,))
        else:
            yield Problem((index,), "Input should be an event, a JSON object.", "model_type")


def _event(member: dict[str, Any], loc: Loc) -> Problems:
    for name, judge in _FIELDS.items():
        if name in member:
            yield from judge(member[name], (*loc, name))
        elif name in _REQUIRED:
            yield Problem((*loc, name), "Field required", "missing")


def _occurred(value: Any, loc: Loc) -> Problems:
    remedy = "Write it as in 2026-01-31T12:00:00Z."
    if not isinstance(value, str):
        yield Problem(loc, f"Input should be a time in RFC 3339. {remedy}", "datetime_type")
        return
    try:
        moment = _decode_moment(json.dumps(value))
        if moment.tzinfo is not None:
            moment.astimezone(UTC)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        yield Problem(loc, f"This is not a time in RFC 3339. {remedy}", "datetime_parsing")
    except OverflowError:
        yield Problem(loc, "In UTC this is outside the years 1 to 9999.", "datetime_parsing")


def _name(value: Any, loc: Loc) -> Problems:
    if not isinstance(value, str):
        yield Problem(loc, "Input should be a valid string", "string_type")
        return
    yield from _text(value, loc)
    if len(value) > MAX_NAME:
        yield Problem(loc, f"Event name must be at most {MAX_NAME} characters.")
    elif _bytes(value) > MAX_TEXT_BYTES:
        yield Problem(loc, f"Event name must be at most {MAX_TEXT_BYTES:,} bytes in UTF-8.")


def _resource(value: Any, loc: Loc, *required: str) -> Problems:
    if not isinstance(value, dict):
        yield Problem(loc, "Input should be a valid dictionary", "dict_type")
        return
    kind = "Related resources" if required else "Resources"
    for label in (RESOURCE_ID, *required):
        if label not in value:
            yield Problem(loc, f"{kind} must include the {label} label.")
        elif value[label] == "":
            yield Problem(loc, f"The {label} label must be non-empty.")
    if len(value) > MAX_LABELS:
        yield Problem(loc, f"The maximum number of labels per resource is {MAX_LABELS}.")
    for label, text in value.items():
        yield from _label(label, text, (*loc, label))


def _label(label: str, value: Any, loc: Loc) -> Problems:
    if not isinstance(value, str):
        yield Problem(loc, "Input should be a valid string", "string_type")
        return
    yield from _text(label, loc)
    yield from _text(value, loc)
    for part, text in (("name", label), ("value", value)):
        if (size := _bytes(text)) > MAX_TEXT_BYTES:
            sentence = (
                f"The {part} of a label must be at most {MAX_TEXT_BYTES:,} bytes, not {size:,};"
                " long texts belong into the payload."
            )
            yield Problem(loc, sentence)


def _related(value: Any, loc: Loc) -> Problems:
    if not isinstance(value, list):
        yield Problem(loc, "Input should be a valid list", "list_type")
        return
    if len(value) > MAX_RELATED:
        yield Problem(loc, f"The maximum number of related resources is {MAX_RELATED}.")
    for index, resource in enumerate(value[:MAX_RELATED]):
        yield from _resource(resource, (*loc, index), RESOURCE_ROLE)


def _payload(value: Any, loc: Loc) -> Problems:
    if isinstance(value, dict):
        yield from _json(value, loc, depth=1)
    else:
        yield Problem(loc, "Input should be a valid dictionary", "dict_type")


def _json(value: Any, loc: Loc, *, depth: int) -> Problems:
    if isinstance(value, str):
        yield from _text(value, loc)
    elif isinstance(value, float) and math.isnan(value):
        sentence = f"Numbers must be finite and at most {MAX_LITERAL:,} characters long."
        yield Problem(loc, sentence, "finite_number")
    elif depth > MAX_DEPTH and isinstance(value, dict | list):
        yield Problem(loc, f"JSON may be nested at most {MAX_DEPTH} levels deep.")
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _text(key, (*loc, key))
            yield from _json(member, (*loc, key), depth=depth + 1)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _json(member, (*loc, index), depth=depth + 1)


def _id(value: Any, loc: Loc) -> Problems:
    if not isinstance(value, str):
        yield Problem(loc, "UUID input should be a string", "uuid_type")
    elif not _UUID.fullmatch(value):
        yield Problem(loc, "Input should be a valid UUID, 32 hexadecimal digits.", "uuid_parsing")


def _follows(value: Any, loc: Loc) -> Problems:
    if value is not None:
        yield from _id(value, loc)


def _text(value: str, loc: Loc) -> Problems:
    if "\0" in value:
        yield Problem(loc, "A text cannot hold the character NUL (\\u0000); leave it out.")
    try:
        value.encode()
    except UnicodeEncodeError:
        sentence = "A text cannot hold half of a surrogate pair (\\ud800 to \\udfff)."
        yield Problem(loc, sentence, "string_unicode")


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


_FIELDS = {
    "occurred": _occurred,
    "event": _name,
    "resource": _resource,
    "related": _related,
    "payload": _payload,
    "id": _id,
    "follows": _follows,
}
_REQUIRED = {"occurred", "event", "resource", "id"}
