"""What lint asks of the tables: names, a sample of events, what has ended, what is like this one.

Each function is one query; what it costs does not grow with how much is recorded or saved.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from events_app.domain.event import Event
from events_app.storage.filter_sql import newest_of_name
from runs_app.domain.states import TERMINAL
from runs_app.models import Deployment, FlowRun, WorkPool
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.models import Automation

MOST_ALIKE = 10

# Raw SQL: the newest of each name out of the index on names and times; its order cannot be
# had for several names at once.
_SAMPLE = f"""
    SELECT n.name, e.occurred, e.id, e.resource, e.related
    FROM unnest(%s::text[]) AS n (name)
    CROSS JOIN LATERAL (
        SELECT occurred, id, resource, related FROM event e
        {newest_of_name("n.name", "e.occurred <= %s")} LIMIT %s
    ) AS e
"""
_NAMES = """
    SELECT event, sum(events)::bigint AS total FROM event_count WHERE event <> %s
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
"""
_labels = msgspec.json.Decoder(dict[str, str]).decode
_related = msgspec.json.Decoder(list[dict[str, str]]).decode


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A deployment. `parameters` are its own, `schema` that of its flow."""

    id: UUID
    flow: str
    name: str
    paused: bool
    parameters: dict[str, Any]
    schema: dict[str, Any] | None


def names(limit: int) -> dict[str, int]:
    """How often each name of events was recorded, the most frequent first. One query."""
    return dict(_rows(_NAMES, [IGNORED_NAME, limit]))


def newest_of_each(names: Sequence[str], *, now: datetime, limit: int) -> dict[str, list[Event]]:
    """The newest events of each name, without their payloads. One query, by index."""
    by_name: dict[str, list[Event]] = {name: [] for name in names}
    for name, occurred, id_, resource, related in _rows(_SAMPLE, [list(names), now, limit]):
        event = Event(
            occurred=occurred,
            event=name,
            resource=_labels(resource),
            related=_related(related),
            id=id_,
        )
        by_name[name].append(event)
    return by_name


def ended(run_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Those of the flow runs that have ended, with their deployments. One query."""
    rows = FlowRun.objects.filter(pk__in=run_ids, state_type__in=sorted(TERMINAL))
    return dict(rows.values_list("pk", "deployment_id"))


def deployments(ids: Collection[UUID]) -> list[TargetFacts]:
    """Those that exist. One query."""
    rows = Deployment.objects.filter(pk__in=ids).values_list(
        "id", "flow__name", "name", "paused", "parameters", "parameter_openapi_schema"
    )
    return [TargetFacts(*row) for row in rows]


def existing(kind: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of a kind (`automation`, `work-pool`) that exist. One query."""
    rows: Mapping[str, Any] = {
        "automation": Automation.objects.filter(deleted=None),
        "work-pool": WorkPool.objects.all(),
    }
    return set(rows[kind].filter(pk__in=ids).values_list("pk", flat=True))


def with_meaning(key: str) -> list[tuple[UUID, str]]:
    """Id and name of automations whose triggers mean the same, by name. One query, by index."""
    rows = Automation.objects.filter(deleted=None, trigger_meaning=key)
    return list(rows.order_by("name", "id").values_list("id", "name")[:MOST_ALIKE])


def _rows(query: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())
