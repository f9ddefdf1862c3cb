"""How fast is the way of an event, stage by stage? Prints one table.

python -m bench.record [events]      starts a PostgreSQL (without fsync) and a Redis of its own.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
FRAME = 100


def timed(label: str, count: int, run: Callable[[], object]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{label:<46}{count / wall:>12,.0f}{cpu / count * 1e6:>12.2f}{wall / count * 1e6:>12.2f}")


def bodies() -> list[bytes]:
    from bench.client import order_event

    documents = [order_event("bench.order.created", f"bench.res.{n % 997}") for n in range(EVENTS)]
    frames = [documents[n : n + FRAME] for n in range(0, EVENTS, FRAME)]
    return [json.dumps(frame, separators=(",", ":")).encode() for frame in frames]


def measure() -> None:
    from django.core.management import call_command
    from django.db import connection, connections

    from events_app.domain.filters import EventFilter
    from events_app.domain.parsing import parse_events
    from events_app.reads import event_pages
    from events_app.services import recording
    from events_app.storage import reader
    from events_app.stream import log
    from project.lib import redis_client

    call_command("migrate", verbosity=0)
    client = redis_client.client()
    requests = bodies()
    size = sum(map(len, requests)) / EVENTS
    print(f"{EVENTS:,} events of {size:.0f} bytes, {FRAME} per request\n")
    print(f"{'stage':<46}{'events/s':>12}{'our µs':>12}{'wall µs':>12}")
    timed("parse", EVENTS, lambda: [parse_events(body) for body in requests])
    parsed = [parse_events(body) for body in requests]
    timed("append (fsync each)", EVENTS, lambda: [log.append(client, e) for e in parsed])
    redis_us = client.info("commandstats")["cmdstat_evalsha"]["usec"] / EVENTS
    timed("read", EVENTS, lambda: drain(client))
    budget = iter(lambda: 1.0 if pending(client) else 0.0, None)
    timed(
        "record (read, COPY, commit)",
        EVENTS,
        lambda: recording.record(client, seconds_left=lambda: next(budget)),
    )
    names = EventFilter.model_validate({"event": {"prefix": ["bench."]}})
    for label in ("first page and total, statistics cold", "again", "again"):
        timed(label, 1, lambda: event_pages.first_page(names, limit=1))
    since = EventFilter.model_validate(
        {"event": {"prefix": ["bench."]}, "occurred": {"since": "2020-01-01T00:00:00Z"}}
    )
    timed(
        "… with a time range: counted row by row",
        1,
        lambda: event_pages.first_page(since, limit=50),
    )
    print(f"\nRedis itself: {redis_us:.2f} µs per event to append")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) || ', of which indexes '"
            " || pg_size_pretty(sum(pg_indexes_size(inhrelid))) FROM pg_inherits"
            " WHERE inhparent = 'event'::regclass"
        )
        print(f"PostgreSQL keeps {cursor.fetchone()[0]}")
    reader.close_idle()
    connections.close_all()


def drain(client: Any) -> None:
    from events_app.domain.position import START
    from events_app.stream import log

    after = START
    while entries := log.read_or_advance(
        client,
        after=after,
        max_events=5_000,
        block_ms=0,
    ).entries:
        after = entries[-1].id


def pending(client: Any) -> bool:
    from events_app.models import Reader
    from events_app.stream import log

    row = Reader.objects.filter(name="record").first()
    last = log.last_id(client)
    return row is None or (row.position_ms, row.position_seq) < last


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    from tests import services

    running = services.start()
    try:
        django.setup()
        measure()
    finally:
        running.stop()


if __name__ == "__main__":
    main()
