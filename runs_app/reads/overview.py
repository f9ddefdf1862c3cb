"""What became of runs lately."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id


@dataclass(frozen=True, slots=True)
class BrokenDeployment:
    """A deployment whose runs failed lately; `reason` is what the newest of them says."""

    id: UUID
    name: str
    runs: int
    newest: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class RunNews:
    failed: int
    completed: int
    running: int
    waiting: int
    any_deployment: bool
    any_completed: bool
    broken: list[BrokenDeployment]


# Several counts of one small part of a table; the ORM would send one query for each.
_NEWS = """
    WITH recent AS MATERIALIZED (
        SELECT id, deployment_id, state_type, name, end_time, created FROM flow_run
        WHERE id >= %s AND state_type IN ('FAILED', 'CRASHED')),
    broken AS (
        SELECT deployment_id, count(*) AS runs, (array_agg(id ORDER BY id DESC))[1] AS newest
        FROM recent WHERE deployment_id IS NOT NULL GROUP BY 1)
    SELECT (SELECT count(*) FROM recent),
           (SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED' AND id >= %s),
           (SELECT count(*) FROM flow_run WHERE state_type IN ('RUNNING', 'CANCELLING')),
           (SELECT count(*) FROM flow_run WHERE state_type IN ('SCHEDULED', 'PENDING')),
           EXISTS (SELECT FROM deployment),
           EXISTS (SELECT FROM flow_run WHERE state_type = 'COMPLETED'),
           coalesce((SELECT jsonb_agg(t) FROM (
               SELECT d.id, f.name || ' / ' || d.name AS name, b.runs, b.newest,
                      left(s.message, 500) AS reason
               FROM broken b JOIN deployment d ON d.id = b.deployment_id
               JOIN flow f ON f.id = d.flow_id JOIN flow_run r ON r.id = b.newest
               LEFT JOIN flow_run_state s ON s.id = r.state_id
               ORDER BY b.runs DESC, d.id LIMIT 10) t), '[]')
"""


def news(*, now: datetime) -> RunNews:
    """What became of the runs of the last 24 hours. One query."""
    since = time_ordered_id(now - timedelta(days=1), bytes(RANDOM_BYTES))
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, [since, since])
        failed, completed, running, waiting, deployed, ran, broken = cursor.fetchone()
    items = json.loads(broken) if isinstance(broken, str) else broken
    names = [
        BrokenDeployment(
            UUID(one["id"]), one["name"], one["runs"], UUID(one["newest"]), one["reason"] or ""
        )
        for one in items
    ]
    return RunNews(failed, completed, running, waiting, deployed, ran, names)
