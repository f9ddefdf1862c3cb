"""Whether events can be accepted and evaluated, and what is missing if not."""

from dataclasses import dataclass

import redis
from django.db import DatabaseError, connection

from project.lib import redis_client

READERS = ("record", "evaluate")
ALIVE_WITHIN_SECONDS = 15  # three leases

# Each reader's connection is busy at least once per lease; a dead owner has no connection.
_READERS_ALIVE = """
    SELECT application_name FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = ANY(%s)
       AND greatest(backend_start, query_start, state_change)
           > clock_timestamp() - make_interval(secs => %s)
"""


@dataclass(frozen=True, slots=True)
class Health:
    """`missing` holds sentences, and is empty when all is well."""

    missing: list[str]

    @property
    def ok(self) -> bool:
        return not self.missing


def check() -> Health:
    """One query and one ping."""
    missing = _redis_problems()
    try:
        alive = _readers_alive()
    except DatabaseError:
        return Health([*missing, "Database is not available"])
    for reader in READERS:
        if reader not in alive:
            missing.append(f"No worker reads the log to {reader} events")
    return Health(missing)


def _redis_problems() -> list[str]:
    try:
        redis_client.impatient_client().ping()
    except redis.RedisError:
        return ["Redis is not available"]
    return []


def _readers_alive() -> set[str]:
    names = {f"flint reader {reader}": reader for reader in READERS}
    with connection.cursor() as cursor:
        cursor.execute(_READERS_ALIVE, [list(names), ALIVE_WITHIN_SECONDS])
        return {names[row[0]] for row in cursor.fetchall()}
