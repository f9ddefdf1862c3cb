"""Work pools as the API's documents."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from runs_app.models import WorkPool
from runs_app.reads import filters, slot_holders
from runs_app.reads.documents import work_pool_document


def document(name: str) -> Document | None:
    pool = WorkPool.objects.filter(name=name).first()
    return None if pool is None else documents_of([pool])[0]


def documents(given: Any, *, limit: int, offset: int) -> list[Document]:
    page = filters.pools(given).order_by("name", "id")[offset : offset + limit]
    return documents_of(list(page))


def documents_of(pools: Sequence[WorkPool]) -> list[Document]:
    """One query, none where no pool has a limit."""
    limited = [pool.pk for pool in pools if pool.concurrency_limit is not None]
    taken: dict[UUID, int | None] = dict.fromkeys(limited, 0)
    taken.update(slot_holders.count_by_pool(limited))
    return [work_pool_document(pool, active_slots=taken.get(pool.pk)) for pool in pools]


def count(given: Any) -> int:
    return filters.pools(given).count()
