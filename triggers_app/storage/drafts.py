"""Drafts and their revisions."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from project.lib.json_documents import Document
from triggers_app.models import AutomationVersion, Draft, DraftRevision

KEPT_REVISIONS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoStep:
    """A revision to be written: what the draft is from now on."""

    document: Document
    texts: dict[str, str]
    rejected: dict[str, str]
    label: str
    field: str = ""
    undo_rev: int | None = None
    redo_rev: int | None = None
    redo_label: str = ""
    base_version: int | None


def add(draft: Draft) -> bool:
    """A new draft with its first revision; False where its author has one open. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "id": draft.pk,
                "automation_id": draft.automation_id,
                "base_version": draft.base_version,
                "author": draft.author,
                "document": json.dumps(draft.document),
                "texts": json.dumps(draft.texts),
                "now": draft.created,
            },
        )
        return bool(cursor.rowcount == 1)


def write(draft: Draft, step: UndoStep, *, now: datetime) -> None:
    """The next revision of a draft that the caller has locked; old ones go. One query."""
    parameters: dict[str, Any] = {
        "id": draft.pk,
        "rev": draft.rev + 1,
        "oldest": draft.rev + 1 - KEPT_REVISIONS,
        "document": json.dumps(step.document),
        "texts": json.dumps(step.texts),
        "rejected": json.dumps(step.rejected),
        "label": step.label,
        "field": step.field,
        "undo_rev": step.undo_rev,
        "redo_rev": step.redo_rev,
        "redo_label": step.redo_label,
        "base_version": step.base_version,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, parameters)
    for name in ("document", "texts", "rejected", "label", "field"):
        setattr(draft, name, getattr(step, name))
    draft.rev += 1
    draft.undo_rev, draft.redo_rev = step.undo_rev, step.redo_rev
    draft.redo_label, draft.updated = step.redo_label, now
    draft.base_version = step.base_version


def locked(draft_id: UUID, author: str) -> Draft:
    """One query. Raises Draft.DoesNotExist, also for somebody else's."""
    return Draft.objects.select_for_update(no_key=True).get(pk=draft_id, author=author)


def lock_as_it_is(draft: Draft) -> bool:
    """Lock it, if it is still open and of this revision. One query, which reads nothing of it."""
    rows = Draft.objects.select_for_update(no_key=True).filter(
        pk=draft.pk, author=draft.author, rev=draft.rev, outcome=None
    )
    return rows.values_list("pk").first() is not None


def open_of(automation_id: UUID, author: str) -> Draft | None:
    """One query, by the index of open drafts."""
    return Draft.objects.filter(automation_id=automation_id, author=author, outcome=None).first()


def revision(draft_id: UUID, rev: int) -> DraftRevision | None:
    """One query, by the key."""
    return DraftRevision.objects.filter(draft_id=draft_id, rev=rev).first()


def close(draft: Draft, outcome: str, *, now: datetime) -> None:
    """End a draft that the caller has locked. One query."""
    draft.outcome, draft.updated = outcome, now
    draft.save(update_fields=["outcome", "updated", "automation", "saved_version"])


def versions(automation_id: UUID, numbers: Collection[int]) -> dict[int, AutomationVersion]:
    """Some versions of an automation by their numbers. One query, by the index of numbers."""
    rows = AutomationVersion.objects.filter(automation_id=automation_id, version__in=numbers)
    return {row.version: row for row in rows}


def delete_older(before: datetime, *, limit: int) -> int:
    """Delete drafts that nobody touched since then, the oldest first; how many. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, {"before": before, "limit": limit})
        return int(cursor.rowcount)


# Raw SQL: a draft and its revision in one statement, and only where there is none yet.
_ADD = """
    WITH added AS (
        INSERT INTO draft (
            id, automation_id, base_version, author, rev, document, texts, rejected, label, field,
            redo_label, chosen, created, updated
        )
        VALUES (
            %(id)s, %(automation_id)s, %(base_version)s, %(author)s, 1, %(document)s, %(texts)s,
            '{}', '', '', '', '{}', %(now)s, %(now)s
        )
        ON CONFLICT (automation_id, author) WHERE outcome IS NULL DO NOTHING
        RETURNING id
    )
    INSERT INTO draft_revision (
        draft_id, rev, document, texts, rejected, label, field, redo_label, base_version, created
    )
    SELECT id, 1, %(document)s, %(texts)s, '{}', '', '', '', %(base_version)s, %(now)s
    FROM added
"""
# Raw SQL: three tables' worth of writing in one round trip, for it is done at every keystroke.
_WRITE = """
    WITH gone AS (
        DELETE FROM draft_revision WHERE draft_id = %(id)s AND rev <= %(oldest)s
    ), added AS (
        INSERT INTO draft_revision (
            draft_id, rev, document, texts, rejected, label, field,
            undo_rev, redo_rev, redo_label, base_version, created
        )
        VALUES (
            %(id)s, %(rev)s, %(document)s, %(texts)s, %(rejected)s, %(label)s, %(field)s,
            %(undo_rev)s, %(redo_rev)s, %(redo_label)s, %(base_version)s, %(now)s
        )
    )
    UPDATE draft
    SET rev = %(rev)s, document = %(document)s, texts = %(texts)s, rejected = %(rejected)s,
        label = %(label)s, field = %(field)s, undo_rev = %(undo_rev)s, redo_rev = %(redo_rev)s,
        redo_label = %(redo_label)s, base_version = %(base_version)s, updated = %(now)s
    WHERE id = %(id)s
"""
# Raw SQL: the ORM would read every draft, and delete the revisions by a query of their own.
_DELETE = """
    WITH old AS (
        SELECT id FROM draft WHERE updated < %(before)s ORDER BY updated LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM draft_revision WHERE draft_id IN (SELECT id FROM old)
    )
    DELETE FROM draft WHERE id IN (SELECT id FROM old)
"""
