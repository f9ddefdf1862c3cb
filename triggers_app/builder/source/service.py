"""The source panes of a draft: shown, typed in, and kept where the text cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from project.lib.json_documents import Document
from project.lib.line_ends import newlines
from triggers_app.automation.editing import pane
from triggers_app.automation.editing.nodes import fresh_id
from triggers_app.automation.formats.reading import MAX_TEXT, Diagnostic, Severity
from triggers_app.automation.formats.registry import TWO_WAY, Format
from triggers_app.automation.formats.yaml.match import same
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.source.importing import ImportPreview
from triggers_app.models import Draft


@dataclass(frozen=True, slots=True)
class Pane:
    """`rev` is the revision that the text was made from; what is typed is compared with it.

    `refused`: the text is not in the draft, as it cannot be read; `is_kept` says whether the
    server has it. `behind`: the draft has changes that the text does not show.
    """

    format: Format
    text: str
    rev: int
    diagnostics: Sequence[Diagnostic] = ()
    losses: Sequence[str] = ()
    refused: bool = False
    is_kept: bool = False
    behind: bool = False

    @property
    def word(self) -> str:
        return self.format.spec.tab or self.format.spec.word

    @property
    def errors(self) -> list[Diagnostic]:
        return [each for each in self.diagnostics if each.severity is Severity.ERROR]


def pane_of(draft: Draft, format: Format) -> Pane:
    """What the pane shows: the draft, or the text that was typed and could not be read."""
    kept = draft.chosen.get(_key(format))
    if isinstance(kept, dict) and format in TWO_WAY:
        return _refused(draft, format, str(kept.get("text")), int(kept.get("rev") or 0), True)
    own = draft.texts.get(format.spec.own_text)
    if own is not None:
        said = _read(format, own, draft.document).diagnostics
        return Pane(format, own, draft.rev, said, _losses(format, draft.document))
    writing = pane.written(format, draft.document)
    said = _said(format, writing.text, draft.document)
    return Pane(format, writing.text, draft.rev, said, [loss.message for loss in writing.losses])


def take(
    draft: Draft, format: Format, text: str, *, rev: int, author: str, now: datetime
) -> tuple[Pane, Applied | None]:
    """Make a text that was typed the draft's document; keep it where it cannot be read.

    `rev` is the revision that the text was made from: what changed elsewhere since then stays,
    unless the text changed it, too. At most seven queries. Raises Draft.DoesNotExist.
    """
    text = newlines(text)
    base = drafts.revision(draft, rev) or draft.document
    reading = _read(format, text, base)
    if reading.document is None:
        return _keep(draft, format, text, rev, author), None
    typed, own = reading.document, dict[str, str]()

    def change(current: Document) -> Document:
        # Within the lock: what is current here is what the next revision follows.
        merged = typed if same(current, base) else pane.joined(base, typed, current)
        edit = format.spec.apply_edit
        if edit is not None:
            plain = (pane.plain(each) for each in (typed, merged))
            own[format.spec.own_text] = text if merged is typed else edit(text, *plain)
        return merged

    applied = drafts.edit(
        draft.pk,
        author=author,
        rev=rev,
        change=change,
        label=f"Edited the {format.spec.word}",
        now=now,
        texts=own,
        field=f"pane.{format}",
    )
    if _key(format) in applied.draft.chosen:
        drop(applied.draft, format, author=author)
    behind = not same(applied.draft.document, typed)
    losses = _losses(format, applied.draft.document)
    current_rev = rev if behind else applied.rev
    return Pane(format, text, current_rev, reading.diagnostics, losses, behind=behind), applied


def drop(draft: Draft, format: Format, *, author: str) -> Draft:
    """Forget the text that could not be read; the pane shows the draft again. Two queries."""
    return drafts.choose(draft.pk, author=author, chosen={_key(format): None})


def bring_in(
    draft: Draft, looked: ImportPreview, document: Document, *, author: str, now: datetime
) -> Applied:
    """Replace the draft by what a pasted text says, as one step. Two queries."""

    def change(current: Document) -> Document:
        return pane.with_ids(document, current, fresh_id)

    label = f"Import from {looked.word}"
    return drafts.edit(draft.pk, author=author, rev=draft.rev, change=change, label=label, now=now)


def _read(format: Format, text: str, base: Document) -> pane.PaneReading:
    return pane.read(format, text, base=base, fresh=fresh_id)


def _said(format: Format, text: str, document: Document) -> list[Diagnostic]:
    return _read(format, text, document).diagnostics if format in TWO_WAY else []


def _losses(format: Format, document: Document) -> list[str]:
    """What a text that people type does not say; JSON and YAML say everything."""
    losses = format.spec.losses
    return [loss.message for loss in losses(pane.plain(document))] if losses else []


def _keep(draft: Draft, format: Format, text: str, rev: int, author: str) -> Pane:
    is_kept = len(text) <= MAX_TEXT
    if is_kept:
        chosen = {_key(format): {"text": text, "rev": rev}}
        draft = drafts.choose(draft.pk, author=author, chosen=chosen)
    return _refused(draft, format, text, rev, is_kept)


def _refused(draft: Draft, format: Format, text: str, rev: int, is_kept: bool) -> Pane:
    said = _read(format, text, draft.document).diagnostics
    return Pane(format, text, rev, said, refused=True, is_kept=is_kept)


def _key(format: Format) -> str:
    return f"text.{format}"
