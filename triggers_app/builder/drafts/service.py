"""Drafts: what somebody is building, kept on the server with every step.

Each change is one transaction of three queries: the draft is locked and read, the revision that
the page showed is read, the next revision is written. Undo and redo are changes as well: they
copy an earlier revision to the end, so a revision number never means two things.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from project.lib.json_documents import Document
from project.lib.line_ends import newlines
from project.lib.problems import Invalid
from triggers_app.automation.document import document as in_order
from triggers_app.automation.editing.fields import (
    FieldProblem,
    fields_of,
    gone_problem,
    with_fields,
)
from triggers_app.automation.editing.nodes import numbered
from triggers_app.automation.editing.operations import Operated, operate
from triggers_app.automation.editing.rebase import rebased
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.drafts.steps import advance, travel
from triggers_app.models import Automation, Draft
from triggers_app.storage import automations
from triggers_app.storage import drafts as storage

CLOSED = "This draft is closed. Open the automation again to change it."
DONE = "done"  # in Draft.chosen: the last operation, and the revision that it was asked of
NOTHING_TO_UNDO = "There is nothing to undo."
NOTHING_TO_REDO = "There is nothing to redo."
# Fields on which it depends how others look.
_SHAPING = (".posture", ".type", ".source", ".require")


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a change.

    `problems` tells by the name of a field what could not be kept of it; under the empty name
    stands what concerns no field. `structural`: the form has other fields than the page shows.
    `did` says what was done in a few words, empty when nothing was. `stale`: the page showed
    another revision than there was.
    """

    draft: Draft
    rev: int
    problems: dict[str, list[str]] = field(default_factory=dict)
    structural: bool = False
    focus: str | None = None
    did: str = ""
    stale: bool = False


def open_new(
    document: Document, *, author: str, now: datetime, texts: Mapping[str, str] | None = None
) -> Draft:
    """A draft of an automation that is not there yet. One query.

    `texts` are the author's own ones that say the document, by name.
    """
    draft = _new(document, author=author, now=now)
    draft.texts = dict(texts or {})
    storage.add(draft)
    return draft


def open_for(automation_id: UUID, *, author: str, now: datetime) -> Draft:
    """The author's open draft of an automation, else a new one of what is saved.

    At most four queries. Raises Automation.DoesNotExist.
    """
    open_draft = storage.open_of(automation_id, author)
    if open_draft is not None:
        return open_draft
    row = automations.automation(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    draft = _new(_readable(row.document), author=author, now=now)
    draft.automation_id, draft.base_version = automation_id, row.version
    if storage.add(draft):
        return draft
    return open_for(automation_id, author=author, now=now)  # another tab was first


def find(draft_id: UUID, *, author: str) -> Draft:
    """One query. Raises Draft.DoesNotExist, also for somebody else's."""
    return Draft.objects.get(pk=draft_id, author=author)


def revision(draft: Draft, rev: int) -> Document | None:
    """The document as it was; None when that is no longer kept. At most one query."""
    if rev == draft.rev:
        return dict(draft.document)
    row = storage.revision(draft.pk, rev)
    return None if row is None else dict(row.document)


def form_of(draft: Draft) -> dict[str, str]:
    """The fields as the page shows them: what could not be read stays as it was typed."""
    return {**fields_of(draft.document), **draft.rejected}


def submit(
    draft_id: UUID,
    *,
    author: str,
    rev: int,
    fields: Mapping[str, str],
    do: str = "",
    now: datetime,
) -> Applied:
    """Take the form as the page has it, then do an operation. Three queries, four with one.

    Only fields that differ from the form as it was at `rev` are taken, so a tab that was left
    open changes nothing but what was typed in it. Raises Draft.DoesNotExist.
    """
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        if not draft.is_open:
            return _closed(draft)
        if rev and draft.chosen.get(DONE) == [rev, do]:
            do = ""  # sent again, as the answer was lost, or clicked twice
        if do in ("undo", "redo"):
            taken = _submitted(draft, rev, fields, "", now)
            applied = _travelled(draft, now, back=do == "undo", problems=taken.problems)
        else:
            applied = _submitted(draft, rev, fields, do, now)
        if applied.did:
            draft.chosen = {**draft.chosen, DONE: [rev, do]}
            draft.save(update_fields=["chosen"])
        return applied


def edit(
    draft_id: UUID,
    *,
    author: str,
    rev: int,
    change: Callable[[Document], Document],
    label: str,
    now: datetime,
    texts: Mapping[str, str] | None = None,
    field: str = "",
) -> Applied:
    """Change the document by other means than the form. Two queries.

    `change` gets a deep copy of the document as it is now. `texts` are the author's own texts
    that say the new document; others follow by themselves. Edits of the same `field` shortly
    after one another are one step to undo. Raises Draft.DoesNotExist, and whatever `change` does.
    """
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        if not draft.is_open:
            return _closed(draft)
        document = numbered(change(deepcopy(draft.document)))
        before = fields_of(draft.document)
        stale = rev != draft.rev
        written = advance(draft, document, label=label, field=field, texts=texts, now=now)
        structural = stale or before != fields_of(draft.document)
        return Applied(draft, draft.rev, structural=structural, did=label if written else "")


def undo(draft_id: UUID, *, author: str, rev: int, now: datetime) -> Applied:
    """Take back the last change, whatever `rev` the page shows. Three queries."""
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        return _travelled(draft, now, back=True) if draft.is_open else _closed(draft)


def redo(draft_id: UUID, *, author: str, rev: int, now: datetime) -> Applied:
    """Do again what was taken back last. Three queries."""
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        return _travelled(draft, now, back=False) if draft.is_open else _closed(draft)


def choose(draft_id: UUID, *, author: str, chosen: Mapping[str, Any]) -> Draft:
    """Remember what the person looks at; None forgets a key. No step. Two queries."""
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        merged = {**draft.chosen, **chosen}
        draft.chosen = {key: value for key, value in merged.items() if value is not None}
        draft.save(update_fields=["chosen"])
        return draft


def _new(document: Document, *, author: str, now: datetime) -> Draft:
    return Draft(
        id=uuid4(),
        author=author,
        document=numbered(deepcopy(document)),
        rev=1,
        created=now,
        updated=now,
    )


def _readable(stored: Document) -> Document:
    """The keys in the order in which people write them; the database keeps none."""
    try:
        return in_order(parse_automation(stored))
    except Invalid:
        return stored


def _closed(draft: Draft) -> Applied:
    return Applied(draft, draft.rev, {"": [CLOSED]})


def _submitted(
    draft: Draft, rev: int, fields: Mapping[str, str], do: str, now: datetime
) -> Applied:
    stale, form = rev != draft.rev, form_of(draft)
    changed, gone = _since(draft, rev, fields) if stale else (_differing(fields, form), {})
    document, problems = with_fields(draft.document, changed)
    problems += [gone_problem(name, text) for name, text in gone.items()]
    unread = {problem.field: problem.text for problem in problems if not problem.gone}
    rejected = {name: text for name, text in draft.rejected.items() if name not in changed} | unread
    by_field = _by_field(problems)
    operated = operate(document, do) if do else Operated(document)
    if operated.problem:
        by_field[""] = [operated.problem]
    label = operated.did or f"Changed {_named(changed)}"
    field = "" if operated.did else _only(changed)
    advance(draft, operated.document, rejected=rejected, label=label, field=field, now=now)
    after = form_of(draft)
    # A field that was sent as it was, and is another now, as it follows one that was changed.
    followed = any(
        after.get(name) != text for name, text in form.items() if name in fields.keys() - changed
    )
    structural = stale or bool(operated.did) or followed or _shape(after) != _shape(form)
    return Applied(draft, draft.rev, by_field, structural, operated.focus, operated.did, stale)


def _since(
    draft: Draft, rev: int, fields: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What was changed in a form that is not of today, by today's names; and what has no place.

    Where that form is no longer known, what differs from the present one.
    """
    row = storage.revision(draft.pk, rev)
    if row is None:
        return _differing(fields, form_of(draft)), {}
    changed = _differing(fields, {**fields_of(row.document), **row.rejected})
    open_draft = rebased(changed, row.document, draft.document)
    return open_draft.fields, open_draft.gone


def _differing(fields: Mapping[str, str], base: Mapping[str, str]) -> dict[str, str]:
    posted = {name: newlines(text) for name, text in fields.items()}
    return {name: text for name, text in posted.items() if text != newlines(base.get(name, ""))}


def _by_field(problems: list[FieldProblem]) -> dict[str, list[str]]:
    by_field: dict[str, list[str]] = {}
    for problem in problems:
        by_field.setdefault(problem.field, []).append(problem.message)
    return by_field


def _named(changed: Mapping[str, str]) -> str:
    if len(changed) != 1:
        return "several fields"
    [name] = changed
    return name.rpartition(".")[2].replace("_", " ")


def _only(changed: Mapping[str, str]) -> str:
    return next(iter(changed)) if len(changed) == 1 else ""


def _shape(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Which fields there are, with those on which the look of others depends."""
    return [(name, text if name.endswith(_SHAPING) else "") for name, text in form.items()]


def _travelled(
    draft: Draft, now: datetime, *, back: bool, problems: dict[str, list[str]] | None = None
) -> Applied:
    by_field = problems or {}
    label = travel(draft, back=back, now=now)
    if label is None:
        by_field = {**by_field, "": [NOTHING_TO_UNDO if back else NOTHING_TO_REDO]}
        return Applied(draft, draft.rev, by_field, structural=True)
    did = f"{'Undone' if back else 'Done again'}: {label}"
    return Applied(draft, draft.rev, by_field, structural=True, did=did)
