"""Edits of the texts and parameters of one action, merged into the draft as it is by now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from project.lib.json_documents import Document
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.parameters.dry_run import Place
from triggers_app.builder.parameters.rows import (
    ABSENT,
    Given,
    Mode,
    NotJson,
    ParameterRow,
    changes,
    from_json,
    read,
    with_value,
)
from triggers_app.builder.parameters.service import Editor
from triggers_app.models import Draft

OBJECTS = ("parameters", "job_variables")
GONE = "This action is not there any more. Look at the actions above."


class ActionGone(LookupError):
    """The action that was written in is not there any more."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edit. `applied` is None when nothing was changed.

    `problems`: name of a row (or of an object) to a sentence; what stands in the page stays.
    """

    draft: Draft
    applied: Applied | None = None
    problems: dict[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Who writes where: `rev` is the revision that their page shows."""

    draft: Draft
    place: Place
    rev: int
    now: datetime

    @property
    def base(self) -> Document:
        """The document as the page shows it; as it is now where that is no longer known."""
        return drafts.revision(self.draft, self.rev) or dict(self.draft.document)


def edit_rows(writing: TextEdit, given: Mapping[str, Given]) -> Edited:
    """Take over the rows that differ from those that the page shows. Five queries.

    Raises ActionGone.
    """
    editor = Editor(writing.draft, writing.base, now=writing.now)
    if writing.place not in editor.jobs:
        raise ActionGone
    action = editor.jobs[writing.place].action
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for row, mode, text in changes(editor.rows(writing.place), given):
        try:
            values[row.name] = read(mode, text, row.kind)
        except NotJson as error:
            problems[row.name] = str(error)
    return _edited(writing, action, values, problems)


def set_row(writing: TextEdit, name: str, mode: Mode, text: str) -> Edited:
    """Give one row a value, whatever stands in it: a new row, or a help. Raises ActionGone."""
    editor = Editor(writing.draft, dict(writing.draft.document), now=writing.now)
    if writing.place not in editor.jobs:
        raise ActionGone
    rows = {row.name: row for row in editor.rows(writing.place)}
    row = rows.get(name) or ParameterRow(name, "json", mode, text)
    try:
        value = read(mode, text, row.kind)
    except NotJson as error:
        return Edited(writing.draft, problems={name: str(error)})
    return _edited(writing, editor.jobs[writing.place].action, {name: value}, {})


def set_object(writing: TextEdit, name: str, text: str) -> Edited:
    """Replace all parameters or job variables by JSON; an empty text takes them away.

    Raises ActionGone.
    """
    if name not in OBJECTS:
        raise ValueError(name)
    value: Any = ABSENT
    if text.strip():
        try:
            value = from_json(text)
        except NotJson as error:
            return Edited(writing.draft, problems={name: str(error)})
        if value is not None and not isinstance(value, dict):
            sentence = 'It must be a JSON object, such as {"limit": 5}, or null.'
            return Edited(writing.draft, problems={name: sentence})
    action = Editor(writing.draft, writing.base, now=writing.now).jobs.get(writing.place)
    if action is None:
        raise ActionGone

    def change(document: Document) -> Document:
        return with_value(document, name, value)

    return _apply(writing, action.action, change, name, frozenset((name,)))


def _edited(
    writing: TextEdit, action: Document, values: Mapping[str, Any], problems: dict[str, str]
) -> Edited:
    if not values:
        return Edited(writing.draft, problems=problems)
    is_run = action.get("type") == "run-deployment"

    def change(document: Document) -> Document:
        within = document.get("parameters") if is_run else document
        for name, value in values.items():
            within = with_value(within, name, value)
        return {**document, "parameters": within} if is_run else dict(within or {})

    label = next(iter(values)) if len(values) == 1 else "the parameters"
    done = _apply(writing, action, change, label, frozenset(values))
    return Edited(done.draft, done.applied, problems, done.changed)


def _apply(
    writing: TextEdit,
    action: Document,
    change: Callable[[Document], Document],
    label: str,
    changed: frozenset[str],
) -> Edited:
    name, index = writing.place

    def whole(document: Document) -> Document:
        at = _place_now(document, name, index, action)
        listed = [*document[name]]
        listed[at] = change(listed[at])
        return {**document, name: listed}

    applied = drafts.edit(
        writing.draft.pk,
        author=writing.draft.author,
        rev=writing.rev,
        change=whole,
        label=f"Changed {label}",
        now=writing.now,
        field=f"a.{name}.{index}.{label}",
    )
    return Edited(applied.draft, applied, changed=changed)


def _place_now(document: Document, name: str, index: int, action: Document) -> int:
    """Where the action stands by now: others may have been put before it. Raises ActionGone."""
    listed = document.get(name)
    if not isinstance(listed, list):
        raise ActionGone
    same = [at for at, each in enumerate(listed) if each == action]
    if same:
        return index if index in same else same[0]
    alike = index < len(listed) and isinstance(listed[index], dict)
    if alike and listed[index].get("type") == action.get("type"):
        return index
    raise ActionGone
