"""The label with which Flint's own events carry the chain of automations that led to them. Pure.

A chain is a list of automation ids, oldest first. What ends a chain is decided where firings are.
"""

from collections.abc import Mapping, Sequence

# 50 ids and their commas fit into the 2,048 bytes of a label.
CAUSES_LABEL = "flint.causes"
MAX_CHAIN = 50


def causes_in(resource: Mapping[str, str]) -> list[str]:
    """The automations that led to the event of this resource; none for one from outside."""
    text = resource.get(CAUSES_LABEL, "")
    return text.split(",") if text else []


def causes_label(causes: Sequence[str]) -> dict[str, str]:
    """The label that carries the chain; no label for an empty one."""
    return {CAUSES_LABEL: ",".join(causes[-MAX_CHAIN:])} if causes else {}
