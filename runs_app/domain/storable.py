"""What PostgreSQL could not keep: refused with its place before anything is written. Pure."""

import math
from collections.abc import Iterator
from typing import Any

from project.lib.problems import Loc, Problem

# Deeper JSON than this could not be walked by the parsers that read it back.
MAX_DEPTH = 100


def unstorable(value: Any, *, loc: Loc = ()) -> list[Problem]:
    """Every text, number and depth in a JSON value that the database refuses."""
    return list(_walk(value, loc))


def _walk(value: Any, loc: Loc) -> Iterator[Problem]:
    if isinstance(value, str):
        if problem := text_problem(value):
            yield Problem(loc, problem)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield Problem(loc, "A number must be finite.")
    elif isinstance(value, dict):
        yield from _walk_object(value, loc)
    elif isinstance(value, list | tuple):
        if len(loc) > MAX_DEPTH:
            yield Problem(loc[:5], f"JSON may be at most {MAX_DEPTH} levels deep.")
            return
        for index, item in enumerate(value):
            yield from _walk(item, (*loc, index))


def _walk_object(value: dict[Any, Any], loc: Loc) -> Iterator[Problem]:
    if len(loc) > MAX_DEPTH:
        yield Problem(loc[:5], f"JSON may be at most {MAX_DEPTH} levels deep.")
        return
    for key, item in value.items():
        if problem := text_problem(str(key)):
            yield Problem(loc, f"A key is wrong: {problem}")
            continue
        yield from _walk(item, (*loc, str(key)))


def text_problem(text: str) -> str | None:
    if "\0" in text:
        return "Text must not contain the NUL character."
    # ASCII is by far the most frequent, and `isascii` costs nothing.
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        return "Text must not contain lone surrogates."
    return None
