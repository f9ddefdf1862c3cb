"""One change of many automations, each told apart: what was done, or why it was not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from project.lib.problems import Invalid
from triggers_app.automation.document import in_shadow
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation
from triggers_app.services import authoring, save_warnings
from triggers_app.services.cycle_guard import in_transaction
from triggers_app.storage import automations as storage

MOST = 500
Change = Callable[[Automation, datetime], bool]


@dataclass(frozen=True, slots=True)
class BulkChange:
    """`done` is False when it was refused or is gone; `said` is a sentence."""

    id: UUID
    name: str
    done: bool
    said: str


def on(ids: Sequence[UUID], *, author: str, now: datetime) -> list[BulkChange]:
    """Switch on, and let act, one after the other: each must see those before it in its loops."""
    changed = []
    for automation_id in ids[:MOST]:
        try:
            row = authoring.shadow(automation_id, False, author=author, now=now)
            row = authoring.enable(automation_id, True, author=author, now=now)
            said = " ".join(["It is on.", *save_warnings.of(None, row)])
            changed.append(BulkChange(row.pk, row.name, True, said))
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


def _together(
    ids: Sequence[UUID], change: Change, word: str, author: str, now: datetime
) -> list[BulkChange]:
    distinct = list(dict.fromkeys(ids[:MOST]))
    effective_after = authoring.point_in_log()

    def work(marking: bool) -> dict[UUID, BulkChange]:
        rows = {row.pk: row for row in storage.locked_many(distinct)}
        said: dict[UUID, BulkChange] = {}
        changed = []
        for row in rows.values():
            try:
                if change(row, now):
                    changed.append(row)
                    said[row.pk] = BulkChange(row.pk, row.name, True, f"It is {word}.")
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
