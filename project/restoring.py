"""A dump brought back: everything in the database is replaced, and Flint goes on from now.

Between the dump and now much may have been done that the dump does not know of. So nothing that it
holds is done by itself: see `finish_restore`. Whatever cuts this short, `up` refuses to start
until a restore is complete (`preparing.migrate`).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from events_app.domain.event import from_ms
from events_app.services import restoring as events
from project import pg_tools, preparing
from project.lib import database, redis_client
from runs_app.services import restoring as runs
from triggers_app.services import restoring as automations

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class RestoreRefused(Exception):
    """Nothing was changed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """`until` is the last moment of which the dump tells; the rest are counts."""

    until: datetime
    held_actions: int
    held_runs: int
    absences: int
    dropped_events: int


def restore(file: Path, *, now: datetime) -> RestoreResult:
    """Raises Refused, or pg_tools.ToolFailed: then the database is as it was."""
    _refuse_a_newer_one(file)
    preparing.close_connections()
    _refuse_while_others_are_connected()
    pg_tools.restore(settings.DATABASE_URL, file)
    preparing.migrate(restoring=True)
    return finish_restore(now=now)


def finish_restore(*, now: datetime) -> RestoreResult:
    """Nothing is done or fired twice, and no silence is told of the time since the dump.

    The log goes on above every position that the dump knows; actions that were pending and runs
    that had not started are held for a person; absences begin anew; events of our own that had
    not reached the log are dropped, as they may have reached it since.
    """
    highest_ms = max(events.highest_ms(), automations.highest_ms())
    at = events.restart_log(redis_client.client(), above_ms=highest_ms)
    with transaction.atomic():
        dropped = events.go_on_from(at)
        settled = RestoreResult(
            until=from_ms(highest_ms),
            held_actions=automations.hold_pending_actions(),
            held_runs=runs.hold_unstarted(now=now),
            absences=automations.bridge_the_gap(at),
            dropped_events=dropped,
        )
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {pg_tools.UNFINISHED}")
    automations.begin_history(now=max(now, from_ms(at.ms)))
    return settled


def _refuse_a_newer_one(file: Path) -> None:
    known = set(MigrationLoader(None).disk_migrations)
    migrations = pg_tools.migrations_in(file)
    if not migrations:
        raise RestoreRefused(f"{file} is not a dump of Flint.")
    if unknown := sorted(migrations - known):
        app, name = unknown[-1]
        raise RestoreRefused(
            f"{file} was made by a newer Flint (it has the migration {app}.{name}). "
            "Update Flint, then restore it."
        )


def _refuse_while_others_are_connected() -> None:
    with database.connect(application_name="flint restore") as own:
        row = own.execute(_OTHERS).fetchone()
    if row and (others := row[0]):
        raise RestoreRefused(
            f"There {'is' if others == 1 else 'are'} {others} other "
            f"connection{'' if others == 1 else 's'} to the database. Stop Flint first."
        )
