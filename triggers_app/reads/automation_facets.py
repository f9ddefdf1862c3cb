"""How many automations of a list there are by status, kind, health, tag, owner and manager."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from triggers_app.reads.automations import MANAGED_BY, Narrowing, narrowed
from triggers_app.reads.health import OK, Unwell

MOST_FACETS = 12

# All automations are looked at once; the columns that are counted are small.
_FACETS = """
    WITH listed AS MATERIALIZED (
        SELECT l.*, CASE WHEN l.status IN ('off', 'aside') THEN ''
                         ELSE coalesce(u.health, %s) END AS health
        FROM ({rows}) AS l LEFT JOIN ({unwell}) AS u USING (id)
    ), narrowed AS MATERIALIZED (
        SELECT tags, created_by, managed FROM listed
        WHERE %s IN ('', status) AND %s IN ('', kind) AND %s IN ('', health)
    )
    SELECT 'state', ARRAY[status, kind, health], count(*) FROM listed GROUP BY status, kind, health
    UNION ALL (SELECT 'tag', ARRAY[tag], count(*) FROM narrowed, unnest(tags) AS tag
               GROUP BY tag ORDER BY 3 DESC, 2 LIMIT %s)
    UNION ALL (SELECT 'owner', ARRAY[created_by], count(*) FROM narrowed
               GROUP BY created_by ORDER BY 3 DESC, 2 LIMIT %s)
    UNION ALL SELECT 'managed', ARRAY[managed], count(*) FROM narrowed GROUP BY managed
"""
_UNWELL = "SELECT unnest(%s::uuid[]) AS id, %s AS health"


@dataclass(frozen=True, slots=True)
class AutomationFacets:
    """`states`: by status, kind and health, of what all else leaves.

    `origins` of the list as it is: by tag, owner and manager, the most frequent first; of tags
    and owners the 12 with the most.
    """

    states: dict[tuple[str, str, str], int]
    origins: dict[str, dict[str, int]]


def facets(narrowing: Narrowing, unwell: Unwell) -> AutomationFacets:
    """One query."""
    others = replace(narrowing, status="", kind="", health="")
    rows = narrowed(others).annotate(managed=MANAGED_BY).order_by()
    columns = rows.values("id", "status", "kind", "tags", "created_by", "managed")
    listed, params = columns.query.sql_with_params()
    known = [*unwell.by_health]
    query = _FACETS.format(rows=listed, unwell=" UNION ALL ".join([_UNWELL] * len(known)))
    sets = [value for health in known for value in (unwell.array_of(health), health)]
    chosen = [narrowing.status, narrowing.kind, narrowing.health]
    with connection.cursor() as cursor:
        cursor.execute(query, [OK, *params, *sets, *chosen, MOST_FACETS, MOST_FACETS])
        return _facets(cursor.fetchall())


def _facets(rows: list[tuple[Any, ...]]) -> AutomationFacets:
    states: dict[tuple[str, str, str], int] = {}
    origins: dict[str, dict[str, int]] = {"tag": {}, "owner": {}, "managed": {}}
    for facet, values, total in rows:
        if facet == "state":
            status, kind, health = values
            states[status, kind or "", health] = total
        else:
            origins[facet][values[0]] = total
    return AutomationFacets(states, {facet: _sorted(by) for facet, by in origins.items()})


def _sorted(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
