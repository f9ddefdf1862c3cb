"""Work pools: who executes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from runs_app.models import WorkPool
from runs_app.services.documents import Document, work_pool_document
from runs_app.storage import queries

_WHEN_NULL: dict[str, Any] = {"is_paused": False, "base_job_template": {}, "type": "process"}


def create(name: str, fields: Mapping[str, Any]) -> Document | None:
    """The new pool's document; None when the name is taken."""
    values = {"type": "process", **_plain(fields)}
    try:
        with transaction.atomic():
            return work_pool_document(WorkPool.objects.create(**{**values, "name": name}))
    except IntegrityError:
        return None


def named(name: str) -> Document | None:
    pool = WorkPool.objects.filter(name=name).first()
    return None if pool is None else work_pool_document(pool)


def matching(given: Any, *, limit: int, offset: int) -> list[Document]:
    page = queries.pools(given).order_by("name", "id")[offset : offset + limit]
    return [work_pool_document(pool) for pool in page]


def change(name: str, fields: Mapping[str, Any]) -> bool:
    """False when there is no such pool."""
    with transaction.atomic():
        pool = WorkPool.objects.select_for_update().filter(name=name).first()
        if pool is None:
            return False
        for field, value in _plain(fields).items():
            setattr(pool, field, value)
        pool.save()
    return True


def delete(name: str) -> bool:
    """Its deployments and runs stay, without a pool. False when there is no such pool."""
    with transaction.atomic():
        _, counts = WorkPool.objects.filter(name=name).delete()
    return counts.get("runs_app.WorkPool", 0) == 1


def set_paused(pool_id: UUID, paused: bool, *, now: datetime) -> bool:
    """Pause or resume; False when there is no such pool."""
    return WorkPool.objects.filter(pk=pool_id).update(is_paused=paused, updated=now) == 1


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {n: _WHEN_NULL.get(n) if v is None else v for n, v in fields.items()}
