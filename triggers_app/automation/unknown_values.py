"""A value that the text before us does not know, such as `local.names` of Terraform. Pure.

A draft keeps its place: what is left out of a condition asks for nothing, so the trigger would
match more than anybody has written. No document with such a place is an automation.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from project.lib.problems import Loc, Problem

UNKNOWN = "__flint_unfinished"
"""The key of what stands for the value, or for further keys of the object that it is in."""
TYPE = "unfinished"
_MOST_TEXT = 120


def unknown(text: str) -> dict[str, Any]:
    """What stands in the place of a value; `text` is how it is written."""
    line = " ".join(text.split())
    return {UNKNOWN: line if len(line) <= _MOST_TEXT else f"{line[: _MOST_TEXT - 1]}…"}


def is_unknown(value: object) -> bool:
    """Whether this is not known at all; an object may also have some unknown keys."""
    return isinstance(value, dict) and value.keys() == {UNKNOWN}


def holds_unknown(value: object) -> bool:
    """Whether this, or some keys of this object, are not known."""
    return isinstance(value, dict) and UNKNOWN in value


def text_of(value: dict[str, Any]) -> str:
    """How the unknown value is written."""
    return str(value[UNKNOWN])


def name_of(document: Mapping[str, Any]) -> str:
    """What an automation's document calls it; empty where it does not say."""
    name: Any = document.get("name")
    if is_unknown(name):
        return text_of(name)
    return name if isinstance(name, str) else ""


def with_unknown_keys(value: dict[str, Any], text: str) -> dict[str, Any]:
    """The object with further keys that are not known."""
    before = [text_of(value)] if UNKNOWN in value else []
    return {**value, **unknown(", ".join([*before, text]))}


def unknown_places(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Every unknown value with its place; within a specification that of the row."""
    waiting: list[tuple[object, Loc]] = [(value, loc)]
    while waiting:
        node, at = waiting.pop()
        if isinstance(node, dict):
            if UNKNOWN in node:
                yield (*at, UNKNOWN) if _is_specification(at) else at, text_of(node)
            within = [(each, (*at, key)) for key, each in node.items() if key != UNKNOWN]
        elif isinstance(node, list):
            within = [(each, (*at, index)) for index, each in enumerate(node)]
        else:
            continue
        waiting += reversed(within)  # in the order in which they stand


def unknown_problems(document: object) -> list[Problem]:
    return [Problem(loc, _sentence(loc, text), TYPE) for loc, text in unknown_places(document)]


def without_those_below(problems: list[Problem], unknown: list[Problem]) -> list[Problem]:
    """The problems that are not about what is unknown."""
    places = {_object_of(each.loc) for each in unknown}
    # What may be a text or a list of texts is wrong as a whole, whichever of them is not known.
    lists = {place[:-1] for place in places if place and isinstance(place[-1], int)}
    return [
        each
        for each in problems
        if each.loc not in lists
        and not any(each.loc[:size] in places for size in range(len(each.loc) + 1))
    ]


def _object_of(loc: Loc) -> Loc:
    return loc[:-1] if loc[-1:] == (UNKNOWN,) else loc


def _is_specification(loc: Loc) -> bool:
    """Whether the object at this place is a row of conditions on labels."""
    of_list = len(loc) > 1 and isinstance(loc[-1], int)
    return bool(loc) and (loc[-2] if of_list else loc[-1]) in ("match", "match_related")


def _sentence(loc: Loc, text: str) -> str:
    keys = [part for part in _object_of(loc) if isinstance(part, str)]
    what = f"`{keys[-1]}`" if keys else "This"
    return f"{what} is unfinished: `{text}` is not known here. Write the value itself."


def left_out(document: dict[str, Any], loc: Loc) -> dict[str, Any]:
    """A copy of the document without the unknown value at this place; the others stay."""
    if not loc:
        return {key: value for key, value in document.items() if key != UNKNOWN}
    changed = deepcopy(document)
    around: Any = changed
    for part in loc[:-1]:
        around = around[part]
    if holds_unknown(around[loc[-1]]) and not is_unknown(around[loc[-1]]):
        around = around[loc[-1]]
        del around[UNKNOWN]
    else:
        del around[loc[-1]]
    return changed
