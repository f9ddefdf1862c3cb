"""The values of a YAML text, made of its events: plain JSON values, with the line of each.

What ruamel's own loader builds costs twice as much, and merges in it have no bound.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode

from project.lib.problems import Loc
from triggers_app.automation.formats.yaml.events import MAX_DEPTH, YamlEvent

_PREFIX = "tag:yaml.org,2002:"
_MERGE, _SET, _ORDERED, _BINARY = (_PREFIX + each for each in ("merge", "set", "omap", "binary"))
_MADE = {_PREFIX + each for each in ("null", "bool", "int", "float", "timestamp")}
"""What becomes something else than a text; a tag of one's own is one of a text."""


@dataclass(frozen=True, slots=True)
class _Node:
    """`parts` are a list's items, or a mapping's keys and values in turn."""

    event: YamlEvent
    parts: "list[_Node]"

    @property
    def kind(self) -> str:
        return self.event.kind

    @property
    def pairs(self) -> "Iterator[tuple[_Node, _Node]]":
        return zip(self.parts[::2], self.parts[1::2], strict=True)


@dataclass(frozen=True, slots=True)
class YamlValues:
    """`lines` are those of keys and members; what was merged has none of its own."""

    value: Any
    lines: dict[Loc, int]


def values_of(events: Iterable[YamlEvent]) -> YamlValues:
    """Raises Unreadable."""
    composing = _Composing()
    root = composing.root(iter(events))
    if root is None:
        return YamlValues(None, {})
    building = _Building(composing.version)
    value = building.of(root, (), 0)
    return YamlValues(value, {**building.lines, (): root.event.line})


class _Composing:
    """Events as nodes; an alias is the very node that it stands for."""

    def __init__(self) -> None:
        self.version: tuple[int, int] | None = None
        self._anchors: dict[str, _Node] = {}

    def root(self, events: Iterator[YamlEvent]) -> _Node | None:
        for event in events:
            if event.kind == "document":
                self.version = event.version
            elif event.kind != "other":
                return self._node(event, events)
        return None

    def _node(self, event: YamlEvent, events: Iterator[YamlEvent]) -> _Node:
        if event.kind == "alias":
            return self._anchors[str(event.anchor)]
        node = _Node(event, [])
        if event.kind in ("mapping", "sequence"):
            while (inner := next(events)).kind != "end":
                node.parts.append(self._node(inner, events))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node


class _Building:
    def __init__(self, version: tuple[int, int] | None) -> None:
        self._scalars = _Scalars(version)
        self.lines: dict[Loc, int] = {}

    def of(self, node: _Node, loc: Loc, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise node.event.refused(f"This is nested deeper than {MAX_DEPTH} levels.")
        if node.kind == "scalar":
            return self._scalars.of(node.event)
        if node.kind == "mapping":
            mapping = self._mapping(node, loc, depth)
            return list(mapping) if node.event.tag == _SET else mapping
        items = []
        for index, part in enumerate(node.parts):
            self.lines[(*loc, index)] = part.event.line
            items.append(self.of(part, (*loc, index), depth + 1))
        if node.event.tag == _ORDERED and all(isinstance(item, dict) for item in items):
            return {key: value for item in items for key, value in item.items()}
        return items

    def _mapping(self, node: _Node, loc: Loc, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merges = []
        for key_node, value_node in node.pairs:
            if self._scalars.is_merge(key_node.event):
                merges.append(value_node)
                continue
            key = self._key(key_node, loc, depth)
            if key in made:
                raise key_node.event.refused(f"This is not YAML: found duplicate key `{key}`.")
            self.lines[(*loc, key)] = key_node.event.line
            made[key] = self.of(value_node, (*loc, key), depth + 1)
        for merged in merges:
            for key, value in self._merged(merged, loc, depth):
                made.setdefault(key, value)
        return made

    def _merged(self, node: _Node, loc: Loc, depth: int) -> Iterator[tuple[str, Any]]:
        """What the mappings behind a `<<` say, the first of them first."""
        for each in node.parts if node.kind == "sequence" else [node]:
            if each.kind != "mapping":
                message = "This is not YAML: expected a mapping or list of mappings for merging."
                raise each.event.refused(message)
            apart = _Building.__new__(_Building)
            apart._scalars, apart.lines = self._scalars, {}
            yield from apart._mapping(each, loc, depth + 1).items()

    def _key(self, node: _Node, loc: Loc, depth: int) -> str:
        """A key as it is written: `1.10` stays `1.10`."""
        if node.kind == "scalar":
            return node.event.value
        return str(self.of(node, (*loc, ""), depth + 1))


class _Scalars:
    def __init__(self, version: tuple[int, int] | None) -> None:
        reader = YAML(typ="rt")
        if version is not None:
            reader.version = version
        self._constructor = reader.constructor
        self._resolver = reader.resolver
        self._known: dict[str, Any] = {}

    def is_merge(self, event: YamlEvent) -> bool:
        untagged = event.style is None and event.tag is None and event.value == "<<"
        return event.kind == "scalar" and (untagged or event.tag == _MERGE)

    def of(self, event: YamlEvent) -> Any:
        if event.tag == _BINARY:
            raise event.refused("This is not YAML for texts: bytes have no place here.")
        if event.tag not in (None, "!"):
            return self._made(event, event.tag) if event.tag in _MADE else event.value
        if not event.plain:
            return event.value
        if event.value not in self._known:
            tag = str(self._resolver.resolve(ScalarNode, event.value, (True, False)))
            self._known[event.value] = self._made(event, tag) if tag in _MADE else event.value
        return self._known[event.value]

    def _made(self, event: YamlEvent, tag: str | None) -> Any:
        node = ScalarNode(tag, event.value, style=event.style)
        try:
            return plain(self._constructor.construct_non_recursive_object(node))
        except (YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
            first = (str(error).splitlines() or ["it is none"])[0]
            raise event.refused(f"`{event.value[:40]}` is no such value: {first}.") from None


def plain(value: Any) -> Any:
    """What ruamel makes of a scalar as a plain value."""
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "value", value))
