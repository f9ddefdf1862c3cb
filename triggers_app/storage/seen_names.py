"""What has been seen, for whoever begins with an event: names over days, one of them, its like."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from events_app.domain.event import Event
from events_app.storage.filter_sql import newest_of_name
from project.lib.sql_like import like_literal
from triggers_app.automation.engine.evaluator import IGNORED_NAME

# Counts by name and day: some hundred thousand rows at most, so that a text is looked for in all.
_NAMES = f"""
    WITH named AS (
        SELECT event, sum(events)::bigint AS total, max(log_day) AS last_day
        FROM event_count WHERE log_day >= %(since)s AND event <> %(ignored)s
             AND event ILIKE %(like)s
        GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT %(limit)s)
    SELECT n.event, n.total,
           (SELECT jsonb_object_agg(c.log_day, c.events) FROM event_count c
            WHERE c.event = n.event AND c.log_day >= %(since)s),
           (SELECT e.occurred FROM event e {newest_of_name("n.event")} LIMIT 1)
    FROM named n ORDER BY n.last_day DESC, n.total DESC, n.event
"""
_NEWEST = "SELECT id FROM event WHERE event = %s ORDER BY occurred DESC LIMIT 1"
_LIKE = """
    SELECT id, occurred, event, resource, related FROM event
    WHERE event = %s ORDER BY occurred DESC LIMIT %s
"""
_labels = msgspec.json.Decoder(dict[str, str]).decode
_related = msgspec.json.Decoder(list[dict[str, str]]).decode


@dataclass(frozen=True, slots=True)
class SeenName:
    """A name of events: how often it came, by day, and when it came last."""

    name: str
    total: int
    by_day: dict[date, int]
    last: datetime | None


def names(text: str, *, since: date, limit: int) -> list[SeenName]:
    """Names that hold a text, those seen last first. One query."""
    like = like_literal(text)
    params: dict[str, Any] = {
        "since": since,
        "ignored": IGNORED_NAME,
        "like": f"%{like}%",
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, params)
        rows = cursor.fetchall()
    return [SeenName(name, total, _days(days), last) for name, total, days, last in rows]


def newest_of(name: str) -> UUID | None:
    """The id of the event of this name that happened last. One query."""
    rows = _rows(_NEWEST, [name])
    return rows[0][0] if rows else None


def like(name: str, *, limit: int) -> list[Event]:
    """The newest events of a name, without their payloads. One query, by index."""
    return [
        Event(
            id=row[0],
            occurred=row[1],
            event=row[2],
            resource=_labels(row[3]),
            related=_related(row[4]),
        )
        for row in _rows(_LIKE, [name, limit])
    ]


def _days(value: Any) -> dict[date, int]:
    counts = msgspec.json.decode(value) if isinstance(value, str) else value or {}
    return {date.fromisoformat(day): events for day, events in counts.items()}


def _rows(query: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
