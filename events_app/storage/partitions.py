"""The partitions of `event`: one per UTC day of log time, made ahead, dropped whole."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from events_app.domain.event import EPOCH, from_ms

DAY_MS = 86_400_000
LOCK_TIMEOUT = "2s"
# Two makers of one partition: the second waits, and then finds it made.
_LOCK = "SELECT pg_advisory_xact_lock(4207102)"
# ATTACH locks out neither readers nor writers of the parent, as CREATE … PARTITION OF would.
_MAKE = """
CREATE TABLE {name} (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES);
ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({next})
"""
_EXISTING = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'event'::regclass
"""


def day_of(ms: int) -> date:
    return from_ms(ms).date()


def first_ms(day: date) -> int:
    """The log time at which a day begins."""
    return (day - EPOCH.date()).days * DAY_MS


def existing(connection: "psycopg.Connection[Any]") -> set[date]:
    rows = connection.execute(_EXISTING).fetchall()
    return {datetime.strptime(row[0], "event_%Y%m%d").replace(tzinfo=UTC).date() for row in rows}


def ensure(connection: "psycopg.Connection[Any]", days: Iterable[date]) -> None:
    """Make the partitions that are missing, in the connection's transaction."""
    due = set(days)
    if due <= existing(connection):
        return
    connection.execute(_LOCK)
    for day in sorted(due - existing(connection)):
        first = first_ms(day)
        statement = _MAKE.format(name=_name(day), first=first, next=first + DAY_MS)
        connection.execute(statement.encode())


def drop_before(connection: "psycopg.Connection[Any]", oldest: date) -> list[date]:
    """Drop the partitions of days before `oldest`, and their counts; one transaction each.

    Dropping waits for readers of the table and makes others wait behind it, so it gives up
    soon; the next run tries again.
    """
    dropped = []
    for day in sorted(day for day in existing(connection) if day < oldest):
        connection.commit()
        connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
        try:
            connection.execute(f"DROP TABLE {_name(day)}".encode())
            connection.execute("DELETE FROM event_count WHERE log_day = %s", (day,))
            connection.commit()
        except psycopg.errors.LockNotAvailable:
            connection.rollback()
            break
        dropped.append(day)
    return dropped


def days_ahead(now: datetime) -> list[date]:
    """Yesterday (for entries read late), today and the next three days."""
    return [now.date() + timedelta(days=n) for n in range(-1, 4)]


def _name(day: date) -> str:
    return f"event_{day:%Y%m%d}"
