"""Operations on the conditions of a node: they change it in place. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.editing.refusing import EditRefused, number
from triggers_app.automation.editing.specifications import related_of
from triggers_app.automation.triggers import LEAVES, kind_of

GONE = "That condition is not there any more."


@dataclass(frozen=True, slots=True)
class LabelOperation:
    """`adds`: it leads to the name of a new label."""

    arguments: int
    did: str
    run: Callable[[Document, list[str]], None]
    adds: bool = False


def _require_labels(node: Document) -> None:
    if kind_of(node) not in LEAVES:
        raise EditRefused("A group has no labels of its own; its parts have.")


def _add_label(node: Document, given: list[str]) -> None:
    _require_labels(node)
    _add_row(node, "match")


def _add_row(holder: Any, key: Any) -> None:
    """A row without a name yet; there is only one such row at a time."""
    if isinstance(holder, list) or not isinstance(holder.get(key), dict):
        known = holder[key] if isinstance(holder, list) else {}
        holder[key] = dict(known) if isinstance(known, dict) else {}
    if "" in holder[key]:
        raise EditRefused("Name the empty label first.")
    holder[key][""] = []


def _drop_label(node: Document, given: list[str]) -> None:
    _drop_row(node.get("match"), number(given[0]))


def _drop_row(specification: Any, index: int) -> None:
    labels = list(specification) if isinstance(specification, dict) else []
    if index >= len(labels):
        raise EditRefused(GONE)
    del specification[labels[index]]


def _add_related(node: Document, given: list[str]) -> None:
    _require_labels(node)
    related = node.get("match_related")
    blank: Document = {"": []}
    if isinstance(related, list):
        related.append(blank)
    else:
        node["match_related"] = [related, blank] if isinstance(related, dict) and related else blank


def _drop_related(node: Document, given: list[str]) -> None:
    _drop_map(node, _which(node, given))


def _drop_map(node: Document, which: int) -> None:
    related = node["match_related"]
    if isinstance(related, list):
        related.pop(which)
    else:
        node["match_related"] = {}


def _add_related_label(node: Document, given: list[str]) -> None:
    which = _which(node, given)
    related = node["match_related"]
    if isinstance(related, list):
        _add_row(related, which)
    else:
        _add_row(node, "match_related")


def _drop_related_label(node: Document, given: list[str]) -> None:
    which = _which(node, given)
    specification = related_of(node)[which]
    _drop_row(specification, number(given[1]))
    if not specification:
        _drop_map(node, which)


def _which(node: Document, given: list[str]) -> int:
    which = number(given[0])
    if which >= len(related_of(node)):
        raise EditRefused(GONE)
    return which


OPERATIONS: Mapping[str, LabelOperation] = {
    "add-label": LabelOperation(1, "Added a label", _add_label, adds=True),
    "drop-label": LabelOperation(2, "Took a label away", _drop_label),
    "add-related": LabelOperation(1, "Added a related resource", _add_related, adds=True),
    "drop-related": LabelOperation(2, "Took a related resource away", _drop_related),
    "add-related-label": LabelOperation(2, "Added a label", _add_related_label, adds=True),
    "drop-related-label": LabelOperation(3, "Took a label away", _drop_related_label),
}
