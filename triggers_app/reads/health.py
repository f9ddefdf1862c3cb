"""How automations are: failing, noisy, silent or ok. Found in a bounded part of what happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BooleanField,
    F,
    Func,
    Q,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast

from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache

SILENT_AFTER = timedelta(days=7)
NOISY_PER_HOUR = 60  # as lint has it (L18)
OK = "ok"

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
        GROUP BY automation_id, date_bin('1 hour', fired, '2024-04-01Z')
        HAVING count(*) > %s) AS busy
"""
# Who has not fired lately, though it is older than the usual gap between two of its newest firings
# (a day where there are no two), and longer silent than that.
_SILENT = """
    SELECT a.id
    FROM (SELECT id, created, (SELECT fired FROM firing WHERE automation_id = automation.id
                               ORDER BY fired DESC LIMIT 1) AS last
          FROM automation
          WHERE deleted IS NULL AND enabled AND quarantine_reason IS NULL OFFSET 0) AS a
    CROSS JOIN LATERAL (
        SELECT min(fired) AS first,
               (max(fired) - min(fired)) / nullif(count(*) - 1, 0) AS gap
        FROM (SELECT fired FROM firing WHERE automation_id = a.id AND a.last IS NOT NULL
              ORDER BY fired DESC LIMIT 20) AS newest
    ) AS f
    WHERE (a.last IS NULL OR a.last < %s)
      AND (least(a.created, f.first) > %s - coalesce(f.gap, interval '24 hours')
           OR a.last > %s - f.gap) IS NOT TRUE
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
# They look at every automation that is on.
OVERDUE_KEPT_SECONDS = 60.0
UNWELL_KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Overdue:
    """An automation that usually fires every `gap`, and has not for longer."""

    id: UUID
    name: str
    last: datetime
    gap: timedelta


@dataclass(frozen=True, slots=True)
class Unwell:
    """Ids of those that failed lately, fire too often, or have stopped firing; nobody is in two.

    Who is young, or usually fires less often, is not silent yet.
    """

    failing: frozenset[UUID] = field(default_factory=frozenset)
    noisy: frozenset[UUID] = field(default_factory=frozenset)
    silent: frozenset[UUID] = field(default_factory=frozenset)
    # To write ten thousand takes 10 ms; they are kept as long as the ids.
    arrays: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def by_health(self) -> dict[str, frozenset[UUID]]:
        return {"failing": self.failing, "noisy": self.noisy, "silent": self.silent}

    def array_of(self, health: str) -> str:
        """The ids as PostgreSQL reads an array; of ok: those that are anything else."""
        if health not in self.arrays:
            every = frozenset[UUID]().union(*self.by_health.values())
            ids = self.by_health.get(health, every)
            self.arrays[health] = f"{{{','.join(one.hex for one in ids)}}}"
        return self.arrays[health]

    def health_of(self, automation_id: UUID) -> str:
        """Of one that is evaluated."""
        known = self.by_health.items()
        return next((health for health, ids in known if automation_id in ids), OK)


def unwell(*, now: datetime) -> Unwell:
    """An answer holds for 30 s in this process. Three queries, or none: the newest 20,000 actions,
    the firings of a day, who is silent."""
    state: Unwell = _health_memory().ask("unwell", lambda: _unwell(now), now=now)
    return state


def _unwell(now: datetime) -> Unwell:
    failing = _ids(_FAILING, [])
    noisy = _ids(_NOISY, [now - timedelta(days=1), NOISY_PER_HOUR]) - failing
    silent = _ids(_SILENT, [now - SILENT_AFTER, now, now]) - failing - noisy
    return Unwell(failing, noisy, silent)


def condition_of(health: str, state: Unwell) -> Q:
    """That an automation with an annotated `status` has this health."""
    unwell = Q(_among(state.array_of(health)))
    return Q(status__in=("on", "shadow")) & (~unwell if health == OK else unwell)


def _among(array: str) -> Func:
    """Whether the row is one of them. As one text: ten thousand parameters take seconds."""
    return Func(
        F("pk"),
        Cast(Value(array), ArrayField(UUIDField())),
        template="(%(expressions)s))",
        arg_joiner=" = ANY (",
        output_field=BooleanField(),
    )


def overdue(*, now: datetime, limit: int) -> list[Overdue]:
    """Those that stopped most lately. One query; an answer holds for a minute in this process."""
    rows: list[Overdue] = _overdue_memory().ask(limit, lambda: _overdue(now, limit), now=now)
    return rows


def overdue_known(*, now: datetime, limit: int) -> list[Overdue]:
    """The same as far as somebody asked within the minute. No query."""
    return _overdue_memory().get(limit, now=now) or []


def _overdue(now: datetime, limit: int) -> list[Overdue]:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"now": now, "limit": limit})
        return [Overdue(*row) for row in cursor.fetchall()]


@process_memory
def _overdue_memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=OVERDUE_KEPT_SECONDS, most=10)


@process_memory
def _health_memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=UNWELL_KEPT_SECONDS, most=1)


def _ids(query: str, params: Sequence[Any]) -> frozenset[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return frozenset(row[0] for row in cursor.fetchall())
