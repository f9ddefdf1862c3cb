"""How automations are: failing, noisy, silent or ok. Found in a bounded part of what happened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    OuterRef,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast

from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.models import Firing

SILENT_AFTER = timedelta(days=7)
NOISY_PER_HOUR = 60  # as lint has it (L18)

# No index leads to refused actions: the newest ones are looked at, out of the primary key.
_FAILING = """
    SELECT DISTINCT automation_id
    FROM (SELECT automation_id, state FROM action_run ORDER BY id DESC LIMIT 20000) AS newest
    WHERE state = 'rejected'
"""
_NOISY = """
    SELECT DISTINCT automation_id FROM (
        SELECT automation_id
        FROM (SELECT automation_id, fired FROM firing
              WHERE fired >= %s ORDER BY fired DESC LIMIT 100000) AS newest
        GROUP BY automation_id, date_trunc('hour', fired) HAVING count(*) > %s) AS busy
"""
# Of those that have not fired lately: who is younger than the usual gap between two of its newest
# firings (a day where there are no two), or has fired within that.
_RESTING = """
    SELECT a.id
    FROM automation a
    CROSS JOIN LATERAL (
        SELECT min(fired) AS first, max(fired) AS last,
               (max(fired) - min(fired)) / nullif(count(*) - 1, 0) AS gap
        FROM (SELECT fired FROM firing WHERE automation_id = a.id
              ORDER BY fired DESC LIMIT 20) AS newest
    ) AS f
    WHERE a.deleted IS NULL AND a.enabled AND a.quarantine_reason IS NULL
      AND (f.last IS NULL OR f.last < %s)
      AND (least(a.created, f.first) > %s - coalesce(f.gap, interval '24 hours')
           OR f.last > %s - f.gap)
"""


# Who fires in some rhythm and has stopped: silent for three times the usual gap between two of
# its newest firings. Ten minutes at least, and five firings, or there is no rhythm.
_OVERDUE = """
    SELECT a.id, a.name, f.last, f.gap
    FROM automation a
    CROSS JOIN LATERAL (
        SELECT max(fired) AS last, count(*) AS firings,
               (max(fired) - min(fired)) / nullif(count(*) - 1, 0) AS gap
        FROM (SELECT fired FROM firing WHERE automation_id = a.id
              ORDER BY fired DESC LIMIT 20) AS newest
    ) AS f
    WHERE a.deleted IS NULL AND a.enabled AND a.quarantine_reason IS NULL
      AND f.firings >= 5 AND %(now)s - f.last > greatest(3 * f.gap, interval '10 minutes')
    ORDER BY f.last DESC, a.id LIMIT %(limit)s
"""
OVERDUE_KEPT_SECONDS = 60.0  # it looks at every automation that is on


@dataclass(frozen=True, slots=True)
class Overdue:
    """An automation that usually fires every `gap`, and has not for longer."""

    id: UUID
    name: str
    last: datetime
    gap: timedelta


@dataclass(frozen=True, slots=True)
class Unwell:
    """Ids of those that failed lately or fire too often; silent is who did not fire since.

    `resting` are not silent yet: they are too young, or usually fire less often.
    """

    since: datetime
    failing: frozenset[UUID] = field(default_factory=frozenset)
    noisy: frozenset[UUID] = field(default_factory=frozenset)
    resting: frozenset[UUID] = field(default_factory=frozenset)


def unwell(*, now: datetime) -> Unwell:
    """Three queries: the newest 20,000 actions, the firings of a day, who may be silent."""
    since = now - SILENT_AFTER
    return Unwell(
        since,
        _ids(_FAILING, []),
        _ids(_NOISY, [now - timedelta(days=1), NOISY_PER_HOUR]),
        _ids(_RESTING, [since, now, now]),
    )


def health_of(state: Unwell) -> Case:
    """As an annotation beside `status`; empty for what is not evaluated at all."""
    fired = Firing.objects.filter(automation=OuterRef("pk"), fired__gte=state.since)
    return Case(
        When(status__in=("off", "aside"), then=Value("")),
        When(_among(state.failing), then=Value("failing")),
        When(_among(state.noisy), then=Value("noisy")),
        When(_among(state.resting), then=Value("ok")),
        When(~Exists(fired), then=Value("silent")),
        default=Value("ok"),
        output_field=TextField(),
    )


def _among(ids: Collection[UUID]) -> Func:
    """Whether the row is one of them. As one text: ten thousand parameters take seconds."""
    array = Value(f"{{{','.join(map(str, ids))}}}")
    return Func(
        F("pk"),
        Cast(array, ArrayField(UUIDField())),
        template="(%(expressions)s))",
        arg_joiner=" = ANY (",
        output_field=BooleanField(),
    )


def overdue(*, now: datetime, limit: int) -> list[Overdue]:
    """Those that stopped most lately. One query; an answer holds for a minute in this process."""
    rows: list[Overdue] = _memory().ask(limit, lambda: _overdue(now, limit), now=now)
    return rows


def overdue_known(*, now: datetime, limit: int) -> list[Overdue]:
    """The same as far as somebody asked within the minute. No query."""
    return _memory().get(limit, now=now) or []


def _overdue(now: datetime, limit: int) -> list[Overdue]:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"now": now, "limit": limit})
        return [Overdue(*row) for row in cursor.fetchall()]


@process_memory
def _memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=OVERDUE_KEPT_SECONDS, most=10)


def _ids(query: str, params: Sequence[Any]) -> frozenset[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return frozenset(row[0] for row in cursor.fetchall())
