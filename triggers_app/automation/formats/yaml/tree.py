"""The nodes of a YAML text with the exact characters they stand on, aliases as aliases.

Values know the lines of keys; edits of somebody's own text need every offset.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from project.lib.problems import Loc
from triggers_app.automation.formats.reading import Lines, Places
from triggers_app.automation.formats.yaml.events import YamlEvent

_BLANK = re.compile(r"(?:[ \t\r\n\ufeff]|(?<![^\s])#[^\n]*)*")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]*(?:#[^\n]*)?\s*)*")
MERGE = "<<"


class Untraceable(Exception):
    """The text is written in a way whose characters this module does not follow."""


@dataclass(slots=True)
class YamlNode:
    """`start` and `end` are offsets of the content; anchors and tags stand before `content`."""

    start: int
    end: int
    anchor: str | None = None
    content: int = 0


@dataclass(slots=True)
class Scalar(YamlNode):
    """`style` is '"', "'", "|", ">" or None for plain."""

    value: str = ""
    style: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.start == self.end


@dataclass(slots=True)
class Alias(YamlNode):
    pass


@dataclass(slots=True)
class YamlEntry:
    """`after` is the offset right behind the colon."""

    key: YamlNode
    value: YamlNode
    after: int

    @property
    def name(self) -> str:
        return self.key.value if isinstance(self.key, Scalar) else ""

    @property
    def is_merge(self) -> bool:
        return isinstance(self.key, Scalar) and self.key.style is None and self.name == MERGE


@dataclass(slots=True)
class Mapping(YamlNode):
    flow: bool = False
    entries: list[YamlEntry] = field(default_factory=list)


@dataclass(slots=True)
class Sequence(YamlNode):
    """`dashes` are the offsets of the dashes of a block sequence."""

    flow: bool = False
    items: list[YamlNode] = field(default_factory=list)
    dashes: list[int] = field(default_factory=list)


def children(node: YamlNode) -> list[YamlNode]:
    if isinstance(node, Mapping):
        return [each.value for each in node.entries]
    return node.items if isinstance(node, Sequence) else []


def trace(text: str, events: Iterable[YamlEvent]) -> YamlNode:
    """The root node of a text of which these are the events. Raises Untraceable."""
    return _Tracing(text, events).root()


def blank_end(text: str, at: int) -> int:
    """Where the next thing that is neither space nor comment stands."""
    match = _BLANK.match(text, at)
    return match.end() if match else at


class _Tracing:
    def __init__(self, text: str, events: Iterable[YamlEvent]) -> None:
        self._text = text
        self._events = iter(events)

    def root(self) -> YamlNode:
        next(self._events)  # the stream's
        next(self._events)  # the document's
        return self._node(next(self._events), 0)

    def _node(self, event: YamlEvent, floor: int) -> YamlNode:
        """`floor` is the place from which on the node can stand, where it is empty."""
        start = event.start
        if event.kind == "alias":
            return Alias(start, event.end, event.anchor, start)
        if event.kind == "scalar":
            return self._scalar(event, start, floor)
        match = _PROPERTIES.match(self._text, start)
        content = match.end() if match and (event.anchor or event.tag) else start
        if event.kind == "mapping":
            return self._mapping(Mapping(start, start, event.anchor, content, event.flow))
        if event.kind == "sequence":
            return self._sequence(Sequence(start, start, event.anchor, content, event.flow))
        raise Untraceable(event.kind)

    def _scalar(self, event: YamlEvent, start: int, floor: int) -> YamlNode:
        end = event.end
        if event.style in ("|", ">"):
            written = self._text[start:end]
            header = written.split("\n", 1)[0].split("#", 1)[0]
            kept = written.removesuffix("\n") if "+" in header else written.rstrip()
            end = start + len(kept.removesuffix("\r"))
        elif start == end:
            start = end = floor
        match = _PROPERTIES.match(self._text, start)
        content = match.end() if match and event.anchor else start
        return Scalar(start, end, event.anchor, content, event.value, event.style)

    def _mapping(self, node: Mapping) -> YamlNode:
        end = node.content
        while (event := next(self._events)).kind != "end":
            key = self._node(event, end)
            after = blank_end(self._text, key.end)
            if not isinstance(key, Scalar) or self._text[after : after + 1] != ":":
                raise Untraceable("a key of another form")
            value = self._node(next(self._events), after + 1)
            node.entries.append(YamlEntry(key, value, after + 1))
            end = value.end
        node.end = event.end if node.flow else end
        return node

    def _sequence(self, node: Sequence) -> YamlNode:
        end = node.content
        while (event := next(self._events)).kind != "end":
            if not node.flow:
                end = blank_end(self._text, end)
                if self._text[end : end + 1] != "-":
                    raise Untraceable("an item of another form")
                node.dashes.append(end)
                end += 1
            item = self._node(event, end)
            node.items.append(item)
            end = item.end
        node.end = event.end if node.flow else end
        return node


def places(text: str, root: YamlNode) -> Places:
    """The place of everything; what came through an alias or a merge has the place of that."""
    traced, lines = Places(), Lines(text)

    def walk(node: YamlNode, loc: Loc) -> None:
        traced.values[loc] = lines.span(node.start, node.end)
        if isinstance(node, Mapping):
            for entry in node.entries:
                place = (*loc, entry.name)
                traced.keys[place] = lines.span(entry.key.start, entry.key.end)
                walk(entry.value, place)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                walk(item, (*loc, index))

    walk(root, ())
    return traced
