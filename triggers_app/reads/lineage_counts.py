"""How often what is drawn in a lineage happened, and how often one led to the other.

What led to a firing is read off the newest firings of each automation only: they are whole events,
and an automation may have a million firings in a week. Where there are more, shares are scaled.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

SAMPLE = 200  # firings of each automation
_PLACE = "prefect.deployment."

# Raw, as the ORM knows neither LATERAL nor the inside of JSON arrays.
_COUNTS = """
WITH sample AS MATERIALIZED (
    SELECT firing.* FROM unnest(%(automations)s::uuid[]) AS one (id)
    CROSS JOIN LATERAL (
        SELECT id, automation_id, triggering_event, counted FROM firing
        WHERE automation_id = one.id AND fired >= %(since)s
        ORDER BY fired DESC, id DESC LIMIT %(sample)s
    ) AS firing
)
SELECT 'event' AS kind, event AS start, '' AS finish, sum(events)::bigint AS n FROM event_count
    WHERE event = ANY(%(names)s) AND log_day >= %(day)s GROUP BY event
UNION ALL
SELECT 'automation', automation_id::text, '', count(*) FROM firing
    WHERE automation_id = ANY(%(automations)s::uuid[]) AND fired >= %(since)s
    GROUP BY automation_id
UNION ALL
SELECT 'deployment', deployment_id::text, '', count(*) FROM flow_run
    WHERE deployment_id = ANY(%(deployments)s::uuid[]) AND created >= %(since)s
    GROUP BY deployment_id
UNION ALL
SELECT 'sampled', automation_id::text, '', count(*) FROM sample GROUP BY automation_id
UNION ALL
SELECT 'event-automation', name, automation_id::text, count(*) FROM sample
    CROSS JOIN LATERAL (
        SELECT triggering_event ->> 'event' AS name
        UNION SELECT one #>> '{}' FROM jsonb_path_query(counted, '$[*].event') AS one
    ) AS names
    WHERE name = ANY(%(names)s) GROUP BY name, automation_id
UNION ALL
SELECT 'deployment-automation', substr(place, %(begin)s), automation_id::text, count(*) FROM sample
    CROSS JOIN LATERAL (
        SELECT DISTINCT one #>> '{}' AS place FROM
        jsonb_path_query(triggering_event, '$.related[*]."prefect.resource.id"') AS one
    ) AS places
    WHERE place = ANY(%(places)s) GROUP BY place, automation_id
UNION ALL
SELECT 'automation-deployment', sample.automation_id::text, deployment_id::text, count(*)
    FROM sample JOIN action_run ON action_run.firing_id = sample.id
    JOIN flow_run ON flow_run.id = action_run.flow_run_id
    WHERE deployment_id = ANY(%(deployments)s::uuid[])
    GROUP BY sample.automation_id, deployment_id
"""


@dataclass(slots=True)
class LineageCounts:
    """Of each event, automation and deployment by kind and key; and of ways between two of them.

    `rough`: automations of which not all firings were looked at, so that ways are about so many.
    """

    spots: dict[tuple[str, str], int] = field(default_factory=dict)
    ways: dict[tuple[str, str, str], int] = field(default_factory=dict)
    rough: set[str] = field(default_factory=set)


def lineage_counts(
    names: Iterable[str],
    automations: Iterable[UUID],
    deployments: Iterable[UUID],
    *,
    since: datetime,
) -> LineageCounts:
    """One query. A way is named by its kind (`event-automation`), its start and its end."""
    places = list(deployments)
    params: dict[str, Any] = {
        "names": list(names), "automations": list(automations), "deployments": places,
        "places": [f"{_PLACE}{one}" for one in places], "begin": len(_PLACE) + 1,
        "since": since, "day": since.date(), "sample": SAMPLE,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, params)
        return _sorted_out(cursor.fetchall())


def _sorted_out(rows: list[tuple[Any, ...]]) -> LineageCounts:
    counts = LineageCounts()
    sampled = {start: n for kind, start, _, n in rows if kind == "sampled"}
    for kind, start, _finish, n in rows:
        if kind in ("event", "automation", "deployment"):
            counts.spots[kind, start] = n
            if kind == "automation" and n > sampled.get(start, 0):
                counts.rough.add(start)
    for kind, start, finish, n in rows:
        if finish:
            automation = start if kind.startswith("automation") else finish
            total = counts.spots.get(("automation", automation), 0)
            counts.ways[kind, start, finish] = round(n * total / sampled[automation])
    return counts
