"""Windows that closed with too few, as they are kept for explanations."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from events_app.domain.event import from_ms, from_us
from events_app.domain.position import Position

MOST_LOOKED_AT = 500

# Raw SQL: the newest by their index first, whatever became of them; then those that expired.
_EXPIRED = """
    SELECT trigger_id, key, start_us, end_us, count, closed_ms, counted->-1
    FROM (
        SELECT * FROM closed_bucket WHERE automation_id = %s AND closed_ms >= %s
        ORDER BY closed_ms DESC LIMIT %s
    ) AS newest
    WHERE outcome = 'expired' ORDER BY closed_ms DESC
"""


@dataclass(frozen=True, slots=True)
class Expired:
    """`last` is where the log held the last event that counted."""

    trigger_id: UUID
    key: list[str]
    start: datetime
    end: datetime
    count: int
    closed: datetime
    last: Position | None


def expired(automation_id: UUID, *, since_ms: int) -> list[Expired]:
    """Of the newest 500 windows that closed since. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRED, [automation_id, since_ms, MOST_LOOKED_AT])
        return [
            Expired(
                trigger_id,
                list(json.loads(key)),
                from_us(start_us),
                from_us(end_us),
                count,
                from_ms(closed_ms),
                Position(*json.loads(last)) if last else None,
            )
            for trigger_id, key, start_us, end_us, count, closed_ms, last in cursor.fetchall()
        ]
