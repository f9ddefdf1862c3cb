"""The events of a YAML text, bounded while they are read: nothing large is built from a small text.

1. Every key and value counts one, an alias (merged or not) as much as what it stands for.
2. An alias within what it stands for never ends, and is refused.
3. Reading stops at the first value over a bound: of a nest without an end little is looked at.

libyaml reads, ten times as fast as ruamel. It does not know halves of surrogate pairs, as JSON
writes them (`\\ud83d\\ude00`): texts with those are read by ruamel.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Literal

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError as RuamelError
from ruamel.yaml.error import YAMLError as RuamelsError

MAX_NODES = 100_000
MAX_DEPTH = 64
_HALVES = re.compile(r"\\u[dD][89abAB]")
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Kind = Literal["scalar", "alias", "mapping", "sequence", "end", "document", "other"]
_KINDS: dict[str, Kind] = {
    "ScalarEvent": "scalar",
    "AliasEvent": "alias",
    "MappingStartEvent": "mapping",
    "SequenceStartEvent": "sequence",
    "MappingEndEvent": "end",
    "SequenceEndEvent": "end",
    "DocumentStartEvent": "document",
}


class Unreadable(Exception):
    """A text that is not read; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass(slots=True)
class YamlEvent:
    """`start` and `end` are offsets; `line` and `column` count from 1.

    `style` is '"', "'", "|", ">" or None for plain; `plain` whether the tag is told from the text.
    """

    kind: Kind
    start: int
    end: int
    line: int
    column: int
    anchor: str | None = None
    tag: str | None = None
    value: str = ""
    style: str | None = None
    plain: bool = False
    flow: bool = False
    version: tuple[int, int] | None = None

    def refused(self, message: str) -> Unreadable:
        return Unreadable(message, self.line, self.column)


def events_of(text: str, *, most: int = MAX_NODES) -> list[YamlEvent]:
    """All events of the only document. Raises Unreadable."""
    counting = _Counting(most)
    events = []
    for event in _read(text):
        counting.count(event)
        events.append(event)
    return events


def _read(text: str) -> Iterator[YamlEvent]:
    slow = _HALVES.search(text) is not None
    try:
        events = YAML(typ="rt").parse(StringIO(text)) if slow else yaml.parse(text, Loader=_FAST)
        for event in events:
            yield _event(event)
    except (yaml.MarkedYAMLError, RuamelError) as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(str(error.problem or error.context).split())
        # libyaml puts the end of a text onto a line of its own.
        place = _place(text, min(mark.index, len(text.rstrip()))) if mark else ()
        raise Unreadable(f"This is not YAML: {message}.", *place) from None
    except (yaml.YAMLError, RuamelsError) as error:
        raise Unreadable(str(error).splitlines()[0], *_place_of(error, text)) from None
    except UnicodeEncodeError as error:
        place = _place(text, error.start)
        raise Unreadable("This is not YAML: half a surrogate pair stands here.", *place) from None


def _event(raw: Any) -> YamlEvent:
    kind = _KINDS.get(type(raw).__name__, "other")
    start, end = raw.start_mark, raw.end_mark
    event = YamlEvent(kind, start.index, end.index, start.line + 1, start.column + 1)
    if kind == "document":
        event.version = raw.version
    elif kind not in ("end", "other"):
        event.anchor = raw.anchor
    if kind in ("scalar", "mapping", "sequence"):
        event.tag = raw.tag or None
    if kind == "scalar":
        event.style = raw.style or None
        event.plain = bool(raw.implicit[0])
        # ruamel marks where it folded lines.
        event.value = raw.value.replace("\a", "") if event.style == ">" else raw.value
    elif kind in ("mapping", "sequence"):
        event.flow = bool(raw.flow_style)
    return event


def _place_of(error: Exception, text: str) -> tuple[int, ...]:
    at = getattr(error, "position", None)
    return _place(text, at) if isinstance(at, int) else ()


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


@dataclass(slots=True)
class _Counting:
    """`open` are the collections around: their anchors, and the count before them."""

    most: int
    nodes: int = 0
    documents: int = 0
    open: list[tuple[str | None, int]] = field(default_factory=list)
    sizes: dict[str, int | None] = field(default_factory=dict)

    def count(self, event: YamlEvent) -> None:
        if event.kind == "end":
            anchor, before = self.open.pop()
            if anchor is not None:
                self.sizes[anchor] = self.nodes - before
        elif event.kind == "document":
            self.documents += 1
            if self.documents > 1:
                raise event.refused("This is not YAML: a second document begins here.")
        elif event.kind != "other":
            self._count_node(event)

    def _count_node(self, event: YamlEvent) -> None:
        is_collection = event.kind in ("mapping", "sequence")
        if is_collection:
            self.open.append((event.anchor, self.nodes))
            if len(self.open) > MAX_DEPTH + 1:
                raise event.refused(f"This is nested deeper than {MAX_DEPTH} levels.")
        self.nodes += self._size(event) if event.kind == "alias" else 1
        if self.nodes > self.most:
            raise event.refused(f"The text holds more than {self.most:,} values.")
        if event.anchor is not None and event.kind != "alias":
            self.sizes[event.anchor] = None if is_collection else 1

    def _size(self, alias: YamlEvent) -> int:
        anchor = str(alias.anchor)
        if anchor not in self.sizes:
            raise alias.refused(f"This is not YAML: found undefined alias '{anchor}'.")
        size = self.sizes[anchor]
        if size is None:
            raise alias.refused(f"`*{anchor}` stands within what it stands for.")
        return size
