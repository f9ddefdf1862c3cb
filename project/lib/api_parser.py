"""Reading a request's JSON: one strict decoder, every refusal with its place."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser

from project.lib.problems import MAX_PROBLEMS, Invalid, Loc, Problem

MAX_DEPTH = 200  # far below the interpreter's own limit, far above any real document
# What may stand in one body, so that reading and refusing it takes a second at most.
MAX_VALUES = 2_000_000
MAX_CONTAINERS = 300_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class StrictParser(Parser):
    """Refuses what could not be stored later: NUL, lone surrogates, numbers without end."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return cast("dict[str, Any]", parse_json(request.body))


def parse_json(body: bytes) -> object:
    """Decode a document. Raises Invalid with the place of whatever is wrong."""
    if crowded := _crowded(body):
        raise Invalid([Problem((), crowded, "too_many_values")])
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(
            [Problem((), f"The body is not valid JSON: {error}.", "json_invalid")]
        ) from None
    except RecursionError:
        raise Invalid([Problem((), "The body is nested too deeply.", "json_invalid")]) from None
    unstorable = _unstorable(document, escaped=b"\\u0000" in body)
    if problems := list(islice(unstorable, MAX_PROBLEMS)):
        raise Invalid(problems)
    return document


def _crowded(body: bytes) -> str:
    """Why the body holds too much to be decoded; empty when it does not."""
    if not _over_a_limit(body) or not _over_a_limit(bare := _STRING.sub(b"", body)):
        return ""
    values, containers = bare.count(b",") + 1, _containers(bare)
    if values > MAX_VALUES:
        return f"The body holds {values:,} values; at most {MAX_VALUES:,} are read."
    return f"The body holds {containers:,} objects and lists; at most {MAX_CONTAINERS:,} are read."


def _over_a_limit(text: bytes) -> bool:
    return text.count(b",") >= MAX_VALUES or _containers(text) > MAX_CONTAINERS


def _containers(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")


def _unstorable(document: object, *, escaped: bool) -> Iterator[Problem]:
    """One look at every container: bodies of 16 MiB hold millions of values."""
    waiting: list[tuple[object, Loc]] = [(document, ())]
    while waiting:
        node, loc = waiting.pop()
        if len(loc) > MAX_DEPTH:
            message = f"The body is nested deeper than {MAX_DEPTH} levels."
            yield Problem(loc[:8], message, "json_invalid")
            continue
        if escaped:
            yield from _with_nul(node, loc)
        if isinstance(node, dict):
            waiting += [
                (value, (*loc, key))
                for key, value in node.items()
                if escaped or isinstance(value, dict | list)
            ]
        elif isinstance(node, list):
            waiting += [
                (value, (*loc, index))
                for index, value in enumerate(node)
                if escaped or isinstance(value, dict | list)
            ]


def _with_nul(node: object, loc: Loc) -> Iterator[Problem]:
    if isinstance(node, dict):
        for key in node:
            if "\0" in key:
                yield Problem((*loc, key), "Keys cannot hold the character NUL.", "string_type")
    elif isinstance(node, str) and "\0" in node:
        yield Problem(loc, "Text cannot hold the character NUL.", "string_type")
