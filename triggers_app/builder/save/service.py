"""A draft becomes an automation: off, in shadow, or on; never over what others saved meanwhile.

The draft and the automation are locked, in this order, while the version is compared and the
next one is written. So of two who save, one saves and the other is told what was changed.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from events_app.domain.position import StreamId
from project.lib.json_documents import Document
from project.lib.problems import Invalid, Problem
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.finding import Finding
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.drafts import conflicts
from triggers_app.builder.drafts.conflicts import DraftConflict
from triggers_app.builder.drafts.draft_analysis import read_draft
from triggers_app.builder.drafts.service import CLOSED, Applied
from triggers_app.builder.drafts.steps import advance
from triggers_app.builder.lint import service as findings
from triggers_app.models import Automation, Draft
from triggers_app.services import authoring
from triggers_app.services.cycle_guard import in_transaction
from triggers_app.services.soundness import require_sound
from triggers_app.storage import automations
from triggers_app.storage import drafts as storage

Mode = Literal["off", "shadow", "on"]
MOVED = "The draft was changed in another tab. Look at it as it is now, then save it."
GONE = "This automation was deleted. You can save the draft as a new one."


@dataclass(frozen=True, slots=True)
class Saved:
    automation_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class SaveRefused:
    """Nothing was saved. `problems` must be settled; `findings` settled or confirmed.

    A problem of type `gone` can be met by saving as a new automation.
    """

    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def save(
    draft: Draft,
    *,
    rev: int,
    mode: Mode,
    confirmed: frozenset[str] = frozenset(),
    now: datetime,
    as_new: bool = False,
    reason: str = "",
) -> Saved | DraftConflict | SaveRefused:
    """Save the draft as it was seen at `rev`; saving again what is saved says so once more.

    `confirmed` are the codes of findings that the author has confirmed. `as_new` leaves the
    automation that the draft was made of alone. `reason` stands in the version. The draft is
    read again only where it has changed meanwhile.
    """
    if (ended := _ended(draft, rev)) is not None:
        return ended
    automation, problems = _sound(draft, mode)
    if automation is None or problems:
        return SaveRefused(problems)
    # In shadow it does nothing that anybody would have to be kept from.
    stopping = findings.blocking(draft, confirmed, now=now) if mode == "on" else []
    if stopping:
        return SaveRefused(findings=stopping)
    point = authoring.point_in_log()

    def work(marking: bool) -> Saved | DraftConflict | SaveRefused:
        if storage.lock_as_it_is(draft):
            own = copy(draft)  # a transaction that is tried again begins with what was read
        else:
            own = storage.locked(draft.pk, draft.author)
            if (ended := _ended(own, rev)) is not None:
                return ended
        write = _Write(
            automation=automation,
            point=point,
            as_new=as_new,
            marking=marking,
            author=f"{draft.author}: {reason}" if reason else draft.author,
            now=now,
        )
        return write.of(own)

    return in_transaction(work)


def resolve(
    draft_id: UUID, *, author: str, choices: Mapping[str, str], now: datetime
) -> Applied | DraftConflict | SaveRefused:
    """Take what others saved meanwhile into the draft, which can then be saved over it.

    `choices` says "theirs" or "mine" for the path of every conflict; while one is open, it is
    told again. An ordinary step of the draft: it can be undone. Raises Draft.DoesNotExist.
    """
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        if not draft.is_open:
            return SaveRefused([Problem((), CLOSED, "closed")])
        row = None if draft.automation_id is None else automations.automation(draft.automation_id)
        if row is None:
            return SaveRefused([Problem((), GONE, "gone")])
        conflict = conflicts.between(draft, row, choices)
        if conflict.clashes:
            return conflict
        label = f"Took in version {row.version}"
        version = row.version
        advance(draft, conflict.merged, label=label, base_version=version, now=now)
        return Applied(draft, draft.rev, structural=True, did=label)


def discard(draft_id: UUID, *, author: str, now: datetime) -> Draft:
    """Close the draft without saving it. Two queries. Raises Draft.DoesNotExist."""
    with transaction.atomic():
        draft = storage.locked(draft_id, author)
        if draft.is_open:
            storage.close(draft, "discarded", now=now)
        return draft


def with_mode(document: Document, mode: Mode) -> Document:
    """The document as it is saved: off, in shadow or on."""
    flint = document.get("flint")
    rest = {key: each for key, each in flint.items() if key != "shadow"} if flint else {}
    if mode == "shadow":
        rest["shadow"] = True
    saved = {**document, "enabled": mode != "off"}
    if rest or flint is None:
        return {**saved, "flint": rest} if rest else saved
    saved.pop("flint")
    return saved


def _ended(draft: Draft, rev: int) -> Saved | SaveRefused | None:
    """Why the draft cannot be saved as it was seen; None when it can."""
    if draft.outcome == "saved" and draft.automation_id and draft.saved_version:
        return Saved(draft.automation_id, draft.saved_version)
    if not draft.is_open:
        return SaveRefused([Problem((), CLOSED, "closed")])
    return None if draft.rev == rev else SaveRefused([Problem((), MOVED, "moved")])


def _sound(draft: Draft, mode: Mode) -> tuple[AutomationDocument | None, list[Problem]]:
    """The automation to be saved; or everything that speaks against it."""
    reading = read_draft(draft)
    problems = [*reading.unread, *reading.problems, *reading.incomplete]
    if problems:
        return None, problems
    try:
        automation = parse_automation(with_mode(draft.document, mode))
        require_sound(automation)
    except Invalid as error:
        return None, error.problems
    return automation, []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A save under way, with the draft and the automation locked."""

    automation: AutomationDocument
    point: StreamId
    as_new: bool
    marking: bool
    author: str
    now: datetime

    def of(self, draft: Draft) -> Saved | DraftConflict | SaveRefused:
        """Write the next version, and close the draft."""
        if draft.automation_id is None or self.as_new:
            row = authoring.new_row(self.automation)
            self._save(row, new=True)
        else:
            automation = automations.locked(draft.automation_id)
            if automation is None:
                return SaveRefused([Problem((), GONE, "gone")])
            row = automation
            if not automations.says_the_same(row, draft.base_version):
                return conflicts.between(draft, row)
            if authoring.revise(row, self.automation):
                self._save(row, new=False)
        draft.automation_id, draft.saved_version = row.pk, row.version
        storage.close(draft, "saved", now=self.now)
        return Saved(row.pk, row.version)

    def _save(self, row: Automation, *, new: bool) -> None:
        authoring.save(
            [row], self.point, marking=self.marking, new=new, author=self.author, now=self.now
        )
