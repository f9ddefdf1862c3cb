"""What is known of an event's fate without folding: firings, open and closed windows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from events_app.domain.event import from_us, rfc3339
from events_app.domain.position import Position
from triggers_app.automation.engine.outcome import NEVER_US
from triggers_app.automation.engine.windows import decode_window
from triggers_app.models import Automation, Firing
from triggers_app.storage.decided_firings import MOST_FIRED, decided_by

_json = msgspec.json.Encoder().encode

# Raw SQL: many places at once, each by the primary key.
_OPEN = """
    SELECT b.automation_id, b.state
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS n (automation_id, trigger_id, key)
    JOIN bucket b USING (automation_id, trigger_id, key)
"""
# A window closes soon after what it counted, so the first ones that closed since will do.
_CLOSED = """
    SELECT n.automation_id, c.outcome, c.count
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS n (automation_id, trigger_id, key)
    JOIN LATERAL (
        SELECT trigger_id, key, outcome, count, counted FROM closed_bucket
        WHERE automation_id = n.automation_id AND closed_ms >= %s
        ORDER BY closed_ms LIMIT 1000
    ) AS c ON c.trigger_id = n.trigger_id AND c.key = n.key
    WHERE c.counted @> %s::jsonb
"""


class Place(NamedTuple):
    """The window of a trigger and key."""

    automation_id: UUID
    trigger_id: UUID
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FiredBy:
    firing_id: UUID
    automation_id: UUID
    name: str
    shadow: bool
    snooze_id: int | None


@dataclass(frozen=True, slots=True)
class ChangedListener:
    """An automation as it was saved last. `enabled` is False, too, for a deleted one."""

    automation_id: UUID
    change: int
    enabled: bool
    guarded: bool
    trigger: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamedAutomation:
    automation_id: UUID
    name: str
    trigger: dict[str, Any]


def fired_by(position: Position, *, waited: bool) -> list[FiredBy]:
    """The automations that an event fired, by name. One query."""
    rows = Firing.objects.filter(decided_by(position, waited=waited))
    values = rows.order_by("automation__name", "id").values_list(
        "id", "automation_id", "automation__name", "shadow", "snooze_id"
    )
    return [FiredBy(*row) for row in values[:MOST_FIRED]]


def changed_after(change: int) -> Iterator[ChangedListener]:
    """Automations in the order of their changes. One query, streamed."""
    rows = Automation.objects.filter(change__gt=change).order_by("change")
    columns = rows.values_list("id", "change", "enabled", "deleted", "guarded", "document__trigger")
    for automation_id, number, enabled, deleted, guarded, trigger in columns.iterator(2000):
        works = enabled and deleted is None
        yield ChangedListener(automation_id, number, works, guarded, trigger or {})


def names(automation_ids: Collection[UUID]) -> dict[UUID, str]:
    """One query."""
    return dict(Automation.objects.filter(id__in=automation_ids).values_list("id", "name"))


def triggers_of(automation_ids: Collection[UUID]) -> list[NamedAutomation]:
    """One query."""
    rows = Automation.objects.filter(id__in=automation_ids)
    return [NamedAutomation(*row) for row in rows.values_list("id", "name", "document__trigger")]


def counted_in(position: Position, places: Collection[Place]) -> dict[UUID, str]:
    """In words, by automation, the window in which the event counted. Two queries, or none.

    Only the last 50 events of a window are known one by one.
    """
    if not places:
        return {}
    keys: list[list[Any]] = [
        [place.automation_id for place in places],
        [place.trigger_id for place in places],
        [_json(place.key).decode() for place in places],
    ]
    kinds: dict[UUID, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [*keys, position.ms, _json([position]).decode()])
        for automation_id, outcome, count in cursor.fetchall():
            kinds[automation_id] = (
                f"It was one of {count} events of a window that {_ENDS[outcome]}."
            )
        cursor.execute(_OPEN, keys)
        for automation_id, state in cursor.fetchall():
            window = decode_window(bytes(state))
            if any(one.position == position for one in window.counted):
                ends = f", until {rfc3339(from_us(window.end_us))}" * (window.end_us < NEVER_US)
                kinds[automation_id] = f"It is one of {window.count} so far{ends}."
    return kinds


_ENDS = {
    "fired": "fired",
    "satisfied": "was satisfied",
    "expired": "closed with too few",
    "changed": "closed when the automation was changed",
    "disabled": "closed when the automation was disabled",
    "removed": "closed when the automation was deleted",
    "quarantined": "closed when the automation was set aside",
}
