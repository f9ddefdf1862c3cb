"""Removing recorded events of certain resources, with their share of the counts."""

from collections.abc import Sequence

from django.db import connection

# Raw SQL: deletes and counts in one statement.
_REMOVE = """
    WITH gone AS (
        DELETE FROM event
        WHERE resource_id = ANY(%s) OR resource_id >= %s AND resource_id < %s
        RETURNING event, (to_timestamp(log_ms / 1000.0) AT TIME ZONE 'UTC')::date AS day
    ), counted AS (
        SELECT event, day, count(*) AS events FROM gone GROUP BY event, day
    ), lowered AS (
        UPDATE event_count c SET events = c.events - counted.events
        FROM counted WHERE c.event = counted.event AND c.log_day = counted.day
    )
    SELECT coalesce(sum(events), 0) FROM counted
"""


def remove(resource_ids: Sequence[str], *, prefix: str) -> int:
    """Events of these resources, and of those whose id begins so; how many they were.

    The prefix must not be empty.
    """
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, (list(resource_ids), prefix, after))
        removed = int(cursor.fetchone()[0])
        cursor.execute("DELETE FROM event_count WHERE events <= 0")
    return removed
