"""Flows as the API's documents."""

from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from runs_app.models import Flow
from runs_app.reads import filters
from runs_app.reads.documents import flow_document


def documents(scope: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = filters.flows(scope).order_by(*filters.NAMED_ORDER[sort])
    return [flow_document(flow) for flow in page[offset : offset + limit]]


def document(flow_id: UUID) -> Document:
    """Raises Flow.DoesNotExist."""
    return flow_document(Flow.objects.get(pk=flow_id))


def document_named(name: str) -> Document:
    """Raises Flow.DoesNotExist."""
    return flow_document(Flow.objects.get(name=name))
