"""What the actions of a draft can be about, by name, and which of them are gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from triggers_app.automation.actions import TARGETS, keys_of_action
from triggers_app.automation.document import actions_in
from triggers_app.storage import targets as storage

MOST = 200


@dataclass(frozen=True, slots=True)
class Targets:
    """By kind: (id, name) to choose from, and the kinds that have more than are offered.

    `gone` are ids that the draft names and nobody has; `names` those that it names, by id.
    """

    offered: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    more: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)


def targets_of(document: Mapping[str, Any], finding: Mapping[str, str]) -> Targets:
    """For the kinds that the draft's actions are about, by what is looked for of each.

    At most two queries for each kind.
    """
    targets = Targets()
    for kind, chosen in _chosen(document).items():
        text = finding.get(kind, "")
        ids = {UUID(one) for one in chosen}
        offered, more = storage.targets(kind, text=text, limit=MOST, keep=ids)
        targets.offered[kind] = [(str(target.id), target.name) for target in offered]
        names = dict(targets.offered[kind])
        targets.names.update({one: names[one] for one in chosen if one in names})
        targets.gone.update(chosen - names.keys())
        if more or text:
            targets.more.add(kind)
    return targets


def _chosen(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """The ids that actions name, by kind; a kind without any may still be chosen."""
    ids_by_kind: dict[str, set[str]] = {}
    for _, action in actions_in(document):
        kinds = [kind for kind in storage.KINDS if _is_about(str(action.get("type")), kind)]
        for kind in kinds:
            ids = ids_by_kind.setdefault(kind, set())
            one = action.get(f"{kind}_id")
            if isinstance(one, str) and _is_id(one):
                ids.add(one)
    return ids_by_kind


def _is_about(type: str, kind: str) -> bool:
    if kind == "block_document":
        return "block_document_id" in keys_of_action(type)
    return TARGETS.get(type) == kind.replace("_", "-")


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
