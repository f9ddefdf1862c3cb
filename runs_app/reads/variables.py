"""Variables as the API's documents, and their values for templates."""

from typing import Any

from django.db.models import Q

from project.lib.json_documents import Document
from runs_app.models import Variable
from runs_app.reads import filters

_MOST_IN_TEMPLATES = 10_000


def document(which: Q) -> Document | None:
    variable = Variable.objects.filter(which).first()
    return None if variable is None else document_of(variable)


def documents(given: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = filters.variables(given).order_by(*filters.NAMED_ORDER[sort])
    return [document_of(each) for each in page[offset : offset + limit]]


def values() -> dict[str, Any]:
    """Name → value, for templates. One query."""
    rows = Variable.objects.order_by("name").values_list("name", "value")
    return dict(rows[:_MOST_IN_TEMPLATES])


def document_of(variable: Variable) -> Document:
    return {
        "id": variable.id,
        "created": variable.created,
        "updated": variable.updated,
        "name": variable.name,
        "value": variable.value,
        "tags": variable.tags,
    }
