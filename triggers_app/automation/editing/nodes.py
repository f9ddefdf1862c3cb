"""The triggers of a draft's document as nodes: their ids, places and neighbors. Pure.

A draft may be anything that somebody pasted. What is not an object, or lies deeper than a
document may be nested, is no node: it stays where it is, and the parser says what it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from project.lib.json_documents import Document
from project.lib.problems import Loc
from triggers_app.automation.parsing import MAX_DEPTH
from triggers_app.automation.triggers import GROUPS, kind_of


def fresh_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class Placed:
    """A node in its document; `node` is the document's own, not a copy."""

    node: Document
    loc: Loc
    parent: "Placed | None"

    @property
    def id(self) -> str:
        return str(self.node.get("id"))

    @property
    def kind(self) -> str:
        """event, compound, sequence, metric, or what the document says instead."""
        return kind_of(self.node)

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS

    @property
    def index(self) -> int:
        """The place among its siblings; 0 for the root."""
        return self.loc[-1] if isinstance(self.loc[-1], int) else 0

    @property
    def siblings(self) -> list[Any]:
        """The list in which it stands; empty for the root."""
        return [] if self.parent is None else self.parent.children

    @property
    def children(self) -> list[Any]:
        """The document's own list; made where there is none."""
        if not isinstance(self.node.get("triggers"), list):
            self.node["triggers"] = []
        children: list[Any] = self.node["triggers"]
        return children


def walk(document: Document) -> Iterator[Placed]:
    """Every node, parents first."""
    root = document.get("trigger")
    if isinstance(root, dict):
        yield from _below(Placed(root, ("trigger",), None))


def _below(placed: Placed) -> Iterator[Placed]:
    yield placed
    if len(placed.loc) > MAX_DEPTH or not isinstance(placed.node.get("triggers"), list):
        return
    for index, child in enumerate(placed.node["triggers"]):
        if isinstance(child, dict):
            yield from _below(Placed(child, (*placed.loc, "triggers", index), placed))


def find(document: Document, node_id: str) -> Placed | None:
    return next((placed for placed in walk(document) if placed.id == node_id), None)


def root(document: Document) -> Placed | None:
    return next(walk(document), None)


def numbered(document: Document, new_id: Callable[[], str] = fresh_id) -> Document:
    """The document with an id in every node that has none of its own; changed in place."""
    seen: set[str] = set()
    for placed in walk(document):
        known = placed.node.get("id")
        if not _is_id(known) or known in seen:
            known = placed.node["id"] = new_id()
        seen.add(str(known))
    return document


def renumbered(node: Document, new_id: Callable[[], str] = fresh_id) -> Document:
    """A trigger with new ids in all its nodes; changed in place."""
    for placed in walk({"trigger": node}):
        placed.node["id"] = new_id()
    return node


def _is_id(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
