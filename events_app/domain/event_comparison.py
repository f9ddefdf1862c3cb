"""Two events side by side: label by label, value by value of the payload. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, overload

import msgspec

from events_app.domain.event import RESOURCE_ROLE

MOST_VALUES = 5_000  # of one part of an event that are looked at
MOST_LINES = 200  # of one part that are listed, of those that differ and of those that do not
LONGEST = 300  # characters of a path or a value
MOST_HTML = 75_000  # bytes of all lines as HTML: a quotation mark is six
LINE_HTML = 180  # of a line besides its texts
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """`before` and `after` are texts; None where an event has no such value."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """The values of the payload, the resource or the related resources.

    `more` counts what differs and is not listed; `partial`: not all values were looked at.
    """

    name: str
    different: Sequence[ComparedValue]
    more: int
    equal: Sequence[ComparedValue]
    equal_total: int
    partial: bool


@dataclass(frozen=True, slots=True)
class ComparedEvent:
    """What of an event is compared."""

    resource: Mapping[str, str]
    related: Sequence[Mapping[str, str]]
    payload: Mapping[str, Any]


def compare(before: ComparedEvent, after: ComparedEvent) -> list[ComparedPart]:
    """Values are alike where they have one path; those of both stand in the order of `after`."""
    parts = [
        ("Payload", _values(before.payload), _values(after.payload)),
        ("Resource", before.resource.items(), after.resource.items()),
        ("Related", _related(before.related), _related(after.related)),
    ]
    room = _Room(MOST_HTML)
    sides = [(name, _bounded(old), _bounded(new)) for name, old, new in parts]
    return [_part(name, old, new, room) for name, old, new in sides]


def _part(
    name: str,
    before: tuple[dict[str, str], bool],
    after: tuple[dict[str, str], bool],
    room: "_Room",
) -> ComparedPart:
    (old, old_cut), (new, new_cut) = before, after
    different: list[ComparedValue] = []
    equal: list[ComparedValue] = []
    for path in [*new, *(one for one in old if one not in new)]:
        line = ComparedValue(_clipped(path), _clipped(old.get(path)), _clipped(new.get(path)))
        (equal if old.get(path) == new.get(path) else different).append(line)
    listed = room.fill(different)
    return ComparedPart(
        name,
        listed,
        len(different) - len(listed),
        room.fill(equal),
        len(equal),
        old_cut or new_cut,
    )


@dataclass(slots=True)
class _Room:
    """How many bytes of HTML are left for values."""

    left: int

    def fill(self, lines: Sequence[ComparedValue]) -> list[ComparedValue]:
        """The first of them that there is room for."""
        listed: list[ComparedValue] = []
        for line in lines[:MOST_LINES]:
            texts = (line.path, line.before or "", line.after or "")
            self.left -= LINE_HTML + sum(len(escape(text).encode()) for text in texts)
            if self.left < 0:
                break
            listed.append(line)
        return listed


def _bounded(values: Iterable[tuple[str, Any]]) -> tuple[dict[str, str], bool]:
    """By path, the values as JSON; True when there are too many."""
    texts: dict[str, str] = {}
    for path, value in values:
        if len(texts) == MOST_VALUES:
            return texts, True
        texts[path] = _encode(value).decode()
    return texts, False


@overload
def _clipped(text: str) -> str: ...
@overload
def _clipped(text: None) -> None: ...
@overload
def _clipped(text: str | None) -> str | None: ...
def _clipped(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _values(payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value that has no parts, by its path. Without recursion: payloads may be deep."""
    waiting: list[tuple[str, Any]] = [("", dict(payload))]
    while waiting:
        path, value = waiting.pop()
        inner: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            inner = [(f"{path}.{key}" if path else key, one) for key, one in value.items()]
        elif isinstance(value, list):
            inner = [(f"{path}[{place}]", one) for place, one in enumerate(value)]
        if inner:
            waiting += reversed(inner)
        elif path:
            yield path, value


def _related(related: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, Any]]:
    """Each resource by its role, numbered where several have one, with all its labels."""
    numbers: Counter[str] = Counter()
    roles = Counter(one.get(RESOURCE_ROLE) or "no role" for one in related)
    for one in related:
        role = one.get(RESOURCE_ROLE) or "no role"
        numbers[role] += 1
        place = f"{role} {numbers[role]}" if roles[role] > 1 else role
        for label, value in one.items():
            if label != RESOURCE_ROLE:
                yield f"{place} · {label}", value
