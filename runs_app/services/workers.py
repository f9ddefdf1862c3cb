"""Workers of pools: who lives, who is gone, and which runs they are handed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from project.lib.json_documents import Document
from runs_app.models import Worker, WorkPool
from runs_app.reads import flow_runs
from runs_app.services import queues
from runs_app.services.announcing import announce, event_of, of_pool
from runs_app.storage import polling

MISSED_HEARTBEATS = 3  # so many, and a worker counts as gone


def heartbeat(pool_name: str, name: str, interval_seconds: int | None, *, now: datetime) -> bool:
    """A worker says that it lives; False when there is no such pool. One query while it does."""
    if polling.note_alive(pool_name, name, interval_seconds or 30, now=now):
        return True
    with transaction.atomic():
        pool = WorkPool.objects.select_for_update(no_key=True).filter(name=pool_name).first()
        if pool is None:
            return False
        Worker.objects.update_or_create(
            work_pool=pool,
            name=name,
            defaults={
                "heartbeat_interval_seconds": interval_seconds or 30,
                "last_heartbeat": now,
                "online": True,
            },
        )
        if not pool.ready:
            WorkPool.objects.filter(pk=pool.pk).update(ready=True)
            if not pool.is_paused:
                announce([event_of(of_pool(pool), "ready", now=now)])
    return True


def delete(pool_name: str, name: str) -> bool:
    deleted, _ = Worker.objects.filter(work_pool__name=pool_name, name=name).delete()
    return deleted > 0


def note_gone(*, now: datetime) -> int:
    """Mark workers that missed their heartbeats, and pools that have none left; how many."""
    with transaction.atomic():
        gone = polling.lock_gone_workers(now, missed=MISSED_HEARTBEATS)
        if not gone:
            return 0
        Worker.objects.filter(pk__in=[worker_id for worker_id, _ in gone]).update(online=False)
        for pool in polling.lock_pools_without_workers({pool_id for _, pool_id in gone}):
            WorkPool.objects.filter(pk=pool.pk).update(ready=False)
            if not pool.is_paused:
                announce([event_of(of_pool(pool), "not-ready", now=now)])
    return len(gone)


def scheduled_flow_runs(
    pool_name: str,
    *,
    queue_names: Sequence[str],
    before: datetime | None,
    limit: int,
    now: datetime,
) -> list[Document] | None:
    """Runs that a worker may take now; None when there is no such pool.

    Nothing comes of a paused pool or queue, nor more than limits leave room for; queues of a
    lower priority number come first, and in each the longest due. Asking makes the queues
    ready. Two workers may be handed the same run: the first to set it Pending has it.
    Three queries while nothing is due and no slots are counted.
    """
    polled = polling.queues_of(pool_name, queue_names)
    if polled is None:
        return None
    if not polled:
        return []
    queues.note_polled(polled, now=now)
    pool = polled[0].work_pool
    ids = polling.due_runs(pool, polled, before=before or now, limit=limit)
    documents = flow_runs.documents_by_id(ids, now=now)
    runs = [documents[run_id] for run_id in ids if run_id in documents]
    return [
        {"work_pool_id": pool.pk, "work_queue_id": run["work_queue_id"], "flow_run": run}
        for run in runs
    ]
