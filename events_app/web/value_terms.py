"""The values of an event as lines, each with the term of the query box that finds it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from events_app.domain.search_filters import NUMBER
from events_app.domain.search_query import Term, parse_search

MOST_LINES = 100
MOST_LABELS = 40
MOST_RELATED = 20
DEEPEST = 6
LONGEST = 300  # characters of a value
LONGEST_TERM = 500
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ValueLine:
    """`term` is "" where the query box cannot say it; `path`: how a template names the value."""

    name: str
    text: str
    term: str = ""
    path: str = ""
    is_text: bool = False
    parts: "tuple[ValueLine, ...]" = ()


@dataclass(frozen=True, slots=True)
class EventLines:
    """`more`: there are values that no line shows."""

    payload: tuple[ValueLine, ...]
    resource: tuple[ValueLine, ...]
    related: tuple[ValueLine, ...]
    more: bool


def event_lines(
    resource: Mapping[str, str], related: list[dict[str, str]], payload: Mapping[str, Any]
) -> EventLines:
    room = _Room(MOST_LINES)
    lines = tuple(_members(payload, room, (), "event.payload"))
    more = room.full or len(resource) > MOST_LABELS or len(related) > MOST_RELATED
    return EventLines(lines, tuple(_labels(resource)), tuple(_related(related)), more)


@dataclass(slots=True)
class _Room:
    left: int
    full: bool = False

    def take(self) -> bool:
        self.left -= 1
        self.full = self.full or self.left < 0
        return self.left >= 0


def _members(value: Any, room: _Room, keys: tuple[str, ...], path: str) -> Iterator[ValueLine]:
    for key, inner in _pairs(value):
        if not room.take():
            return
        inner_path = f"{path}{_step(key)}"
        name = str(key)
        if isinstance(inner, dict | list) and inner:
            yield _branch(name, inner, room, (*keys, name), inner_path)
        else:
            yield _leaf(name, inner, (*keys, name), inner_path)


def _branch(name: str, value: Any, room: _Room, keys: tuple[str, ...], path: str) -> ValueLine:
    word = "entry" if len(value) == 1 else "entries"
    text = f"{len(value)} {word}"
    if len(keys) >= DEEPEST:
        room.full = True
        return ValueLine(name, text, path=path)
    return ValueLine(name, text, path=path, parts=tuple(_members(value, room, keys, path)))


def _leaf(name: str, value: Any, keys: tuple[str, ...], path: str) -> ValueLine:
    text = json.dumps(value, ensure_ascii=False)
    said = value if isinstance(value, str) else text
    sayable = isinstance(value, str | bool) or bool(re.fullmatch(NUMBER, text))
    dotted = any("." in key for key in keys)
    term = checked(Term("payload", said, ".".join(keys))) if sayable and not dotted else ""
    return ValueLine(name, _clipped(text), term, path, isinstance(value, str))


def _labels(resource: Mapping[str, str]) -> Iterator[ValueLine]:
    ordered = sorted(resource.items(), key=lambda pair: (pair[0] != RESOURCE_ID, pair[0]))
    for name, value in ordered[:MOST_LABELS]:
        is_id = name == RESOURCE_ID
        term = Term("resource", value) if is_id else Term("label", value, name)
        path = "event.resource.id" if is_id else f"event.resource{_step(name)}"
        yield ValueLine(name, _clipped(value), checked(term), path, True)


def _related(related: list[dict[str, str]]) -> Iterator[ValueLine]:
    for one in related[:MOST_RELATED]:
        identity = one.get(RESOURCE_ID, "")
        role = one.get(RESOURCE_ROLE, "")
        path = f"event.resource_in_role{_item(role)}" if role else ""
        yield ValueLine(role, _clipped(identity), checked(Term("related", identity)), path, True)


def _pairs(value: Any) -> Iterable[tuple[str | int, Any]]:
    return value.items() if isinstance(value, dict) else enumerate(value)


def _step(key: str | int) -> str:
    if isinstance(key, str) and _PLAIN_NAME.fullmatch(key):
        return f".{key}"
    return _item(key)


def _item(key: str | int) -> str:
    return f"[{json.dumps(key, ensure_ascii=False)}]"


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def checked(term: Term) -> str:
    """Its text, if reading that gives the same term."""
    text = term.text
    if not term.value or len(text) > LONGEST_TERM:
        return ""
    query = parse_search(text, now=datetime.max)
    return "" if query.problems or query.terms != (term,) else text
