"""What is kept of events, and for how long: entries of the log, days of the table."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import redis

from events_app.storage import offsets, partitions, rejected
from events_app.stream import trimming
from project.lib import database


@dataclass(frozen=True, slots=True)
class Kept:
    dropped_days: list[date]
    dropped_rejected: int


def trim(client: redis.Redis) -> int:
    """Drop from the log what all readers have read; how many entries that was."""
    read_to = offsets.smallest()
    return 0 if read_to is None else trimming.trim(client, read_to=read_to)


def keep_partitions(*, retention: timedelta, now: datetime) -> Kept:
    """Make the partitions of the coming days, drop those whose last event is too old."""
    oldest = (now - retention).date()
    with database.connect(application_name="flint partitions") as connection:
        ahead = [day for day in partitions.days_ahead(now) if day >= oldest]
        partitions.ensure(connection, ahead)
        connection.commit()
        dropped = partitions.drop_before(connection, oldest)
    return Kept(dropped, rejected.drop_before(now - retention))
