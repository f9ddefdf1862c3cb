"""What Prometheus asks: `GET /metrics`, with the key of a viewer.

Every figure comes from the stores, so any web process answers for the whole installation.
Nothing is counted that may be large: counters of the log, sequences, statistics that
PostgreSQL keeps anyway, and indexes of what is still to be done, up to `CAP`.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

import redis
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client.core import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder

from accounts_app.api.access import identify
from events_app.stream import measuring
from project import health, metrics_sql
from project.lib import redis_client
from project.lib.api_errors import UNAUTHORIZED
from project.lib.process_memory import process_memory

KEEP_SECONDS = 5.0
QUEUES = ("record", "evaluate", "actions", "runs")
Samples = dict[str, float] | float


class Collector:
    """Answers one scrape: whatever store is away, the rest is told."""

    def collect(self) -> Iterator[Metric]:
        try:
            tables = metrics_sql.read()
            yield from _of_tables(tables)
        except DatabaseError:
            tables = None
        try:
            yield from _of_log(redis_client.impatient_client(), tables)
            log_answers = True
        except redis.RedisError:
            log_answers = False
        up = {"postgresql": float(tables is not None), "redis": float(log_answers)}
        yield _gauge("up", "Whether the store answers.", up, "service")
        missing = health.check().missing
        yield _gauge("healthy", "Whether events can be accepted and evaluated.", not missing)


def _of_tables(tables: metrics_sql.Tables) -> Iterator[Metric]:
    yield _counter("firings", "Firings, as PostgreSQL's statistics count them.", tables.firings)
    yield _counter("action_runs_created", "Actions of firings.", tables.action_runs_created)
    yield _counter("flow_runs_created", "Flow runs, as statistics count.", tables.flow_runs_created)
    yield _counter("events_rejected", "Events in rejected_event.", tables.rejected)
    help_text = "Events of Flint itself that were recorded today; begins anew at midnight UTC."
    yield _counter("own_events", help_text, tables.own_events, "event")
    yield _gauge(
        "action_runs", f"Not settled; up to {metrics_sql.CAP:,}.", tables.action_runs, "state"
    )
    yield _gauge("flow_runs", f"Not ended; up to {metrics_sql.CAP:,}.", tables.flow_runs, "state")
    yield _gauge("outbox_events", "Events of Flint itself not yet in the log.", tables.outbox)
    yield _gauge("oldest_seconds", "Age of the oldest that waits.", tables.oldest, "queue")
    yield _gauge("open_windows", "Open windows of triggers (estimated).", tables.open_windows)
    yield _gauge("automations", "Automations.", tables.automations, "state")
    yield _gauge("acting_stopped", "Whether all acting was stopped by a person.", tables.stopped)
    ages = {reader.name: reader.seen_seconds for reader in tables.readers}
    yield _gauge("reader_seen_seconds", "Since the owner last wrote.", ages, "reader")
    owners = {reader.name: float(reader.epoch) for reader in tables.readers}
    yield _counter("reader_owners", "How often a reader changed hands.", owners, "reader")


def _of_log(client: redis.Redis, tables: metrics_sql.Tables | None) -> Iterator[Metric]:
    log = measuring.totals(client)
    yield _counter("events_received", "Events in the log since it began.", log.events)
    yield _counter("event_bytes_received", "Bytes of them.", log.bytes)
    yield _counter("events_duplicate", "Sent again, and dropped.", log.duplicates)
    yield _counter("events_conflicting", "Of these, with other content.", log.conflicts)
    yield _gauge("log_entries", "Entries that the log holds.", log.entries)
    yield _gauge("log_unread_events", "Not read by all readers.", log.unread_events)
    yield _gauge("log_unread_events_limit", "More are refused with 503.", log.max_events)
    yield _gauge("log_unread_bytes", "Not read by all readers.", log.unread_bytes)
    yield _gauge("log_unread_bytes_limit", "More are refused with 503.", log.max_bytes)
    memory: Any = client.info("memory")
    yield _gauge("redis_memory_bytes", "Memory of Redis.", memory["used_memory"])
    yield _gauge("redis_memory_limit_bytes", "Its maxmemory; 0: none.", memory["maxmemory"])
    depths = {queue: float(client.llen(queue)) for queue in QUEUES}
    yield _gauge("queue_messages", "Celery messages that wait.", depths, "queue")
    if tables is None:
        return
    behind = {reader.name: measuring.behind(client, reader.position) for reader in tables.readers}
    events = {name: float(each.events) for name, each in behind.items()}
    yield _gauge("reader_behind_events", "Events not yet read.", events, "reader")
    seconds = {name: each.seconds for name, each in behind.items()}
    yield _gauge("reader_behind_seconds", "Age of the oldest of them.", seconds, "reader")
    read = {name: log.events - count for name, count in events.items()}
    yield _counter("reader_events", "Events read: recorded, evaluated.", read, "reader")


def _gauge(name: str, text: str, samples: Samples, label: str = "") -> Metric:
    return _metric(name, text, samples, label, "gauge")


def _counter(name: str, text: str, samples: Samples, label: str = "") -> Metric:
    return _metric(name, text, samples, label, "counter")


def _metric(name: str, text: str, samples: Samples, label: str, kind: str) -> Metric:
    metric = Metric(f"flint_{name}", text, kind)
    full_name = metric.name + ("_total" if kind == "counter" else "")
    if isinstance(samples, dict):
        for value, figure in samples.items():
            metric.add_sample(full_name, {label: value}, figure)
    else:
        metric.add_sample(full_name, {}, float(samples))
    return metric


class _Kept:
    """The last answer, by its format, for as long as it is fresh; one thread asks at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, bytes]] = {}

    def answer(self, accept: str) -> tuple[bytes, str]:
        encode, content_type = choose_encoder(accept)
        with self._lock:
            read, body = self._answers.get(content_type, (0.0, b""))
            if not body or time.monotonic() - read > KEEP_SECONDS:
                registry = CollectorRegistry(auto_describe=False)
                registry.register(Collector())
                body = encode(registry)
                self._answers[content_type] = (time.monotonic(), body)
        return body, content_type


@process_memory
def _kept() -> _Kept:
    return _Kept()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if identify(request) is None:
        return JsonResponse(UNAUTHORIZED, status=401)
    body, content_type = _kept().answer(request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=content_type)
