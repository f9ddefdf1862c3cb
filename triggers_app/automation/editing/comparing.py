"""What was changed between two documents of one automation: part by part, key by key. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from project.lib.json_documents import Document
from project.lib.problems import Loc
from triggers_app.automation.editing.forms import MISSING
from triggers_app.automation.editing.matching import ID, members_matched, plain
from triggers_app.automation.editing.merging import LISTS, marked, same

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. None stands for a value that is not there.

    `loc` leads there in the document after; for what was removed, in the one before. `member`:
    a whole trigger or action came or went.
    """

    kind: Kind
    loc: Loc
    before: Any = None
    after: Any = None
    member: bool = False


def edits(before: Document, after: Document) -> list[Difference]:
    """The differences in the order of the documents; ids of triggers say nothing."""
    return list(_edits(marked(before), marked(after), (), ()))


def _edits(before: Any, after: Any, loc_before: Loc, loc: Loc) -> Iterator[Difference]:
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if key is not ID:
                sides = before.get(key, MISSING), after.get(key, MISSING)
                yield from _edits(*sides, (*loc_before, key), (*loc, key))
    elif loc and loc[-1] in LISTS and isinstance(before, list) and isinstance(after, list):
        yield from _members(before, after, loc_before, loc)
    else:
        was, now = (None if each is MISSING else plain(each) for each in (before, after))
        yield Difference("changed", loc, was, now)


def _members(
    before: list[Any], after: list[Any], loc_before: Loc, loc: Loc
) -> Iterator[Difference]:
    known = members_matched(before, after, renumbered=True)
    stayed = [each for each in known if each is not None]
    for index, one in enumerate(before):
        if index not in stayed:
            yield Difference("removed", (*loc_before, index), before=plain(one), member=True)
    if stayed != sorted(stayed):
        yield Difference("moved", loc)
    for index, (one, was) in enumerate(zip(after, known, strict=True)):
        if was is None:
            yield Difference("added", (*loc, index), after=plain(one), member=True)
        else:
            yield from _edits(before[was], one, (*loc_before, was), (*loc, index))
