"""How many requests are under way at once: for one host, and in one process."""

import contextlib
import re
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.triggers_app.block_rows import block_row
from tests.triggers_app.delivery.examples import NOW, fired
from tests.triggers_app.services.test_dispatching import dispatch
from tests.triggers_app.services.test_sending import waiting
from triggers_app.models import ActionRun
from triggers_app.services.sending import LEASE
from triggers_app.storage import outgoing

pytestmark = pytest.mark.django_db


def claimed(limit: int = 100, now: datetime = NOW) -> list[str]:
    found = outgoing.claim(limit, per_host=2, now=now, until=now + LEASE)
    ids = [each.claimed.id for each in found]
    return sorted(ActionRun.objects.filter(pk__in=ids).values_list("host", flat=True))


def test_a_host_has_a_few_places_and_one_gets_free_when_a_lease_ends() -> None:
    for host in ("a", "b"):
        waiting(f"http://{host}.example.org/x", 5)
    blocks = [
        block_row("webhook", {"url": f"https://C.example.org/{path}"}, name=path) for path in "xy"
    ]
    for block in blocks:
        for _ in range(2):
            fired({"type": "call-webhook", "block_document_id": str(block.pk)})
    dispatch()

    first = claimed()

    a, b, c = "a.example.org:80", "b.example.org:80", "c.example.org:443"
    assert first == [a, a, b, b, c, c]
    assert claimed() == []
    freed = ActionRun.objects.filter(host=a, lease_until__isnull=False)[0]
    ActionRun.objects.filter(pk=freed.pk).update(state="done", lease_until=None)
    assert claimed() == [a]
    assert claimed(now=NOW + LEASE) == [a, a, b, b, c, c]


def test_with_few_places_in_the_process_no_host_is_always_the_last() -> None:
    for number in range(6):
        waiting(f"http://{number}.example.org/", 3)

    found = set()
    for _ in range(60):
        with contextlib.suppress(Rollback), transaction.atomic():
            found.update(claimed(2))
            raise Rollback

    assert len(found) == 6


class Rollback(Exception):
    """Takes back what was claimed."""


def test_thousands_that_wait_for_one_host_make_a_claim_no_slower() -> None:
    [run] = waiting("http://a.example.org/", 1)
    waiting("http://b.example.org/", 1)
    with connection.cursor() as cursor:
        cursor.execute(MANY, (run.pk,))
        cursor.execute("ANALYZE action_run")
        cursor.execute("SET LOCAL enable_seqscan = off")
    queries = CaptureQueriesContext(connection)
    with queries:
        outgoing.claim(10, per_host=2, now=NOW, until=NOW + LEASE)

    [query] = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN ANALYZE " + query["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "action_run_to_send" in plan
    assert "action_run_leased" in plan
    read = [int(rows) for rows in re.findall(r"actual time=\S+ rows=(\d+)", plan)]
    assert max(read) < 100


# As many as after an hour of an outage: most of them wait for their next try.
MANY = """
    INSERT INTO action_run (firing_id, automation_id, index, action, phase, state, attempts,
                            request, host, result, created, not_before, retries)
    SELECT firing_id, automation_id, n, action, phase, state, 1, request, host, result, created,
           created + interval '1 hour', 0
    FROM action_run, generate_series(1, 5000) n WHERE id = %s
"""
