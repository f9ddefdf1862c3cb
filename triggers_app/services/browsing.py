"""Automations as the API shows them."""

from uuid import UUID

from events_app.domain.event import rfc3339
from project.lib.json_documents import Document
from triggers_app.models import Automation
from triggers_app.storage import automations as storage
from triggers_app.storage.automations import AutomationQuery


def automation_document(row: Automation) -> Document:
    """The document that was saved, with what Flint adds: id, created, updated."""
    return {
        **row.document,
        "id": row.id,
        "created": rfc3339(row.created),
        "updated": rfc3339(row.updated),
    }


def automation(automation_id: UUID) -> Document:
    """One query. Raises Automation.DoesNotExist."""
    row = storage.automation(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    return automation_document(row)


def automations(wanted: AutomationQuery, *, order: str, limit: int, offset: int) -> list[Document]:
    """One query."""
    rows = storage.found(wanted, order=order, limit=limit, offset=offset)
    return [automation_document(row) for row in rows]


def count(wanted: AutomationQuery) -> int:
    return storage.count(wanted)


def automations_related_to(resource_id: str) -> list[Document]:
    """Those that the resource owns or that name it in an action. One query."""
    return [automation_document(row) for row in storage.related_to(resource_id)]
