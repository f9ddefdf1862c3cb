"""Two states of one automation side by side: in words, as text, and by what they would fire."""

import difflib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from triggers_app.automation.document import ON_RESOLVE
from triggers_app.automation.document import document as in_order
from triggers_app.automation.editing import comparing, nodes
from triggers_app.automation.editing.comparing import Difference
from triggers_app.automation.editing.problem_fields import place, words_of
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.triggers import Trigger
from triggers_app.automation.wording import trigger_sentence
from triggers_app.builder.backtest.pair import Side
from triggers_app.builder.drafts.conflicts import text_of
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis, read_document, read_draft
from triggers_app.models import Automation, AutomationVersion
from triggers_app.reads.versions import author_and_reason
from triggers_app.storage import drafts as storage

DRAFT = "draft"
CONTEXT_LINES = 3
GAP, MINUS = "…", "\N{MINUS SIGN}"
MOST_CHANGES = 200


class NoSuchState(LookupError):
    """That version was never saved, or that person has no open draft of it."""


@dataclass(frozen=True, slots=True)
class CompareSide:
    """One state. `name` is what addresses call it: the number of a version, or "draft"."""

    name: str
    title: str
    document: Document
    analysis: DraftAnalysis
    author: str = ""
    reason: str = ""
    created: datetime | None = None
    guarded: bool = False

    @property
    def sentence(self) -> str:
        return self.analysis.sentence

    @property
    def to_backtest(self) -> Side | None:
        """None while its trigger cannot be read."""
        try:
            trigger = parse_trigger(self.document.get("trigger"))
        except Invalid:
            return None
        if any(node.id is None for node in trigger.walk()):
            return None
        return Side(trigger, resolves=bool(self.document.get(ON_RESOLVE)), guarded=self.guarded)


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """`kind` is added, removed, changed or moved; `where` says of what, in plain words."""

    kind: str
    where: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the text; `sign` is +, a minus, a space, or … where equal lines are left out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    before: CompareSide
    after: CompareSide
    changes: list[ChangeInWords] = field(default_factory=list)
    more_changes: int = 0
    lines: list[DiffLine] = field(default_factory=list)


def side(automation: Automation, name: str, *, author: str) -> CompareSide:
    """A version by its number, or the author's own open draft. Raises NoSuchState.

    At most two queries: the state, and names of deployments.
    """
    if name == DRAFT:
        draft = storage.open_of(automation.pk, author)
        if draft is None:
            raise NoSuchState
        return CompareSide(
            DRAFT, "Your draft", draft.document, read_draft(draft), author,
            created=draft.updated, guarded=automation.guarded,
        )  # fmt: skip
    number = int(name) if name.isascii() and name.isdecimal() and len(name) < 10 else 0
    row = storage.versions(automation.pk, {number}).get(number)
    if row is None:
        raise NoSuchState
    return _of_version(row)


def _of_version(row: AutomationVersion) -> CompareSide:
    document = _comparable(row.document)
    author, reason = author_and_reason(row.author)
    return CompareSide(
        str(row.version), f"Version {row.version}", document,
        read_document(document, rejected={}), author, reason, row.created, row.guarded,
    )  # fmt: skip


def compare(before: CompareSide, after: CompareSide) -> Comparison:
    """What differs. The bounds of a document bound the work."""
    was, now = _comparable(before.document), _comparable(after.document)
    names = before.analysis.deployment_names | after.analysis.deployment_names
    differing = comparing.edits(was, now)
    changes = [_in_words(edit, was, now, names) for edit in differing[:MOST_CHANGES]]
    more = max(0, len(differing) - MOST_CHANGES)
    return Comparison(before, after, changes, more, list(_lines(text(was), text(now))))


def text(document: Document) -> str:
    """The document as YAML, without the ids of triggers: nobody wrote those."""
    bare = deepcopy(document)
    for placed in nodes.walk(bare):
        placed.node.pop("id", None)
    return automation_yaml.write(bare).text


def triggers_differ(before: CompareSide, after: CompareSide) -> bool:
    keys = ("trigger", ON_RESOLVE)
    was, now = (
        {key: _comparable(one.document).get(key) for key in keys} for one in (before, after)
    )
    return before.guarded != after.guarded or bool(comparing.edits(was, now))


def _in_words(
    edit: Difference, was: Document, now: Document, names: Mapping[UUID, str]
) -> ChangeInWords:
    if edit.kind == "moved":
        kind = "actions" if edit.loc[0] != "trigger" else "conditions"
        where = place(now, edit.loc)
        return ChangeInWords("moved", f"{where}: order of its {kind}" if where else f"the {kind}")
    if edit.member:
        there = now if edit.kind == "added" else was
        value = edit.after if edit.kind == "added" else edit.before
        said = _member_words(there, edit, value, names)
        sides = ("", said) if edit.kind == "added" else (said, "")
        return ChangeInWords(edit.kind, place(there, edit.loc) or words_of(there, edit.loc), *sides)
    if edit.loc == ("flint",):
        edit = Difference("changed", edit.loc, _options(edit.before), _options(edit.after))
    elif edit.loc == ("flint", "tests"):
        counts = (f"{len(each or [])} kept" for each in (edit.before, edit.after))
        return ChangeInWords("changed", "tests", *counts)
    before, after = (text_of(edit.loc, each, names) for each in (edit.before, edit.after))
    return ChangeInWords("changed", words_of(now, edit.loc), before, after)


def _options(options: Any) -> Any:
    """What Flint alone knows, with the number of the tests instead of all their events."""
    if not isinstance(options, dict) or "tests" not in options:
        return options
    return {**options, "tests": len(options["tests"])}


def _member_words(
    document: Document, edit: Difference, value: Any, names: Mapping[UUID, str]
) -> str:
    """A trigger or an action in a sentence; its text where it cannot be read yet."""
    try:
        if edit.loc[0] == "trigger":
            trigger: Trigger = parse_trigger(value)
            return trigger_sentence(trigger)
        actions = getattr(parse_automation(document), str(edit.loc[0]))
        words: str = actions[edit.loc[1]].words(names.get)
        return words
    except Invalid:
        return text_of(edit.loc, value, names)


def _lines(before: str, after: str) -> Iterator[DiffLine]:
    differing = difflib.unified_diff(
        before.splitlines(), after.splitlines(), lineterm="", n=CONTEXT_LINES
    )
    for number, line in enumerate(list(differing)[2:]):
        if line.startswith("@@"):
            if number:
                yield DiffLine(GAP, "")
        else:
            yield DiffLine({"-": MINUS}.get(line[0], line[0]), line[1:])


def _comparable(document: Document) -> Document:
    """With every default written out, in the order in which people write."""
    try:
        return in_order(parse_automation(document))
    except Invalid:
        return document
