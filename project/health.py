"""Whether events can be accepted and evaluated, and what is missing if not."""

from dataclasses import dataclass

import psycopg
import redis

from project.lib import database, redis_client

READERS = ("record", "evaluate")
ALIVE_WITHIN_SECONDS = 15  # three leases

# A dead owner has no connection. One that fails in every lease has, but it never writes that
# it came to the end of one; who has just begun is given the time to.
_READERS_ALIVE = """
    SELECT DISTINCT reader.name
      FROM reader JOIN pg_stat_activity AS owner
        ON owner.datname = current_database()
       AND owner.application_name = 'flint reader ' || reader.name
     WHERE reader.name = ANY(%(readers)s)
       AND greatest(owner.backend_start, owner.query_start, owner.state_change)
           > clock_timestamp() - make_interval(secs => %(age)s)
       AND greatest(owner.backend_start, reader.updated)
           > clock_timestamp() - make_interval(secs => %(age)s)
"""


@dataclass(frozen=True, slots=True)
class Health:
    """`missing` holds sentences, and is empty when all is well."""

    missing: list[str]

    @property
    def ok(self) -> bool:
        return not self.missing


def check() -> Health:
    """One query and one ping; two seconds of patience for each."""
    missing = _redis_problems()
    try:
        alive = _readers_alive()
    except psycopg.Error:
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
    """On a connection of its own: the pool would wait for long, and may be busy."""
    values = {"readers": [*READERS], "age": ALIVE_WITHIN_SECONDS}
    with database.connect(application_name="flint health", connect_timeout=2) as connection:
        return {row[0] for row in connection.execute(_READERS_ALIVE, values)}
