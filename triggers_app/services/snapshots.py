"""Daily snapshots of the evaluator's windows: where explanations and replays begin."""

from datetime import datetime

from events_app.storage import partitions
from project.lib import database
from triggers_app.storage import history_snapshots


def keep(*, now: datetime) -> int | None:
    """Take the snapshot of this day (UTC) if there is none, and drop those nobody can need.

    Returns the id of a new one.
    """
    with database.connect(application_name="flint snapshots") as connection:
        newest = history_snapshots.newest_taken(connection)
        connection.rollback()  # the snapshot sees all tables as they are from here on
        taken = None
        if newest is None or newest.date() < now.date():
            taken = history_snapshots.take(connection, now=now)
        days = partitions.existing(connection)
        if days:
            history_snapshots.delete_before(connection, partitions.first_ms(min(days)))
    return taken
