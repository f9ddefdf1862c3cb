"""Automations as the API shows them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from events_app.domain.event import rfc3339
from project.lib.json_documents import Document
from triggers_app.automation.document import without_tests
from triggers_app.models import Automation
from triggers_app.storage import automations as storage

ORDERS = {
    "CREATED_DESC": ("-created", "-id"),
    "UPDATED_DESC": ("-updated", "-id"),
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationQuery:
    """What a list of automations is narrowed to; None narrows nothing."""

    ids: Collection[UUID] | None = None
    names: Collection[str] | None = None
    created_before: datetime | None = None
    tags_all: Sequence[str] | None = None
    tags_any: Sequence[str] | None = None
    untagged: bool | None = None


def automation_document(row: Automation) -> Document:
    """The document that was saved, less its tests, with what Flint adds: id, created, updated."""
    return {
        **without_tests(row.document),
        "id": row.id,
        "created": rfc3339(row.created),
        "updated": rfc3339(row.updated),
    }


def document(automation_id: UUID) -> Document:
    """One query. Raises Automation.DoesNotExist."""
    row = storage.automation(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    return automation_document(row)


def documents(query: AutomationQuery, *, order: str, limit: int, offset: int) -> list[Document]:
    """One query."""
    rows = _filtered(query).order_by(*ORDERS[order])[offset : offset + limit]
    return [automation_document(row) for row in rows]


def count(query: AutomationQuery) -> int:
    return _filtered(query).count()


def documents_related_to(resource_id: str) -> list[Document]:
    """Those that the resource owns or that name it in an action, by name. One query."""
    related = Q(owner_resource=resource_id) | Q(related_resources__contains=[resource_id])
    rows = storage.live().filter(related).order_by("name", "id")
    return [automation_document(row) for row in rows]


def _filtered(query: AutomationQuery) -> "QuerySet[Automation]":
    narrowed: dict[str, Any] = {
        "id__in": query.ids,
        "name__in": query.names,
        "created__lte": query.created_before,
        "tags__contains": query.tags_all,
        "tags__overlap": query.tags_any,
    }
    rows = storage.live().filter(
        **{key: value for key, value in narrowed.items() if value is not None}
    )
    if query.untagged is None:
        return rows
    return rows.filter(tags=[]) if query.untagged else rows.exclude(tags=[])
