"""Workers as the API's documents."""

from typing import Any

from project.lib.json_documents import Document
from runs_app.models import Worker, WorkPool
from runs_app.reads import filters
from runs_app.reads.documents import worker_document


def documents(given: Any, *, pool_name: str, limit: int, offset: int) -> list[Document] | None:
    """The pool's workers, the one heard of last first; None when there is no such pool."""
    if not WorkPool.objects.filter(name=pool_name).exists():
        return None
    rows = Worker.objects.filter(filters.worker_condition(given), work_pool__name=pool_name)
    page = rows.order_by("-last_heartbeat", "id")[offset : offset + limit]
    return [worker_document(worker) for worker in page]
