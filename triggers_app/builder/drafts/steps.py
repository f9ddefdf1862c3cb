"""One step of a draft that the caller has locked: forward by a change, or back to a revision."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from project.lib.json_documents import Document
from triggers_app.automation.editing.fields import fields_of
from triggers_app.automation.editing.pane import plain
from triggers_app.automation.editing.rebase import rebased
from triggers_app.automation.formats.reading import Reading
from triggers_app.automation.formats.registry import FORMATS
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.models import Draft
from triggers_app.storage import drafts as storage
from triggers_app.storage.drafts import UndoStep

ONE_WORD = timedelta(seconds=10)
_EDITS = {
    spec.own_text: spec.apply_edit for spec in FORMATS.values() if spec.apply_edit is not None
}


def advance(
    draft: Draft,
    document: Document,
    *,
    rejected: Mapping[str, str] | None = None,
    label: str,
    field: str = "",
    texts: Mapping[str, str] | None = None,
    base_version: int | None = None,
    now: datetime,
) -> bool:
    """Write the next revision; False when it would say what the draft says already.

    `rejected` have the names that fields have in the draft as it is; None keeps those that are
    there. `base_version` when it is another one. One query.
    """
    known = fields_of(document)
    left = rebased(draft.rejected if rejected is None else rejected, draft.document, document)
    kept = {name: text for name, text in left.fields.items() if name in known}
    own = texts or {}
    others = {name: text for name, text in draft.texts.items() if name not in own}
    written = {**_followed(others, draft.document, document), **own}
    base = draft.base_version if base_version is None else base_version
    said = _exactly(draft.document, draft.rejected, draft.texts, draft.base_version)
    if _exactly(document, kept, written, base) == said:
        return False
    step = UndoStep(
        document=document,
        texts=written,
        rejected=kept,
        label=label,
        field=field,
        undo_rev=draft.undo_rev if _goes_on(draft, field, now) else draft.rev,
        base_version=base,
    )
    storage.write(draft, step, now=now)
    return True


def travel(draft: Draft, *, back: bool, now: datetime) -> str | None:
    """Go to a copy of another revision, from which the way back leads here.

    The label of what was taken back or done again; None when there is nothing. Two queries.
    """
    to = draft.undo_rev if back else draft.redo_rev
    row = None if to is None else storage.revision(draft.pk, to)
    if row is None:
        return None
    label = draft.label if back else row.label
    step = UndoStep(
        document=row.document,
        texts=row.texts,
        rejected=row.rejected,
        label=row.label,
        undo_rev=row.undo_rev,
        redo_rev=draft.rev if back else row.redo_rev,
        redo_label=draft.label if back else row.redo_label,
        base_version=row.base_version,
    )
    storage.write(draft, step, now=now)
    return label


def _exactly(*values: object) -> str:
    """Values as they are stored: for Python, 1, 1.0 and True are the same."""
    return json.dumps(values)


def _goes_on(draft: Draft, field: str, now: datetime) -> bool:
    """Whether this only goes on with what was being typed, so that undo takes back a word."""
    same = field != "" and field == draft.field and draft.redo_rev is None
    return same and draft.undo_rev is not None and now - draft.updated < ONE_WORD


def _followed(texts: Mapping[str, str], old: Document, new: Document) -> dict[str, str]:
    """Each of the author's own texts with what differs between the documents changed in it.

    A text that cannot be read stays as it is: its author is in the middle of it.
    """
    before, after = plain(old), plain(new)
    if json.dumps(before) == json.dumps(after):
        return dict(texts)  # for Python, 1 and True are the same; in a text they are not
    return {name: _edited(name, text, before, after) for name, text in texts.items()}


def _edited(name: str, text: str, before: Document, after: Document) -> str:
    edit = _EDITS.get(name)
    if edit is None or not text.strip():
        return text
    source = automation_yaml.load(text)
    return text if isinstance(source, Reading) else edit(source, before, after)
