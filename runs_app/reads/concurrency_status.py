"""What `prefect work-pool slots` and its sibling for queues show."""

from datetime import datetime
from uuid import UUID

from project.lib.json_documents import Document
from runs_app.models import FlowRun, WorkPool, WorkQueue
from runs_app.reads import slot_holders


def of_pool(
    name: str, *, limit: int, page: int, runs_per_queue: int, now: datetime
) -> Document | None:
    """Page by page of its queues; None when there is no such pool. Six queries at most."""
    pool = WorkPool.objects.filter(name=name).first()
    if pool is None:
        return None
    rows = WorkQueue.objects.filter(work_pool=pool).order_by("priority", "name", "id")
    queues = list(rows[(page - 1) * limit : page * limit])
    taken = slot_holders.count_by_queue([queue.pk for queue in queues])
    holders = slot_holders.of_each_queue([queue.pk for queue in queues], most=runs_per_queue)
    return {
        "active_slots": slot_holders.count_by_pool([pool.pk]).get(pool.pk, 0),
        "concurrency_limit": pool.concurrency_limit,
        "queues": [
            {
                "queue_id": queue.pk,
                "queue_name": queue.name,
                "active_slots": taken.get(queue.pk, 0),
                "concurrency_limit": queue.concurrency_limit,
                "flow_runs": [_summary(run, now) for run in holders[queue.pk]],
                "flow_run_count": taken.get(queue.pk, 0),
            }
            for queue in queues
        ],
        **_paging(rows.count(), limit=limit, page=page),
    }


def of_queue(queue_id: UUID, *, limit: int, page: int, now: datetime) -> Document | None:
    """Page by page of its runs; None when there is no such queue. Three queries."""
    queue = WorkQueue.objects.filter(pk=queue_id).first()
    if queue is None:
        return None
    holders = slot_holders.of_queue(queue_id, limit=limit, offset=(page - 1) * limit)
    count = slot_holders.count_by_queue([queue_id]).get(queue_id, 0)
    return {
        "active_slots": count,
        "concurrency_limit": queue.concurrency_limit,
        "flow_runs": [_summary(run, now) for run in holders],
        **_paging(count, limit=limit, page=page),
    }


def _paging(count: int, *, limit: int, page: int) -> Document:
    pages = -(-count // limit) if limit else 0
    return {"count": count, "limit": limit, "pages": pages, "page": page}


def _summary(run: FlowRun, now: datetime) -> Document:
    since = run.state_timestamp
    return {
        "id": run.id,
        "name": run.name,
        "state_type": run.state_type,
        "state_name": run.state_name,
        "start_time": run.start_time,
        "state_timestamp": since,
        "time_in_current_state": max(0.0, (now - since).total_seconds()) if since else None,
    }
