"""What workers of a pool are handed, and which workers are gone."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from runs_app.models import WorkPool, WorkQueue

OCCUPYING = ("PENDING", "RUNNING", "CANCELLING")

# Slots are counted only where there is a limit. Raw SQL: one look into the index per queue.
_ROOM = """
    SELECT q.id,
           CASE WHEN q.concurrency_limit IS NULL THEN NULL ELSE q.concurrency_limit - (
               SELECT count(*) FROM flow_run r WHERE r.work_queue_id = q.id
                 AND r.state_type IN ('PENDING', 'RUNNING', 'CANCELLING')) END,
           CASE WHEN p.concurrency_limit IS NULL THEN NULL ELSE p.concurrency_limit - (
               SELECT count(*) FROM flow_run r
               JOIN work_queue own ON own.id = r.work_queue_id
               WHERE own.work_pool_id = p.id
                 AND r.state_type IN ('PENDING', 'RUNNING', 'CANCELLING')) END
    FROM work_queue q JOIN work_pool p ON p.id = q.work_pool_id
    WHERE q.id = ANY(%s)
"""
_DUE = """
    SELECT run.id, q.id
    FROM unnest(%s::uuid[], %s::int[]) WITH ORDINALITY AS q (id, room, place)
    CROSS JOIN LATERAL (
        SELECT id, next_scheduled_start_time FROM flow_run
        WHERE work_pool_id = %s AND work_queue_id = q.id AND state_type = 'SCHEDULED'
          AND next_scheduled_start_time <= %s
        ORDER BY next_scheduled_start_time LIMIT q.room
    ) AS run
    ORDER BY q.place, run.next_scheduled_start_time, run.id LIMIT %s
"""
# Also after it has waited for whoever marks workers that are gone: then it is not online.
_LIVES = """
    UPDATE worker SET last_heartbeat = %s, heartbeat_interval_seconds = %s, updated = %s
    FROM work_pool AS pool
    WHERE pool.id = worker.work_pool_id AND pool.name = %s AND pool.ready
      AND worker.name = %s AND worker.online
"""
_POLLED = "UPDATE work_queue SET last_polled = %s, ready = true WHERE id = ANY(%s)"
_GONE = """
    SELECT id, work_pool_id FROM worker
    WHERE online AND last_heartbeat < %s - make_interval(secs => heartbeat_interval_seconds * %s)
    ORDER BY last_heartbeat LIMIT 100 FOR UPDATE SKIP LOCKED
"""


def queues_of(pool_name: str, names: Sequence[str]) -> list[WorkQueue] | None:
    """The pool's queues by priority, with it; of those names only, when there are any.

    A name that no queue has yet is made into one: workers are started before deployments.
    None when there is no such pool. One query, unless something is missing.
    """
    rows = WorkQueue.objects.filter(work_pool__name=pool_name).select_related("work_pool")
    if names:
        rows = rows.filter(name__in=names)
    rows = rows.order_by("priority", "name", "id")
    queues = list(rows)
    missing = dict.fromkeys(names).keys() - {queue.name for queue in queues}
    if queues and not missing:
        return queues
    pool = WorkPool.objects.filter(name=pool_name).first()
    if pool is None:
        return None
    WorkQueue.objects.bulk_create(
        [WorkQueue(work_pool=pool, name=name) for name in names if name in missing],
        ignore_conflicts=True,
    )
    return list(rows.all())


def note_alive(pool_name: str, name: str, interval_seconds: int, *, now: datetime) -> bool:
    """Of a worker that is online in a pool that is ready; False of any other. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVES, [now, interval_seconds, now, pool_name, name])
        return bool(cursor.rowcount)


def note_polled(queue_ids: Sequence[UUID], *, now: datetime) -> None:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_POLLED, [now, list(queue_ids)])


def due_runs(
    pool: WorkPool, queues: Sequence[WorkQueue], *, before: datetime, limit: int
) -> list[UUID]:
    """Ids of runs that may be handed out, in the order of priority and time.

    One query, and one more where a limit makes slots count.
    """
    open_queues = [queue for queue in queues if not queue.is_paused]
    if pool.is_paused or not open_queues or limit == 0:
        return []
    limits = [pool.concurrency_limit, *(queue.concurrency_limit for queue in open_queues)]
    with connection.cursor() as cursor:
        rooms: dict[UUID, tuple[int | None, int | None]] = {}
        if any(each is not None for each in limits):
            cursor.execute(_ROOM, [[queue.pk for queue in open_queues]])
            rooms = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
        pool_room = next((room[1] for room in rooms.values()), None)
        most = limit if pool_room is None else min(limit, max(0, pool_room))
        room_of = [_room(rooms.get(queue.pk, (None, None))[0], most) for queue in open_queues]
        cursor.execute(_DUE, [[queue.pk for queue in open_queues], room_of, pool.pk, before, most])
        return [row[0] for row in cursor.fetchall()]


def _room(left: int | None, most: int) -> int:
    return most if left is None else max(0, min(left, most))


def lock_gone_workers(now: datetime, *, missed: int) -> list[tuple[UUID, UUID]]:
    """(worker, pool) of workers that missed so many heartbeats. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_GONE, [now, missed])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def lock_pools_without_workers(pool_ids: Collection[UUID]) -> list[WorkPool]:
    """Of these pools, those that are marked ready and have no worker online. One query."""
    rows = WorkPool.objects.select_for_update(no_key=True).filter(pk__in=pool_ids, ready=True)
    return list(rows.exclude(workers__online=True).order_by("id"))
