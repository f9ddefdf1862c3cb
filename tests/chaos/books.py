"""The books after a storm: what was promised, against what is in the tables."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
import redis

from project.lib import datadir
from tests.chaos.automations import KEPT_SILENT, Setting
from tests.chaos.senders import insist
from tests.system import Product, wait_for

# The replay runs inside the product: in the code that people run, against its own database.
_REPLAY = """
import json
from datetime import datetime
from triggers_app.services.replaying import replay_differences
found = replay_differences(datetime.fromisoformat({since!r}), datetime.fromisoformat({until!r}))
print(json.dumps([found.firings, *(
    [repr(one) for one in many] for many in (found.missing, found.extra, found.changed)
)]))
"""
_UNSETTLED = """
    SELECT (SELECT count(*) FROM event_outbox)
         + (SELECT count(*) FROM action_run WHERE state IN ('pending', 'sending'))
"""
_DOUBLED_RUNS = """
    SELECT count(*) FROM (
        SELECT flow_run_id FROM action_run WHERE flow_run_id IS NOT NULL
        GROUP BY flow_run_id HAVING count(*) > 1
    ) AS doubled
"""
_ACTIONS = """
    SELECT count(*) FILTER (WHERE a.state <> 'done'), count(*),
           count(DISTINCT f.id), (SELECT count(*) FROM flow_run WHERE deployment_id = %(id)s),
           (SELECT count(*) FROM firing WHERE snooze_id IS NULL)
    FROM action_run a LEFT JOIN flow_run f ON f.id = a.flow_run_id AND f.deployment_id = %(id)s
"""
_TOLD = """
    SELECT count(*), count(DISTINCT id),
           (SELECT count(*) FROM firing WHERE state = 'Triggered' AND snooze_id IS NULL)
    FROM event WHERE event = 'prefect.automation.triggered'
"""


@dataclass
class Books:
    """`lines` say what was compared; `problems` what does not balance."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def same(self, what: str, found: object, wanted: object) -> None:
        line = f"{what}: {found}" + ("" if found == wanted else f" instead of {wanted}")
        (self.lines if found == wanted else self.problems).append(line)


def connected(product: Product) -> "psycopg.Connection[Any]":
    url = product.environment.get("DATABASE_URL") or datadir.database_url(product.data_dir)
    return psycopg.connect(url, autocommit=True)


def redis_of(product: Product) -> redis.Redis:
    url = product.environment.get("REDIS_URL") or datadir.redis_url(product.data_dir)
    return redis.Redis.from_url(url)


def balanced(
    product: Product, setting: Setting, acknowledged: Sequence[str], *, since: datetime
) -> Books:
    """Come to rest, then compare. Nothing may be killed meanwhile."""
    books = Books()
    until = come_to_rest(product, setting)
    with connected(product) as database:
        _events(books, database, acknowledged)
        _firings(books, product, since, until)
        _runs(books, database, setting)
    return books


def come_to_rest(product: Product, setting: Setting) -> datetime:
    """All is read, told and carried out; the log time up to which that is so."""
    product.wait_until_healthy()
    with product.client() as client:
        silent = setting.automations[KEPT_SILENT]
        body = {"enabled": False}
        insist(lambda: client.patch(f"/automations/{silent}", json=body).status_code == 204)
        time.sleep(10.5)  # windows of 10 s that are still open
        with connected(product) as database, redis_of(product) as log:
            wait_for(lambda: _is_calm(database, log), seconds=120, failing=lambda: product.log)
            end = {
                "id": str(uuid4()),
                "occurred": datetime.now().astimezone().isoformat(),
                "event": "end.of.chaos",
                "resource": {"prefect.resource.id": "end"},
            }
            insist(lambda: client.post("/events", json=[end]).status_code == 204)
            wait_for(lambda: _is_calm(database, log), seconds=60, failing=lambda: product.log)
            row = database.execute(
                "SELECT to_timestamp(log_ms / 1000.0) FROM event WHERE id = %s", (end["id"],)
            ).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def _is_calm(database: "psycopg.Connection[Any]", log: redis.Redis) -> bool:
    """Three looks in a row, a quarter of a second apart: nothing waits anywhere."""
    for _ in range(3):
        last: Any = log.hmget("flint:log:meta", "last_ms", "last_seq")
        row = database.execute(
            "SELECT count(*) FROM reader WHERE (position_ms, position_seq) < (%s, %s)",
            (int(last[0]), int(last[1])),
        ).fetchone()
        unsettled = database.execute(_UNSETTLED).fetchone()
        if row != (0,) or unsettled != (0,):
            return False
        time.sleep(0.25)
    return True


def _events(books: Books, database: "psycopg.Connection[Any]", acknowledged: Sequence[str]) -> None:
    rows = database.execute("SELECT id::text FROM event WHERE event LIKE 'chaos.%%'", ()).fetchall()
    recorded = Counter(row[0] for row in rows)
    promised = set(acknowledged)
    books.same("events acknowledged twice by mistake", len(acknowledged) - len(promised), 0)
    books.same("events recorded", len(recorded), len(promised))
    books.same("events lost", len(promised - set(recorded)), 0)
    books.same("events recorded more than once", sum(n > 1 for n in recorded.values()), 0)
    row = database.execute("SELECT count(*) FROM rejected_event").fetchone()
    books.same("events rejected", row, (0,))


def _firings(books: Books, product: Product, since: datetime, until: datetime) -> None:
    code = _REPLAY.format(since=since.isoformat(), until=until.isoformat())
    done = product.manage("shell", "-v", "0", "-c", code)
    firings, missing, extra, changed = json.loads(done.stdout.splitlines()[-1])
    books.lines.append(f"firings: {firings}")
    books.same("firings that a replay does not give", missing[:3], [])
    books.same("firings that only a replay gives", extra[:3], [])
    books.same("firings that a replay gives otherwise", changed[:3], [])
    if not firings:
        books.problems.append("nothing fired")


def _runs(books: Books, database: "psycopg.Connection[Any]", setting: Setting) -> None:
    row = database.execute(_ACTIONS, {"id": setting.deployment}).fetchone()
    assert row is not None
    unsettled, actions, runs_of_actions, runs, firings = row
    books.same("actions not done", unsettled, 0)
    books.same("actions", actions, firings)
    books.same("flow runs", runs, actions)
    books.same("flow runs that belong to an action", runs_of_actions, runs)
    books.same("flow runs of two actions", database.execute(_DOUBLED_RUNS).fetchone(), (0,))
    told = database.execute(_TOLD).fetchone()
    assert told is not None
    books.same("firings told of once each", told[:2], (told[2], told[2]))
