"""Recorded events to try templates on: the newest that a trigger may want, or named ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from events_app.storage.stored_events import StoredEvent, recorded_of
from triggers_app.storage.history_sql import Interest, interest_condition

_COLUMNS = """
    occurred, log_ms, log_seq, frame_index, event, resource::text, related::text, payload, id,
    follows
"""
# By time of happening, which has an index alone and one behind the name.
_NEWEST = f"""
    SELECT {_COLUMNS} FROM event WHERE occurred >= %s AND {{condition}}
    ORDER BY occurred DESC LIMIT %s
"""
_WITH_IDS = f"""
    SELECT DISTINCT ON (id) {_COLUMNS} FROM event WHERE id = ANY(%s)
    ORDER BY id, log_ms DESC, log_seq DESC, frame_index DESC
"""


def newest(interest: Interest, *, since: datetime, limit: int) -> list[StoredEvent]:
    """The events that happened last and may matter to the triggers. One query.

    It may read many where no index leads to the conditions: limit its time.
    """
    condition = interest_condition(interest)
    statement = _NEWEST.format(condition=condition.text)
    return _recorded(statement, [since, *condition.params, limit])


def with_ids(ids: Sequence[UUID]) -> dict[UUID, StoredEvent]:
    """The newest event of each id. One query, none for no ids."""
    if not ids:
        return {}
    return {one.event.id: one for one in _recorded(_WITH_IDS, [list(ids)])}


def _recorded(statement: str, params: Sequence[Any]) -> list[StoredEvent]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [recorded_of(row) for row in cursor.fetchall()]
