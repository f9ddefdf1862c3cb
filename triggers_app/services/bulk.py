"""One change of many automations, each told apart: what was done, or why it was not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from project.lib.problems import Invalid, Problem
from triggers_app.automation.document import in_shadow
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation
from triggers_app.services import authoring, save_warnings
from triggers_app.services.cycle_guard import in_transaction
from triggers_app.services.soundness import require_enabling
from triggers_app.storage import automations as storage

MOST = 500
Change = Callable[[Automation, datetime], bool]


@dataclass(frozen=True, slots=True)
class BulkChange:
    """`done` is False when it was refused or is gone; `said` is a sentence.

    `version` is what the change made, which can be undone; None when it changed nothing.
    """

    id: UUID
    name: str
    done: bool
    said: str
    version: int | None = None


def on(ids: Sequence[UUID], *, author: str, now: datetime) -> list[BulkChange]:
    """Switch on, and let act, one after the other: each must see those before it in its loops."""
    changed = []
    before = storage.versions(ids[:MOST])
    for automation_id in ids[:MOST]:
        try:
            row = authoring.shadow(automation_id, False, author=author, now=now)
            row = authoring.enable(automation_id, True, author=author, now=now)
            said = " ".join(["It is on.", *save_warnings.of(None, row)])
            # Out of shadow and on are two versions: only what is one step can be undone.
            made = row.version if row.version - 1 == before.get(row.pk) else None
            changed.append(BulkChange(row.pk, row.name, True, said, made))
        except Automation.DoesNotExist:
            changed.append(_gone(automation_id))
        except Invalid as refusal:
            name = _name(automation_id)
            changed.append(BulkChange(automation_id, name, False, _sentence(refusal)))
    return changed


def off(ids: Sequence[UUID], *, author: str, now: datetime) -> list[BulkChange]:
    """Three queries, however many they are."""
    return _together(ids, lambda row, _: authoring.switch(row, False), "off", author, now)


def shadow(ids: Sequence[UUID], *, author: str, now: datetime) -> list[BulkChange]:
    """Those that are on only watch from now on; those that are off would."""

    def change(row: Automation, _: datetime) -> bool:
        return authoring.revise(row, in_shadow(parse_automation(row.document), True))

    return _together(ids, change, "in shadow", author, now)


def delete(ids: Sequence[UUID], *, author: str, now: datetime) -> list[BulkChange]:
    """Their firings and versions stay."""

    def change(row: Automation, now: datetime) -> bool:
        authoring.mark_deleted(row, now=now)
        return True

    return _together(ids, change, "deleted", author, now)


def undo(made: Mapping[UUID, int], *, author: str, now: datetime) -> list[BulkChange]:
    """Put back what stood before these versions, of those that nobody changed since."""
    before = storage.versions_before(made)

    def change(row: Automation, _: datetime) -> bool:
        known = before.get(row.pk)
        if known is None or row.version != made[row.pk]:
            raise Invalid([Problem((), "Somebody changed it since; it stays as it is.")])
        document = parse_automation(known)
        if document.enabled:
            require_enabling(document)
        if row.deleted is not None:
            row.deleted = None
            if not authoring.revise(row, document):
                row.version += 1
            return True
        return authoring.revise(row, document)

    locked = storage.locked_with_deleted
    return _together(list(made), change, "as it was", author, now, locked=locked)


def _together(
    ids: Sequence[UUID],
    change: Change,
    word: str,
    author: str,
    now: datetime,
    *,
    locked: Callable[[Sequence[UUID]], list[Automation]] = storage.locked_many,
) -> list[BulkChange]:
    distinct = list(dict.fromkeys(ids[:MOST]))
    effective_after = authoring.point_in_log()

    def work(marking: bool) -> dict[UUID, BulkChange]:
        rows = {row.pk: row for row in locked(distinct)}
        said: dict[UUID, BulkChange] = {}
        changed = []
        for row in rows.values():
            try:
                if change(row, now):
                    changed.append(row)
                    said[row.pk] = BulkChange(row.pk, row.name, True, f"It is {word}.", row.version)
                else:
                    said[row.pk] = BulkChange(row.pk, row.name, True, f"It was {word} already.")
            except Invalid as refusal:
                said[row.pk] = BulkChange(row.pk, row.name, False, _sentence(refusal))
        if changed:
            authoring.save(changed, effective_after, marking=marking, author=author, now=now)
        return said

    said = in_transaction(work)
    return [said.get(one) or _gone(one) for one in distinct]


def _gone(automation_id: UUID) -> BulkChange:
    return BulkChange(automation_id, "An automation", False, "It is not there any more.")


def _name(automation_id: UUID) -> str:
    row = storage.automation(automation_id)
    return row.name if row else "An automation"


def _sentence(refusal: Invalid) -> str:
    return " ".join(problem.msg for problem in refusal.problems)
