"""Work queues as rows and as the API's documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from project.lib.json_documents import Document
from runs_app.models import WorkPool, WorkQueue
from runs_app.reads import filters, slot_holders
from runs_app.reads.documents import work_queue_document


def named(pool_name: str, name: str) -> WorkQueue | None:
    return _queues().filter(work_pool__name=pool_name, name=name).first()


def of_id(queue_id: UUID) -> WorkQueue | None:
    return _queues().filter(pk=queue_id).first()


def anywhere(name: str) -> WorkQueue | None:
    """The queue of that name in whichever pool, the oldest one first."""
    return _queues().filter(name=name).order_by("created", "id").first()


def documents(
    given: Any, *, pool_name: str | None, limit: int, offset: int, now: datetime
) -> list[Document] | None:
    """None when the pool does not exist. Three queries at most."""
    rows = _queues().filter(filters.queue_condition(given))
    if pool_name is not None:
        if not WorkPool.objects.filter(name=pool_name).exists():
            return None
        rows = rows.filter(work_pool__name=pool_name)
    page = rows.order_by("priority", "name", "id")[offset : offset + limit]
    return documents_of(list(page), now=now)


def documents_of(queues: Sequence[WorkQueue], *, now: datetime) -> list[Document]:
    """One query, none where no queue has a limit."""
    limited = [queue.pk for queue in queues if queue.concurrency_limit is not None]
    taken: dict[UUID, int | None] = dict.fromkeys(limited, 0)
    taken.update(slot_holders.count_by_queue(limited))
    return [
        work_queue_document(queue, now=now, active_slots=taken.get(queue.pk)) for queue in queues
    ]


def _queues() -> "QuerySet[WorkQueue]":
    return WorkQueue.objects.select_related("work_pool")
