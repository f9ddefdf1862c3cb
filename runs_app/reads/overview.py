"""What became of runs lately."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
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
        WHERE id >= %(since)s AND state_type IN ('FAILED', 'CRASHED')),
    broken AS (
        SELECT deployment_id, count(*) AS runs, (array_agg(id ORDER BY id DESC))[1] AS newest
        FROM recent WHERE deployment_id IS NOT NULL GROUP BY 1)
    SELECT (SELECT count(*) FROM recent),
           (SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED' AND id >= %(lately)s),
           CASE WHEN %(all)s THEN (SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'
                                       AND id >= %(since)s AND id < %(lately)s) END,
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


EARLIER_KEPT_SECONDS = 60.0


def news(*, now: datetime) -> RunNews:
    """What became of the runs of the last 24 hours. One query.

    How many of those completed that are older than an hour or two, is as it was up to a minute
    ago.
    """
    since = _first_id(now - timedelta(days=1))
    lately = _first_id(now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1))
    known = _memory().get(lately, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, {"since": since, "lately": lately, "all": known is None})
        failed, completed, older, running, waiting, deployed, ran, broken = cursor.fetchone()
    earlier = _memory().ask(lately, lambda: older, now=now) if known is None else known
    items = json.loads(broken) if isinstance(broken, str) else broken
    names = [
        BrokenDeployment(
            UUID(one["id"]), one["name"], one["runs"], UUID(one["newest"]), one["reason"] or ""
        )
        for one in items
    ]
    return RunNews(failed, earlier + completed, running, waiting, deployed, ran, names)


def _first_id(moment: datetime) -> UUID:
    """No run that was made then or later has a smaller one."""
    return time_ordered_id(moment, bytes(RANDOM_BYTES))


@process_memory
def _memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=EARLIER_KEPT_SECONDS, most=2)
