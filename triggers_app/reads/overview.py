"""What fired lately, and which automations need a person."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from events_app.domain.event import to_us
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.reads import watch
from triggers_app.reads.watch import Deadline


@dataclass(frozen=True, slots=True)
class Trouble:
    """An automation that needs a person, and why."""

    id: UUID
    name: str
    reason: str
    times: int
    newest: UUID | None = None  # the newest firing whose action was refused


@dataclass(frozen=True, slots=True)
class FiringNews:
    """`by_hour` counts those that acted, `in_shadow` all others."""

    by_hour: dict[datetime, int]
    in_shadow: int
    open_windows: int
    quarantined: list[Trouble]
    refused: list[Trouble]
    any_automation: bool
    any_firing: bool
    deadlines: list[Deadline]  # of the next hour, and one more than are listed


_BY_HOUR = """
    SELECT extract(epoch FROM date_bin('1 hour', fired, '2024-04-01Z'))::bigint AS hour,
           count(*) FILTER (WHERE NOT shadow AND snooze_id IS NULL) AS n,
           count(*) FILTER (WHERE shadow OR snooze_id IS NOT NULL) AS shadows
    FROM firing WHERE fired >= %(first)s GROUP BY 1
"""
# What grows with the house is read once in a minute.
FIGURES_KEPT_SECONDS = 60.0
# One statement for what would be six; `refused` looks at the newest actions only, as no index
# leads to refused ones.
_NEWS = f"""
    WITH refused AS (
        SELECT automation_id, count(*) AS times,
               (array_agg(firing_id ORDER BY id DESC))[1] AS newest,
               (array_agg(reason ORDER BY id DESC))[1] AS reason
        FROM (SELECT * FROM action_run ORDER BY id DESC LIMIT 2000) AS newest
        WHERE state = 'rejected' AND created >= %(since)s GROUP BY 1)
    SELECT coalesce((SELECT jsonb_agg(t) FROM ({_BY_HOUR}) t), '[]'),
           CASE WHEN %(all)s THEN (SELECT count(*) FROM bucket) END,
           coalesce((SELECT jsonb_agg(t) FROM (
               SELECT id, name, quarantine_reason AS reason FROM automation
               WHERE quarantine_reason IS NOT NULL AND deleted IS NULL
               ORDER BY quarantined DESC LIMIT 10) t), '[]'),
           coalesce((SELECT jsonb_agg(t) FROM (
               SELECT a.id, a.name, r.reason, r.times, r.newest FROM refused r
               JOIN automation a ON a.id = r.automation_id
               ORDER BY r.times DESC, a.id LIMIT 10) t), '[]'),
           EXISTS (SELECT FROM automation WHERE deleted IS NULL),
           EXISTS (SELECT FROM firing),
           coalesce((SELECT jsonb_agg(t) FROM ({watch.SOON}) t), '[]')
"""
SOON = timedelta(hours=1)
MOST_DEADLINES = 5


def news(*, now: datetime) -> FiringNews:
    """What fired in the last 24 hours, and which automations need a person. One query.

    Firings of all but the last two hours, and how many windows are open, are as they were up to
    a minute ago.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    since, lately = hour - timedelta(hours=23), hour - timedelta(hours=1)
    known = _memory().get(since, now=now)
    with connection.cursor() as cursor:
        hours_of: dict[str, Any] = {"since": since, "first": lately if known else since}
        soon = {"until": to_us(now + SOON), "most": MOST_DEADLINES + 1}
        cursor.execute(_NEWS, hours_of | soon | {"all": known is None})
        hours, windows, aside, refused, any_automation, any_firing, deadlines = cursor.fetchone()
    fired = {datetime.fromtimestamp(t["hour"], UTC): t for t in _json(hours)}
    if known is None:
        earlier = {moment: t for moment, t in fired.items() if moment < lately}
        _memory().ask(since, lambda: (earlier, windows), now=now)
    else:
        fired, windows = known[0] | fired, known[1]
    return FiringNews(
        by_hour={moment: t["n"] for moment, t in fired.items()},
        in_shadow=sum(t["shadows"] for t in fired.values()),
        open_windows=windows,
        quarantined=[Trouble(UUID(t["id"]), t["name"], t["reason"], 1) for t in _json(aside)],
        refused=[
            Trouble(UUID(t["id"]), t["name"], t["reason"] or "", t["times"], UUID(t["newest"]))
            for t in _json(refused)
        ],
        any_automation=any_automation,
        any_firing=any_firing,
        deadlines=watch.deadlines_of(_json(deadlines)),
    )


@process_memory
def _memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=FIGURES_KEPT_SECONDS, most=2)


_REFUSED = """
    SELECT count(*)
    FROM (SELECT state, created FROM action_run ORDER BY id DESC LIMIT 2000) AS newest
    WHERE state = 'rejected' AND created >= %s
"""


def refused_lately(*, now: datetime) -> int:
    """Actions refused in the last 24 hours, among the newest 2,000. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [now - timedelta(hours=24)])
        return int(cursor.fetchone()[0])


def _json(value: Any) -> Any:
    """jsonb, which Django's connections give as text."""
    return json.loads(value) if isinstance(value, str) else value
