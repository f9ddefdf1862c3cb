"""Work pools as people look at them: who executes, and how much waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from project.lib.paging import fingerprint
from runs_app.models import FlowRun, Worker, WorkPool, WorkQueue
from runs_app.reads import slot_holders
from runs_app.reads.documents import work_pool_document, work_queue_document

MOST_POOLS = 200
MOST_QUEUES = 200
MOST_WORKERS = 100


@dataclass(frozen=True, slots=True)
class Depth:
    """Runs that are due and not begun; `late` are those of them that nobody took in time."""

    waiting: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class PoolRow:
    pool: WorkPool
    status: str
    online: int
    queues: int
    active: int
    depth: Depth


@dataclass(frozen=True, slots=True)
class QueueRow:
    queue: WorkQueue
    status: str
    active: int
    depth: Depth


@dataclass(frozen=True, slots=True)
class PoolInFull:
    pool: WorkPool
    status: str
    active: int
    queues: Sequence[QueueRow]
    workers: Sequence[Worker]

    @property
    def seen(self) -> str:
        rows = [
            (each.queue.pk, each.queue.updated, each.status, each.active, each.depth)
            for each in self.queues
        ]
        lives = [(each.name, each.online, each.last_heartbeat) for each in self.workers]
        return fingerprint((self.pool.updated, self.status, self.active, rows, lives))


def page(*, now: datetime) -> list[PoolRow]:
    """The first 200 pools by name. Five queries."""
    pools = list(WorkPool.objects.order_by("name", "id")[:MOST_POOLS])
    ids = [pool.pk for pool in pools]
    online = _counts(Worker.objects.filter(online=True, work_pool_id__in=ids))
    queues = _counts(WorkQueue.objects.filter(work_pool_id__in=ids))
    active = slot_holders.count_by_pool(ids)
    depths = _depths("work_pool_id", ids, now)
    return [
        PoolRow(
            pool,
            work_pool_document(pool)["status"],
            online.get(pool.pk, 0),
            queues.get(pool.pk, 0),
            active.get(pool.pk, 0),
            depths.get(pool.pk, Depth()),
        )
        for pool in pools
    ]


def in_full(pool_id: UUID, *, now: datetime) -> PoolInFull | None:
    """Five queries."""
    pool = WorkPool.objects.filter(pk=pool_id).first()
    if pool is None:
        return None
    rows = WorkQueue.objects.filter(work_pool=pool).select_related("work_pool")
    queues = list(rows.order_by("priority", "name", "id")[:MOST_QUEUES])
    ids = [queue.pk for queue in queues]
    active = slot_holders.count_by_queue(ids)
    depths = _depths("work_queue_id", ids, now)
    workers = Worker.objects.filter(work_pool=pool).order_by("-online", "-last_heartbeat", "id")
    return PoolInFull(
        pool,
        work_pool_document(pool)["status"],
        sum(active.values()),
        [
            QueueRow(
                queue,
                work_queue_document(queue, now=now)["status"],
                active.get(queue.pk, 0),
                depths.get(queue.pk, Depth()),
            )
            for queue in queues
        ],
        list(workers[:MOST_WORKERS]),
    )


def _counts(rows: Any) -> dict[UUID, int]:
    return dict(rows.order_by().values_list("work_pool_id").annotate(Count("id")))


def _depths(field: str, ids: Sequence[UUID], now: datetime) -> dict[UUID, Depth]:
    if not ids:
        return {}
    due = FlowRun.objects.filter(
        **{f"{field}__in": list(ids)},
        state_type="SCHEDULED",
        next_scheduled_start_time__lte=now,
    )
    counted = due.order_by().values_list(field)
    late = Count("id", filter=Q(state_name="Late"))
    return {
        pk: Depth(total, some) for pk, total, some in counted.annotate(total=Count("id"), late=late)
    }
