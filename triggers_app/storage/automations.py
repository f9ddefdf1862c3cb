"""Automations and their versions: written in order of change, read for the API."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from events_app.domain.position import StreamId
from triggers_app.models import Automation, AutomationVersion

ORDERS = {
    "CREATED_DESC": ("-created", "-id"),
    "UPDATED_DESC": ("-updated", "-id"),
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
}
# Who draws a number keeps the lock until its commit, so numbers become visible in order: a
# reader that has seen 7 will never find a 6 later. The lock is taken before the first number.
_CHANGES = """
    SELECT nextval('automation_change_seq')
    FROM (SELECT pg_advisory_xact_lock(4207101) OFFSET 0) AS locked,
         generate_series(1, %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list of automations is narrowed to; None narrows nothing."""

    ids: Collection[UUID] | None = None
    names: Collection[str] | None = None
    created_before: datetime | None = None
    tags_all: Sequence[str] | None = None
    tags_any: Sequence[str] | None = None
    untagged: bool | None = None


def next_changes(count: int) -> list[int]:
    """Numbers for changes that the caller writes and commits next. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, (count,))
        return [row[0] for row in cursor.fetchall()]


def locked(automation_id: UUID) -> Automation | None:
    """The automation, locked for a change. One query."""
    return live().select_for_update(no_key=True).filter(pk=automation_id).first()


def locked_owned_by(resource_id: str) -> list[Automation]:
    """Those that a resource owns, locked for a change, oldest first. One query."""
    rows = live().filter(owner_resource=resource_id).select_for_update(no_key=True)
    return list(rows.order_by("id"))


def write(
    rows: Sequence[Automation],
    *,
    new: bool,
    effective_after: StreamId,
    author: str,
    now: datetime,
) -> None:
    """Write automations as they stand now, each as its next version. Three queries.

    `effective_after` never goes back between versions of one automation, for the evaluator
    applies them in its order.
    """
    for row, change in zip(rows, next_changes(len(rows)), strict=True):
        row.change = change
        after = max(effective_after, (row.effective_after_ms, row.effective_after_seq))
        row.effective_after_ms, row.effective_after_seq = after
        row.updated = now
        if new:
            row.created = now
    if new:
        Automation.objects.bulk_create(rows)
    else:
        Automation.objects.bulk_update(rows, _CHANGED)
    AutomationVersion.objects.bulk_create([_version(row, author, now) for row in rows])


_CHANGED = [
    *("name", "description", "enabled", "tags", "document", "owner_resource"),
    *("related_resources", "version", "change", "effective_after_ms", "effective_after_seq"),
    *("quarantine_reason", "quarantined", "deleted", "updated"),
]


def _version(row: Automation, author: str, now: datetime) -> AutomationVersion:
    return AutomationVersion(
        automation=row,
        version=row.version,
        enabled=row.enabled,
        document=row.document,
        deleted=row.deleted is not None,
        effective_after_ms=row.effective_after_ms,
        effective_after_seq=row.effective_after_seq,
        author=author,
        created=now,
    )


def live() -> "QuerySet[Automation]":
    return Automation.objects.filter(deleted=None)


def automation(automation_id: UUID) -> Automation | None:
    return live().filter(pk=automation_id).first()


def found(wanted: Filter, *, order: str, limit: int, offset: int) -> list[Automation]:
    """A page of those that pass the filter; `order` is one of ORDERS. One query."""
    return list(_filtered(wanted).order_by(*ORDERS[order])[offset : offset + limit])


def count(wanted: Filter) -> int:
    return _filtered(wanted).count()


def related_to(resource_id: str) -> list[Automation]:
    """Those that a resource owns or that name it in an action, by name. One query."""
    rows = live().filter(
        Q(owner_resource=resource_id) | Q(related_resources__contains=[resource_id])
    )
    return list(rows.order_by("name", "id"))


def _filtered(wanted: Filter) -> "QuerySet[Automation]":
    narrowed: dict[str, Any] = {
        "id__in": wanted.ids,
        "name__in": wanted.names,
        "created__lte": wanted.created_before,
        "tags__contains": wanted.tags_all,
        "tags__overlap": wanted.tags_any,
    }
    rows = live().filter(**{key: value for key, value in narrowed.items() if value is not None})
    if wanted.untagged is None:
        return rows
    return rows.filter(tags=[]) if wanted.untagged else rows.exclude(tags=[])
