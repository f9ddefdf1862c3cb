"""Reading a request's JSON: one strict decoder, every refusal with its place."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser

from project.lib.problems import Invalid, Problem

MAX_DEPTH = 200  # far below the interpreter's own limit, far above any real document


class StrictParser(Parser):
    """Refuses what could not be stored later: NUL, lone surrogates, numbers without end."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return cast("dict[str, Any]", parse_json(request.body))


def parse_json(body: bytes) -> object:
    """Decode a document. Raises Invalid with the place of whatever is wrong."""
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(
            [Problem((), f"The body is not valid JSON: {error}.", "json_invalid")]
        ) from None
    except RecursionError:
        raise Invalid([Problem((), "The body is nested too deeply.", "json_invalid")]) from None
    if problems := list(_unstorable(document, (), escaped=b"\\u0000" in body)):
        raise Invalid(problems)
    return document


def _unstorable(node: object, loc: tuple[str | int, ...], *, escaped: bool) -> Iterator[Problem]:
    if len(loc) > MAX_DEPTH:
        yield Problem(
            loc[:8], f"The body is nested deeper than {MAX_DEPTH} levels.", "json_invalid"
        )
    elif isinstance(node, dict):
        for key, value in node.items():
            if escaped and "\0" in key:
                yield Problem((*loc, key), "Keys cannot hold the character NUL.", "string_type")
            yield from _unstorable(value, (*loc, key), escaped=escaped)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _unstorable(value, (*loc, index), escaped=escaped)
    elif escaped and isinstance(node, str) and "\0" in node:
        yield Problem(loc, "Text cannot hold the character NUL.", "string_type")
