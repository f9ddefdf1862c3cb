"""Automations that start themselves, alone or by way of others: found, and marked as guarded.

A guarded automation ignores the events that it has caused itself (docs/semantics.md, row 14). A
save marks what it saves and, in its transaction, every other automation whose mark it changes;
`lock` keeps two such saves apart. Lint asks the same of a draft, and of what is only possible.

What others are is remembered by this process, and brought up to date by the numbers of
changes, which become visible in their order: a search reads only what changed since the last.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction

from project.lib.process_memory import process_memory
from triggers_app.automation.document import AutomationDocument, document
from triggers_app.automation.loop_guard import on_a_cycle_with
from triggers_app.automation.loops.cycles import find_cycles
from triggers_app.automation.loops.links import Other, Others
from triggers_app.models import Automation
from triggers_app.storage import automations
from triggers_app.storage import links as storage
from triggers_app.storage.links import ChangedLinks

T = TypeVar("T")


class _Known:
    """The enabled automations that lead from runs to runs, as of a change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._change = 0
        self._others: dict[UUID, Other] = {}
        self._possible: Others | None = None
        self._certain: Others | None = None

    def possible(self) -> Others:
        """With all their ways. One query."""
        with self._lock:
            changed = self._refresh()
            if changed:
                return Others(_with(self._others, changed).values())
            self._possible = self._possible or Others(self._others.values())
            return self._possible

    def certain(self) -> Others:
        """With those of their ways that are certain; only they can mark anything. One query."""
        with self._lock:
            changed = self._refresh()
            if changed:
                return Others(_certain(_with(self._others, changed)).values())
            self._certain = self._certain or Others(_certain(self._others).values())
            return self._certain

    def by_id(self) -> dict[UUID, Other]:
        """Those with certain ways. One query."""
        with self._lock:
            return _certain(_with(self._others, self._refresh()))

    def _refresh(self) -> list[ChangedLinks]:
        """Take in what changed. Within a transaction that may still be taken back, so there it
        is only returned."""
        changed = storage.changed_after(self._change)
        if connection.in_atomic_block:
            return changed
        for row in changed:
            self._change = max(self._change, row.change)
            before = self._others.pop(row.id, None)
            other = _other(row)
            if other is not None:
                self._others[row.id] = other
            if before != other:
                self._possible = self._certain = None
        return []


def _with(known: Mapping[UUID, Other], changed: Sequence[ChangedLinks]) -> dict[UUID, Other]:
    others = dict(known)
    for row in changed:
        others.pop(row.id, None)
        other = _other(row)
        if other is not None:
            others[row.id] = other
    return others


def _other(row: ChangedLinks) -> Other | None:
    if row.document is None:
        return None
    return Other.of_document(row.id, row.document, guarded=row.guarded)


def _certain(known: Mapping[UUID, Other]) -> dict[UUID, Other]:
    sure = ((other.id, other.certain) for other in known.values())
    return {automation_id: other for automation_id, other in sure if other is not None}


@process_memory
def _known() -> _Known:
    return _Known()


def others() -> Others:
    """All that may be part of a loop, for lint. One query."""
    return _known().possible()


def lock() -> None:
    """Until the end of the transaction, no other save changes marks. One query.

    To be taken before any automation is locked: marks of others are written under it.
    """
    storage.lock_marks()


def concerned(document: Mapping[str, Any]) -> bool:
    """Whether a certain loop may lead through an automation that says this."""
    other = Other.of_document(UUID(int=0), document)
    return other is not None and other.certain is not None


class NeedsLock(Exception):
    """The marks of others may change, and other saves are not kept apart."""


def in_transaction(work: Callable[[bool], T]) -> T:
    """Do the work of one save in a transaction; once more, and under the lock, if it needs that.

    The argument of `work` says whether the lock is held: most saves need none, and it has to
    be taken before any automation is locked.
    """
    try:
        with transaction.atomic():
            return work(False)
    except NeedsLock:
        others()  # what was committed is remembered outside of transactions only
        with transaction.atomic():
            lock()
            return work(True)


def marked(rows: Sequence[Automation], *, marking: bool) -> list[Automation]:
    """Mark the rows that are about to be saved; returns the others whose marks that changes.

    Those are locked, and stand as their next versions. Two queries at most, none where no loop
    can be concerned. Raises NeedsLock if one can be, and the lock is not held (`marking`).
    """
    if not any(row.guarded or _concerned(row) for row in rows):
        return []
    if not marking:
        raise NeedsLock
    before = _known().by_id()
    after = dict(before)
    for row in rows:
        after.pop(row.pk, None)
        other = None if row.deleted else Other.of_document(row.pk, row.document)
        if other is not None and (certain := other.certain) is not None:
            after[row.pk] = certain
    ids = {row.pk for row in rows}
    graph = Others(before.values())
    touched = {one for pk in ids & before.keys() for one in on_a_cycle_with(before[pk], graph)}
    looping = _looping(after, ids & after.keys(), touched)
    for row in rows:
        row.guarded = row.pk in looping
    return _marked(
        pk
        for pk in (touched | looping) - ids
        if pk in after and after[pk].guarded != (pk in looping)
    )


def _concerned(row: Automation) -> bool:
    return row.deleted is None and concerned(row.document)


def _looping(after: Mapping[UUID, Other], saved: set[UUID], touched: set[UUID]) -> set[UUID]:
    """Of what is saved, and of what that may have changed, those that run in a certain loop."""
    graph = Others(after.values())
    looping: set[UUID] = set()
    for pk in [*saved, *touched]:
        if pk in after and pk not in looping:
            looping |= on_a_cycle_with(after[pk], graph)
    alone = {pk for pk in saved | touched if pk in after and after[pk].starts_itself}
    return looping | alone


def _marked(ids: Iterable[UUID]) -> list[Automation]:
    chosen_ids = list(ids)
    rows = automations.locked_many(chosen_ids) if chosen_ids else []
    for row in rows:
        row.guarded = not row.guarded
        row.version += 1
    return rows


def certain_paths(automation: AutomationDocument, automation_id: UUID | None = None) -> list[str]:
    """The certain loops that it is part of, each in words. No query where there can be none."""
    if not automation.enabled or not concerned(document(automation)):
        return []
    cycles = find_cycles(
        automation, _known().certain(), automation_id=automation_id, only_certain=True
    )
    return [cycle.words(storage.deployment_name) for cycle in cycles]
