"""Firings and windows of many events at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from events_app.domain.position import Position
from triggers_app.automation.engine.windows import decode_window
from triggers_app.storage.decided_firings import MOST_FIRED, OF_EVENTS, parameters_of
from triggers_app.storage.history_fates import Place

_json = msgspec.json.Encoder().encode

_FIRED = f"SELECT n.number, f.automation_id FROM {OF_EVENTS}"
# By the index on the time of firings, from the newest on.
_FIRED_BETWEEN = """
    SELECT log_ms, log_seq, frame_index, sum(count(*)) OVER () FROM (
        SELECT log_ms, log_seq, frame_index FROM firing
        WHERE fired BETWEEN %s AND %s AND log_ms IS NOT NULL ORDER BY fired DESC LIMIT %s
    ) AS newest GROUP BY 1, 2, 3
"""
# A window closes soon after what it counted, so the first ones that closed since will do.
_COUNTED = """
    WITH n AS (
        SELECT * FROM unnest(%s::int[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[],
                             %s::jsonb[])
                      AS n (number, automation_id, trigger_id, key, ms, positions))
    SELECT n.number, NULL::bytea FROM n
    WHERE EXISTS (
        SELECT FROM (
            SELECT trigger_id, key, counted FROM closed_bucket
            WHERE automation_id = n.automation_id AND closed_ms >= n.ms
            ORDER BY closed_ms LIMIT 200
        ) AS c
        WHERE c.trigger_id = n.trigger_id AND c.key = n.key AND c.counted @> n.positions
    )
    UNION ALL
    SELECT n.number, b.state FROM n JOIN bucket b USING (automation_id, trigger_id, key)
"""


def fired_at(events: Sequence[tuple[Position, bool]]) -> dict[Position, set[UUID]]:
    """The automations that each event fired; True: it may have been evaluated later. One query."""
    fired: dict[Position, set[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FIRED, parameters_of(events, most=MOST_FIRED))
        for number, automation_id in cursor.fetchall():
            fired.setdefault(events[number][0], set()).add(automation_id)
    return fired


def fired_between(since: datetime, until: datetime, *, limit: int) -> tuple[list[Position], bool]:
    """Where the events stand that fired anything, and whether these are all. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRED_BETWEEN, [since, until, limit])
        rows = cursor.fetchall()
    return [Position(*row[:3]) for row in rows], not rows or rows[0][3] < limit


def counted_at(places: Sequence[tuple[Position, Place]]) -> dict[Position, set[UUID]]:
    """The automations in whose windows each event counted. One query.

    Only the last 50 events of a window are known one by one.
    """
    keys: list[list[Any]] = [
        list(range(len(places))),
        [place.automation_id for _, place in places],
        [place.trigger_id for _, place in places],
        [_json(place.key).decode() for _, place in places],
    ]
    positions = [_json([position]).decode() for position, _ in places]
    counted: dict[Position, set[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [*keys, [position.ms for position, _ in places], positions])
        for number, state in cursor.fetchall():
            position, place = places[number]
            if state is None or _holds(state, position):
                counted.setdefault(position, set()).add(place.automation_id)
    return counted


def _holds(state: bytes, position: Position) -> bool:
    return any(one.position == position for one in decode_window(bytes(state)).counted)
