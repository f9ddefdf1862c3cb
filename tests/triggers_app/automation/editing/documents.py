"""Drafts for tests: nodes are called by short names instead of ids."""

from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from tests.menagerie import named
from triggers_app.automation.editing.nodes import walk
from triggers_app.automation.editing.operations import Operated, operate


def n(name: str) -> str:
    """The id of the node of that name."""
    return str(named(name))


def event(name: str, **fields: Any) -> Document:
    node: Document = {"type": "event", "id": n(name), "posture": "Reactive", "expect": [name]}
    return {**node, **fields}


def metric(name: str, **fields: Any) -> Document:
    query = {"name": "lateness", "operator": ">", "threshold": 5}
    return {"type": "metric", "id": n(name), "posture": "Metric", "metric": query, **fields}


def group(name: str, *children: Document, **fields: Any) -> Document:
    kind = "compound" if "require" in fields else "sequence"
    node: Document = {"type": kind, "id": n(name), "within": None, "triggers": list(children)}
    return {**node, **fields}


def draft(trigger: Any, **fields: Any) -> Document:
    return {"name": "a", "trigger": trigger, "actions": [], **fields}


class Ids:
    """New ids: those of the names new0, new1 …"""

    def __init__(self) -> None:
        self.used = 0

    def __call__(self) -> str:
        self.used += 1
        return n(f"new{self.used - 1}")


def done(document: Document, do: str) -> Operated:
    """An operation in which `<name>` stands for the id of that node."""
    for name in ("root", "inner", "a", "b", "c"):
        do = do.replace(f"<{name}>", n(name))
    return operate(document, do, Ids())


NAMES = {n(name): name for name in ("root", "inner", "a", "b", "c", "new0", "new1", "new2")}


def outline(document: Document) -> str:
    """The tree in one line: `root(a inner(b))`."""
    root = document["trigger"]
    assert all(UUID(placed.id) for placed in walk(document))
    return _outline(root)


def _outline(node: Document) -> str:
    name = NAMES.get(node["id"], "?")
    children = node.get("triggers")
    return name if children is None else f"{name}({' '.join(map(_outline, children))})"
