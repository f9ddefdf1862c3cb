"""How much a page reads does not grow with the house, or as little as is said here."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events_app.models import Event, EventCount
from project.lib.process_memory import clear_all
from tests.web import scene
from triggers_app.models import Bucket
from triggers_app.reads import catalogue
from triggers_app.storage import event_stats, lint_facts, seen_names

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
    "/automations/?sort=fired": {"automation": 3, "firing": 1},
    "/automations/?q=nothing+like+this": {"automation": 2},
    "/automations/?status=off": {"automation": 2},
    "/automations/?health=silent": {"automation": 2},
    "/firings/": {},
    "/events/": {},
    "/events/?label=customer%3Dacme": {},
    "/deployments/": {},
    "/watch/": {"automation": 1},  # of 10,000 at most
    "/runs/": {"flow_run": 1},  # of 10,000 at most
    "/automations/new": {"event_count": 1},
    "/catalogue/": {},
    "/catalogue/orders.file.landed/": {},
    # What changed is remembered outside of transactions only, as a test has one.
    "/lineage/?event=orders.file.landed": {"automation": 1},
}


def test_a_page_reads_no_more_of_a_larger_house(editor: Client) -> None:
    _build(range(FEW))
    few = {address: _work(editor, address) for address in GROWTH}
    _build(range(FEW, MANY))

    for address, rates in GROWTH.items():
        many = _work(editor, address)
        for table, rows in many.rows.items():
            more, allowed = rows - few[address].rows[table], rates.get(table, 0) * (MANY - FEW)
            assert more <= allowed + SLACK, (address, table, more, many.of(table))


SLACK = 70  # a page of what has become longer


def test_what_is_sent_to_postgresql_does_not_grow_either(editor: Client) -> None:
    """Ids of all automations in a query made it slower than what it asked."""
    _build(range(FEW))
    few = _work(editor, "/automations/").length
    _build(range(FEW, MANY))
    many = _work(editor, "/automations/").length

    assert many - few < MANY - FEW


RARE: dict[str, Callable[[], object]] = {
    "names to begin with": lambda: seen_names.names("", since=scene.NOW.date(), limit=10),
    "its newest event": lambda: seen_names.newest_of("rare"),
    "when it came last": lambda: event_stats.last_seen([("rare", scene.NOW.date())]),
    "what lint looks at": lambda: lint_facts.newest_of_each(["rare"], now=scene.NOW, limit=5),
    "its shape": lambda: catalogue.shape("rare", [scene.NOW.date()]),
}


@pytest.mark.parametrize("question", RARE)
def test_of_a_rare_name_only_its_events_are_read(question: str, db: None) -> None:
    """PostgreSQL took a name that it could not see for one as frequent as any."""
    first = scene.event("frequent")
    more = [another(first, number) for number in range(1, 2_000)]
    Event.objects.bulk_create(more)
    EventCount.objects.create(event="rare", log_day=scene.NOW.date(), events=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE event; ANALYZE event_count; SET LOCAL enable_seqscan = off")

    with CaptureQueriesContext(connection) as captured:
        RARE[question]()

    work = _Work(one for one in map(_statement, captured.captured_queries) if one)
    assert work.rows["event"] == 0, work.of("event")


def another(event: Event, number: int) -> Event:
    """Some seconds before."""
    occurred = event.occurred - timedelta(seconds=number)
    fields = (field.attname for field in Event._meta.fields if field.attname != "pk")
    values = {name: getattr(event, name) for name in fields}
    return Event(**values | {"id": uuid4(), "log_seq": number, "occurred": occurred})


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


def _work(editor: Client, address: str) -> _Work:
    """At the second look: what a process remembers for a while was read at the first."""
    clear_all()
    editor.get(address)
    with connection.cursor() as cursor:
        # Of few rows PostgreSQL reads all; what matters is whether it could do otherwise.
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    with CaptureQueriesContext(connection) as captured:
        assert editor.get(address).status_code == 200
    return _Work(one for one in map(_statement, captured.captured_queries) if one)


def _statement(query: Mapping[str, Any]) -> str:
    """What can be explained; of a cursor its query."""
    statement = str(query["sql"]).strip()
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
