"""One "for each" for a whole group: its labels are those of all its parts. Pure.

A group only fires for parts whose labels agree, so a part that is not counted by the same labels
could never take part. Metrics have no labels.
"""

from collections.abc import Collection, Iterator
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.editing.nodes import Placed, walk


def labels_of(node: Document) -> list[str]:
    """The labels of a node's `for_each`; none where it holds something else."""
    listed = node.get("for_each")
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def parts_of(node: Document) -> Iterator[Document]:
    """Everything below a group that can be counted by a label."""
    for placed in walk({"trigger": node}):
        if placed.node is not node and placed.kind != "metric":
            yield placed.node


def give(labels: Collection[str], node: Document) -> None:
    """Count a part by these labels too; its own stay."""
    own: Any = node.get("for_each")
    if own is not None and not isinstance(own, list):
        return  # what cannot be read is left for its author
    missing = [label for label in labels if label not in (own or [])]
    if missing:
        node["for_each"] = [*missing, *(own or [])]


def follow(group: Placed, before: Collection[str], edited: Collection[str]) -> None:
    """Let the parts follow the labels of a group, which were others before.

    `edited` are the ids of parts whose labels somebody wrote at the same time: nothing is taken
    from those.
    """
    now = labels_of(group.node)
    gone = set(before) - set(now)
    for part in parts_of(group.node):
        if gone and str(part.get("id")) not in edited:
            kept = [one for one in labels_of(part) if one not in gone]
            if kept != labels_of(part):
                part["for_each"] = kept
        give(now, part)
