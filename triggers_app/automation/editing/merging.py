"""Three-way merge of automations: what two people made of the same one. Pure.

Cases, for a value in the base, in theirs and in mine:
1. both say the same, or only one side changed it: that is it;
2. objects on all sides are merged key by key, lists of triggers and of actions member by member;
3. members of lists belong together by id, then by what they say, then by kind and order;
4. one side took members away, added some or moved some: its list, with what the other side
   changed within the members; a member that went and was changed is a conflict;
5. everything else is a conflict: mine stays until somebody chooses.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from project.lib.json_documents import Document
from project.lib.problems import Loc, Problem
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.automation.editing.forms import MISSING
from triggers_app.automation.editing.matching import ID, members_matched, plain
from triggers_app.automation.editing.nodes import walk

Side = Literal["theirs", "mine"]
LISTS = ("triggers", *ACTION_LISTS)


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A place that both changed, each in another way. None stands for a key that is not there.

    `path` is what a choice names; `loc` leads there in the base, and in mine where the base has
    no such place.
    """

    path: str
    loc: Loc
    base: Any
    theirs: Any
    mine: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """`document` says mine where there is a conflict that nobody chose about.

    `taken` are the places that only the others changed.
    """

    document: Document
    conflicts: list[MergeConflict]
    taken: list[Loc]


@dataclass(slots=True)
class _Merge:
    choices: Mapping[str, str]
    conflicts: list[MergeConflict] = field(default_factory=list)
    taken: list[Loc] = field(default_factory=list)


def three_way(
    base: Document, theirs: Document, mine: Document, choices: Mapping[str, str] | None = None
) -> Merged:
    """Merge two documents that were made of `base`; ids of triggers are mine.

    `choices` says "theirs" or "mine" for paths of conflicts; those are settled.
    """
    merge = _Merge(choices or {})
    document = _value(merge, (), *(marked(side) for side in (base, theirs, mine)))
    return Merged(_unmarked(document), merge.conflicts, merge.taken)


def _value(merge: _Merge, loc: Loc, base: Any, theirs: Any, mine: Any) -> Any:
    if same(theirs, mine) or same(theirs, base):
        return mine
    if same(mine, base):
        merge.taken.append(loc)
        return _with_ids_of(mine, theirs)
    if isinstance(base, dict) and isinstance(theirs, dict) and isinstance(mine, dict):
        return _object(merge, loc, base, theirs, mine)
    lists = loc and loc[-1] in LISTS and all(isinstance(v, list) for v in (base, theirs, mine))
    if lists:
        return _members(merge, loc, base, theirs, mine)
    return _chosen(merge, loc, base, theirs, mine)


def _chosen(merge: _Merge, loc: Loc, base: Any, theirs: Any, mine: Any) -> Any:
    path = Problem(loc, "").path
    choice = merge.choices.get(path)
    if choice not in ("theirs", "mine"):
        merge.conflicts.append(
            MergeConflict(
                path, loc, *(None if v is MISSING else plain(v) for v in (base, theirs, mine))
            )
        )
    return theirs if choice == "theirs" else mine


def _object(merge: _Merge, loc: Loc, base: Document, theirs: Document, mine: Document) -> Document:
    if base.get("type") != mine.get("type") and base.get("type") != theirs.get("type"):
        chosen: Document = _chosen(merge, loc, base, theirs, mine)  # two kinds: no key fits
        return chosen
    merged: Document = {}
    for key in dict.fromkeys((*mine, *theirs)):
        if key is ID:
            value = mine.get(key, MISSING)
        else:
            sides = (side.get(key, MISSING) for side in (base, theirs, mine))
            value = _value(merge, (*loc, key), *sides)
        if value is not MISSING:
            merged[key] = value
    return merged


def _members(merge: _Merge, loc: Loc, base: list[Any], theirs: list[Any], mine: list[Any]) -> Any:
    # What is saved has new ids wherever a trigger was changed.
    of_theirs, of_mine = members_matched(base, theirs, renumbered=True), members_matched(base, mine)
    whole = list(range(len(base)))
    if whole not in (of_theirs, of_mine) and (of_theirs != of_mine or None in of_mine):
        return _chosen(merge, loc, base, theirs, mine)
    # Case 4: whoever changed the list's shape gives it; the other has the base's members in order.
    if of_theirs != whole:
        shape, shaped, other, other_of = of_theirs, theirs, mine, of_mine
        merge.taken.append(loc)
    else:
        shape, shaped, other, other_of = of_mine, mine, theirs, of_theirs
    merged = []
    for at, known in enumerate(shape):
        if known is None:
            merged.append(shaped[at])
            continue
        beside = other[other_of.index(known)]
        sides = (shaped[at], beside) if shaped is theirs else (beside, shaped[at])
        merged.append(_value(merge, (*loc, known), base[known], *sides))
    gone = [known for known in whole if known not in shape]
    for known in gone:
        beside = other[other_of.index(known)] if known in other_of else MISSING
        sides = (MISSING, beside) if shaped is theirs else (beside, MISSING)
        if beside is MISSING or same(beside, base[known]):
            continue
        kept = _chosen(merge, (*loc, known), base[known], *sides)
        if kept is not MISSING:
            merged.append(kept)
    return merged


def same(one: Any, other: Any) -> bool:
    """Whether they say the same, whatever the ids of triggers are."""
    if one is MISSING or other is MISSING:
        return one is other
    return bool(plain(one) == plain(other))


def _with_ids_of(mine: Any, theirs: Any) -> Any:
    """Their value under my ids, by which the page and the fields know its parts."""
    if isinstance(mine, list) and isinstance(theirs, list):
        known = members_matched(mine, theirs, renumbered=True)
        return [
            each if at is None else _with_ids_of(mine[at], each)
            for at, each in zip(known, theirs, strict=True)
        ]
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return theirs
    return {
        key: mine[ID] if key is ID and ID in mine else _with_ids_of(mine.get(key), each)
        for key, each in theirs.items()
    }


def marked(document: Document) -> Document:
    """A copy in which ids of triggers stand under a key of their own."""
    document = deepcopy(document)
    for placed in walk(document):
        if "id" in placed.node:
            placed.node[ID] = placed.node.pop("id")
    return document


def _unmarked(document: Document) -> Document:
    document = deepcopy(document)
    for placed in walk(document):
        if ID in placed.node:
            node_id = placed.node.pop(ID)
            rest = dict(placed.node)
            placed.node.clear()
            first = {"type": rest.pop("type")} if "type" in rest else {}
            placed.node.update({**first, "id": node_id, **rest})
    return document


def differences(before: Document, after: Document) -> list[tuple[Loc, Any, Any]]:
    """Places that differ, each with its value before and after; None where there is none."""
    return list(_differences(marked(before), marked(after), ()))


def _differences(before: Any, after: Any, loc: Loc) -> Iterator[tuple[Loc, Any, Any]]:
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if key is not ID:
                sides = before.get(key, MISSING), after.get(key, MISSING)
                yield from _differences(*sides, (*loc, key))
        return
    if _same_members(before, after, loc):
        for index, (was, now) in enumerate(zip(before, after, strict=True)):
            yield from _differences(was, now, (*loc, index))
        return
    was, now = (None if value is MISSING else plain(value) for value in (before, after))
    yield loc, was, now


def _same_members(before: Any, after: Any, loc: Loc) -> bool:
    """Whether two lists of triggers or actions have the same members, however changed."""
    listed = bool(loc) and loc[-1] in LISTS and isinstance(before, list) and isinstance(after, list)
    return listed and members_matched(before, after, renumbered=True) == list(range(len(before)))


def text_of(value: Any) -> str:
    """A value of a conflict as people read it."""
    return value if isinstance(value, str) else json.dumps(value, indent=2)
