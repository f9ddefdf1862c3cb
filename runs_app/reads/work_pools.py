"""Work pools as the API's documents."""

from typing import Any

from project.lib.json_documents import Document
from runs_app.models import WorkPool
from runs_app.reads import filters
from runs_app.reads.documents import work_pool_document


def document(name: str) -> Document | None:
    pool = WorkPool.objects.filter(name=name).first()
    return None if pool is None else work_pool_document(pool)


def documents(given: Any, *, limit: int, offset: int) -> list[Document]:
    page = filters.pools(given).order_by("name", "id")[offset : offset + limit]
    return [work_pool_document(pool) for pool in page]


def count(given: Any) -> int:
    return filters.pools(given).count()
