"""Fields of a form that was made of an earlier document, found again in a later one. Pure.

Names of nodes last; labels and actions are named by their place in a list, which may have moved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from project.lib.json_documents import Document
from triggers_app.automation.editing.matching import members_matched
from triggers_app.automation.editing.nodes import Placed, walk
from triggers_app.automation.editing.specifications import related_of, rows_of

_ACTION = re.compile(r"a\.(\w+)\.(\d{1,4})\.(.+)")
_ROW = re.compile(r"n\.([^.]+)\.(match|related\.(\d{1,4}))\.(\d{1,4})\.(.+)")


@dataclass(frozen=True, slots=True)
class Rebased:
    """Texts by the names that their fields have now, and those whose row or action is gone."""

    fields: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)


def rebased(fields: Mapping[str, str], before: Document, after: Document) -> Rebased:
    """Every field under its name in `after`; `fields` have their names of `before`."""
    rebased = Rebased()
    if before == after or not fields:
        rebased.fields.update(fields)
        return rebased
    old = {placed.id: placed for placed in walk(before)}
    new = {placed.id: placed for placed in walk(after)}
    for name, text in fields.items():
        now = _name_now(name, before, after, old, new)
        if now is None:
            rebased.gone[name] = text
        else:
            rebased.fields[now] = text
    return rebased


def _name_now(
    name: str,
    before: Document,
    after: Document,
    old: Mapping[str, Placed],
    new: Mapping[str, Placed],
) -> str | None:
    if action := _ACTION.fullmatch(name):
        listed = [_list(document.get(action[1])) for document in (before, after)]
        index = _index_now(int(action[2]), *listed)
        return None if index is None else f"a.{action[1]}.{index}.{action[3]}"
    row = _ROW.fullmatch(name)
    if row is None or row[1] not in old or row[1] not in new:
        return name
    nodes = [old[row[1]].node, new[row[1]].node]
    where, maps = "match", [node.get("match") for node in nodes]
    if row[3] is not None:
        related = [related_of(node) for node in nodes]
        which = _index_now(int(row[3]), *related)
        if which is None:
            return None
        where = f"related.{which}"
        maps = [
            each[at] if at < len(each) else {}
            for each, at in zip(related, (int(row[3]), which), strict=True)
        ]
    index = _row_now(int(row[4]), *([label for label, _ in rows_of(each)] for each in maps))
    return None if index is None else f"n.{row[1]}.{where}.{index}.{row[5]}"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _index_now(index: int, before: list[object], after: list[object]) -> int | None:
    if index >= len(before):
        return len(after) + index - len(before)  # it was beyond the last, and is
    pairs = members_matched(before, after)
    return pairs.index(index) if index in pairs else None


def _row_now(index: int, before: list[str], after: list[str]) -> int | None:
    if index >= len(before):
        return len(after) + index - len(before)
    if before[index] in after:
        return after.index(before[index])
    # Somebody else named it in another way.
    renamed = len(before) == len(after) and after[index] not in before
    return index if renamed else None
