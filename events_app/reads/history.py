"""Recorded events in the order of the log, for those who read on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from events_app.domain.filters import EventFilter
from events_app.domain.position import Position
from events_app.storage import offsets
from events_app.storage.filter_sql import where
from events_app.storage.stored_events import COLUMNS, StoredEvent, recorded_of


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`reached`: every event up to there was looked at. `complete`: there is no more recorded."""

    events: Sequence[StoredEvent]
    reached: Position
    complete: bool


def page(filter: EventFilter, *, after: Position, reader: str, limit: int) -> HistoryPage:
    """The next recorded events behind a place that match. Two queries.

    `reader` is the name of the recorder: what it has not come to is not in the table yet.
    """
    end = max(after, Position.end_of(offsets.of(reader)))
    events = _between(filter, after, end, limit)
    complete = len(events) < limit
    return HistoryPage(events, reached=end if complete else events[-1].position, complete=complete)


def _between(filter: EventFilter, after: Position, end: Position, limit: int) -> list[StoredEvent]:
    condition = where(filter)
    # The bounds on log_ms alone let PostgreSQL leave whole partitions out.
    query = (
        f"SELECT {COLUMNS} FROM event WHERE log_ms BETWEEN %s AND %s"
        " AND (log_ms, log_seq, frame_index) > (%s, %s, %s)"
        f" AND (log_ms, log_seq, frame_index) <= (%s, %s, %s) AND {condition.text}"
        " ORDER BY log_ms, log_seq, frame_index LIMIT %s"
    )
    params = [after.ms, end.ms, *after, *end, *condition.params, limit]
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [recorded_of(row) for row in cursor.fetchall()]
