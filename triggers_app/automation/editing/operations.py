"""What the buttons of the builder do to a document. Pure and total.

`do` is `<operation>:<what>…`, such as `add:<node>:event` or `drop-label:<node>:2`. What cannot
be done changes nothing and says why in one sentence; what can be kept is kept.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from project.lib.json_documents import Document
from triggers_app.automation.editing import (
    action_operations,
    label_operations,
    specifications,
    tree_operations,
)
from triggers_app.automation.editing.nodes import Placed, find, fresh_id
from triggers_app.automation.editing.refusing import EditRefused

UNKNOWN = "This page is older than Flint. Reload it and try again."
GONE = "That part is not there any more, perhaps since another tab took it away."


OPERATIONS_OF_NODES = (*tree_operations.OPERATIONS, *label_operations.OPERATIONS)


@dataclass(frozen=True, slots=True)
class Operated:
    """The document after an operation: what was done in a few words, or why nothing was."""

    document: Document
    did: str = ""
    focus: str | None = None  # the DOM id of what should have the focus
    problem: str = ""


def operate(document: Document, do: str, new_id: Callable[[], str] = fresh_id) -> Operated:
    """A copy of the document after one operation."""
    changed = deepcopy(document)
    name, *given = do.split(":")
    try:
        did, focus = _done(changed, name, given, new_id)
    except EditRefused as reason:
        return Operated(document, problem=str(reason))
    return Operated(changed, did, focus)


def _done(
    document: Document, name: str, given: list[str], new_id: Callable[[], str]
) -> tuple[str, str | None]:
    """Change the document in place; what was done, and what should have the focus."""
    if name in action_operations.OPERATIONS and len(given) == 2:
        return action_operations.OPERATIONS[name](document, *given)
    if name == "place-action" and len(given) == 3:
        return action_operations.place(document, *given)
    placed = find(document, given[0]) if given else None
    trees, labels = tree_operations.OPERATIONS, label_operations.OPERATIONS
    if name not in trees and name not in labels:
        raise EditRefused(UNKNOWN)
    if placed is None:
        if name == "add" and not isinstance(document.get("trigger"), dict):
            return tree_operations.begin(document, given[-1], new_id)
        raise EditRefused(GONE)
    if name in trees and len(given) == trees[name].arguments:
        focus_id = trees[name].run(document, placed, given[1:], new_id)
        return trees[name].did, f"node-{focus_id}"
    if name in labels and len(given) == labels[name].arguments:
        labels[name].run(placed.node, given[1:])
        unnamed = _unnamed_labels(placed) if labels[name].adds else []
        return labels[name].did, unnamed[-1] if unnamed else f"node-{placed.id}"
    raise EditRefused(UNKNOWN)


def _unnamed_labels(placed: Placed) -> list[str]:
    """The DOM ids of the fields for names of labels that are still empty."""
    return [
        f"field-n.{placed.id}.{name}"
        for name, text in specifications.texts_of(placed.node)
        if name.endswith(".label") and not text
    ]
