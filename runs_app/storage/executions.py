"""Which runs an executor may take, which it holds, and which it has lost."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

# Raw SQL for SKIP LOCKED on one table of a join with LIMIT, and for the database's own clock:
# executors on several machines must not judge each other by theirs.
# One look into the index per pool: with a plain join a backlog of ten thousand would be sorted
# for each run that is taken.
_NEXT_DUE = """
    SELECT run.id
    FROM work_pool AS pool
    JOIN work_queue AS queue ON queue.work_pool_id = pool.id
    CROSS JOIN LATERAL (
        SELECT id, next_scheduled_start_time AS due
        FROM flow_run
        WHERE work_pool_id = pool.id AND work_queue_id = queue.id AND state_type = 'SCHEDULED'
          AND next_scheduled_start_time <= %s
        ORDER BY next_scheduled_start_time
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS run
    WHERE pool.type = 'flint' AND NOT pool.is_paused AND NOT queue.is_paused
      AND (queue.concurrency_limit IS NULL OR queue.concurrency_limit > (
            SELECT count(*) FROM flow_run AS held WHERE held.work_queue_id = queue.id
              AND held.state_type IN ('PENDING', 'RUNNING', 'CANCELLING')))
      AND (pool.concurrency_limit IS NULL OR pool.concurrency_limit > (
            SELECT count(*) FROM flow_run AS held
            JOIN work_queue AS own ON own.id = held.work_queue_id
            WHERE own.work_pool_id = pool.id
              AND held.state_type IN ('PENDING', 'RUNNING', 'CANCELLING')))
    ORDER BY queue.priority, run.due
    LIMIT 1
"""
# Where there is a limit, one executor at a time counts and takes: two would both see room.
_LIMITED = """
    SELECT pg_advisory_xact_lock(4207106)
    WHERE EXISTS (
        SELECT FROM work_pool AS pool JOIN work_queue AS queue ON queue.work_pool_id = pool.id
        WHERE pool.type = 'flint'
          AND (pool.concurrency_limit IS NOT NULL OR queue.concurrency_limit IS NOT NULL))
"""
_DUE = """
    SELECT count(*) FROM (
        SELECT 1
        FROM flow_run AS run
        JOIN work_pool AS pool ON pool.id = run.work_pool_id
        JOIN work_queue AS queue ON queue.id = run.work_queue_id
        WHERE run.state_type = 'SCHEDULED' AND run.next_scheduled_start_time <= %s
          AND pool.type = 'flint' AND NOT pool.is_paused AND NOT queue.is_paused
        LIMIT %s
    ) AS due
"""
_BEAT = """
    UPDATE flow_run SET executor_seen = statement_timestamp()
    WHERE id = %s AND executor = %s
    RETURNING state_type
"""
# After a restart of the database its executors first get the time to be heard again.
_LOST = """
    SELECT id FROM flow_run
    WHERE executor IS NOT NULL
      AND executor_seen < statement_timestamp() - make_interval(secs => %(seconds)s)
      AND pg_postmaster_start_time() < statement_timestamp() - make_interval(secs => %(seconds)s)
    ORDER BY executor_seen
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
"""


def lock_next_due(now: datetime) -> UUID | None:
    """The run of a flint pool that has been due longest, locked; None when there is none.

    Queues of a lower priority number come first. Nothing comes of paused pools and queues, nor of
    those whose limit is reached. Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LIMITED)
        cursor.execute(_NEXT_DUE, [now])
        row = cursor.fetchone()
    return row[0] if row else None


def count_due(now: datetime, *, at_most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now, at_most])
        return int(cursor.fetchone()[0])


def beat(run_id: UUID, executor: str) -> str | None:
    """Say that the executor lives; the type of the run's state, None when it was taken away."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [run_id, executor])
        row = cursor.fetchone()
    return row[0] if row else None


def lock_lost(*, unseen_seconds: float, limit: int) -> Sequence[UUID]:
    """Runs whose executor was not heard of for so long, locked."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, {"seconds": unseen_seconds, "limit": limit})
        return [row[0] for row in cursor.fetchall()]
