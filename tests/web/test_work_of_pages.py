"""How much a page reads does not grow with the house, or as little as is said here."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events_app.models import EventCount
from tests.web import scene
from triggers_app.models import Bucket

FEW, MANY = 60, 180
# Rows by table for each automation more, each of which brings a firing, a name and a window of
# its own. The facets of a list look at all automations once.
GROWTH: dict[str, dict[str, int]] = {
    "/": {},
    "/news/": {},
    "/status/": {},
    "/automations/": {"automation": 1},
    "/automations/?tag=t1": {"automation": 2},
    "/automations/?sort=updated": {"automation": 1},
    "/automations/?sort=fired": {"automation": 2, "firing": 1},
    "/automations/?q=nothing+like+this": {"automation": 2},
    "/automations/?status=off": {"automation": 2},
    "/automations/?health=silent": {"automation": 2},
    "/firings/": {},
    "/events/": {},
    "/events/?label=customer%3Dacme": {},
    "/deployments/": {},
    "/watch/": {"automation": 1},  # of 10,000 at most
    "/catalogue/": {},
    "/catalogue/orders.file.landed/": {},
    # What changed is remembered outside of transactions only, as a test has one.
    "/lineage/?event=orders.file.landed": {"automation": 1},
}


def test_a_page_reads_no_more_of_a_larger_house(viewer: Client) -> None:
    _build(range(FEW))
    few = {address: _work(viewer, address) for address in GROWTH}
    _build(range(FEW, MANY))

    for address, rates in GROWTH.items():
        many = _work(viewer, address)
        for table, rows in many.rows.items():
            more, allowed = rows - few[address].rows[table], rates.get(table, 0) * (MANY - FEW)
            assert more <= allowed + SLACK, (address, table, more, many.of(table))


SLACK = 70  # a page of what has become longer


def test_what_is_sent_to_postgresql_does_not_grow_either(viewer: Client) -> None:
    """Ids of all automations in a query made it slower than what it asked."""
    _build(range(FEW))
    few = _work(viewer, "/automations/").length
    _build(range(FEW, MANY))
    many = _work(viewer, "/automations/").length

    assert many - few < MANY - FEW


class _Work:
    """Rows that the queries of a page read, by table."""

    def __init__(self, statements: Iterable[str]) -> None:
        self.rows: Counter[str] = Counter()
        self.read: list[tuple[str, int, str]] = []  # table, rows and query
        self.length = 0
        for statement in statements:
            self.length += len(statement)
            for table, rows in _scans(_plan(statement)):
                self.rows[table] += rows
                self.read.append((table, rows, statement))

    def of(self, table: str) -> list[str]:
        """Who reads it, the most first."""
        read = sorted((one for one in self.read if one[0] == table), key=lambda one: -one[1])
        return [f"{rows} rows: {statement[:600]}" for _, rows, statement in read]


def _work(viewer: Client, address: str) -> _Work:
    """At the second look: what a process remembers was read at the first."""
    viewer.get(address)
    with connection.cursor() as cursor:
        # Of few rows PostgreSQL reads all; what matters is whether it could do otherwise.
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    with CaptureQueriesContext(connection) as captured:
        assert viewer.get(address).status_code == 200
    statements = (str(query["sql"]).strip() for query in captured.captured_queries)
    return _Work([one for one in map(_question, statements) if one])


def _question(statement: str) -> str:
    """What can be explained; of a cursor its query."""
    asked = re.sub(r"^DECLARE .*? FOR (?=SELECT)", "", statement, flags=re.DOTALL)
    return asked if asked.lstrip("( \n").startswith(("SELECT", "WITH")) else ""


def _plan(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (answer,) = cursor.fetchone()
    plans = json.loads(answer) if isinstance(answer, str) else answer
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan


def _scans(plan: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    if "Relation Name" in plan:
        removed = plan.get("Rows Removed by Filter", 0)
        rows = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
        yield re.sub(r"_\d{8}$", "", plan["Relation Name"]), round(rows)
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _build(numbers: Iterable[int]) -> None:
    """Automations with what each brings: hours ago, as most of what a house has."""
    runs = scene.deployment(f"prod-{min(numbers)}")
    others = scene.deployment(f"other-{min(numbers)}")
    day = scene.NOW.date()
    EventCount.objects.get_or_create(
        event="orders.file.landed", log_day=day, defaults={"events": FEW}
    )
    for number in numbers:
        tags = [f"t{number % 3}"]
        trigger = {"expect": [f"job.{number}.done"]} if number > FEW / 2 else {}
        of = scene.automation(f"automation-{number:03}", runs=runs, tags=tags, trigger=trigger)
        scene.firing(of, None, at=scene.ago(6 * 3600 + number))
        scene.event(received=scene.ago(number), seq=number)
        scene.run(others, created=scene.ago(6 * 3600 + number))
        before = day - timedelta(days=3)
        EventCount.objects.create(event=f"job.{number}.done", log_day=before, events=1)
        Bucket.objects.create(
            automation_id=of.pk, trigger_id=uuid4(), key="[]", state=b"", closes_us=1, count=1
        )
