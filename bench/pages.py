"""Are the pages fast on a full house? Prints a table: page, queries, CPU, wall time, kB.

python -m bench.pages [scale [automations]]     starts a PostgreSQL (without fsync) and a Redis of
its own and fills them: 1,000 automations, 1,000,000 events, 100,000 runs, 200,000 firings, 5,000
names and deadlines (times `scale`). CPU is that of the page and of PostgreSQL together: other
programs on the machine lengthen the wall time only.
"""

import gzip
import json
import os
import statistics
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

SCALE = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
ROUNDS = 7
MOST_MS = 150  # of CPU, before a page is called slow
DAYS = 7

EVENTS, RUNS, FIRINGS = (int(n * SCALE) for n in (1_000_000, 100_000, 200_000))
AUTOMATIONS = int(sys.argv[2]) if len(sys.argv) > 2 else int(1_000 * SCALE)
NAMES = int(5_000 * SCALE)  # of events that are only counted

# Inserted by the server itself: a million events in about a minute.
_EVENTS = """
INSERT INTO event (log_ms, log_seq, frame_index, id, occurred, event, resource_id, resource,
                   related, payload)
SELECT at, n %% 1000, 0, gen_random_uuid(), to_timestamp(at / 1000.0), name, resource,
       jsonb_build_object('prefect.resource.id', resource, 'customer', 'c' || n %% 97),
       jsonb_build_array(jsonb_build_object('prefect.resource.id', 'prefect.tag.t' || n %% 7,
                                            'prefect.resource.role', 'tag')),
       '{"rows": ' || n || ', "note": "from the night shift"}'
FROM (SELECT n, %(first)s + (n * %(step)s)::bigint AS at, 'r' || n %% 5000 AS resource,
             CASE WHEN n %% 1000 = 0 THEN 'rare.' || n %% 7
                  ELSE (ARRAY['orders.created', 'orders.paid', 'orders.file.landed',
                              'inventory.snapshot.done', 'probe.heartbeat'])[1 + n %% 5] END AS name
      FROM generate_series(0, %(total)s - 1) AS n) AS source
"""
# What four of five automations want.
_HEARD = """
INSERT INTO event (log_ms, log_seq, frame_index, id, occurred, event, resource_id, resource,
                   related, payload)
SELECT at, 5000, 0, gen_random_uuid(), to_timestamp(at / 1000.0), 'orders.file.landed', resource,
       jsonb_build_object('prefect.resource.id', resource, 'customer', 'acme'), '[]', '{}'
FROM (SELECT %(first)s + (%(total)s - n) * 1000 AS at, 's3://in/acme/' || n AS resource
      FROM generate_series(1, 60) AS n) AS source
"""
# Old enough that those that never fired are silent: the worst that a list can hold.
_OLD = "UPDATE automation SET created = now() - interval '9 days'"
_COUNTS = """
INSERT INTO event_count (event, log_day, events)
SELECT event, (to_timestamp(log_ms / 1000.0) AT TIME ZONE 'UTC')::date, count(*) FROM event
GROUP BY 1, 2 ON CONFLICT DO NOTHING
"""
_NAMES = """
INSERT INTO event_count (event, log_day, events)
SELECT 'job.' || n || '.done', (now() AT TIME ZONE 'UTC')::date - d, n %% 97
FROM generate_series(1, %(names)s) AS n, generate_series(0, 6) AS d
"""
# Ids of runs grow with time, as those that the product makes.
_RUNS = """
INSERT INTO flow_run (id, name, flow_id, deployment_id, work_pool_id, parameters, context, tags,
    labels, empirical_policy, job_variables, causes, auto_scheduled, state_id, state_type,
    state_name, state_timestamp, run_count, expected_start_time, start_time, end_time,
    total_run_time_seconds, created, updated)
SELECT (lpad(to_hex(at), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8'
        || substr(md5(n::text), 1, 15))::uuid,
       'run-' || n, d.flow_id, d.id, d.work_pool_id, '{"limit": 5}', '{}', '{}', '{}', '{}', '{}',
       '[]', false, NULL, state, initcap(state), made, 1, made, made, made + interval '3 s', 3,
       made, made
FROM (SELECT n, %(first)s + (n * %(step)s)::bigint AS at,
             to_timestamp((%(first)s + n * %(step)s) / 1000.0) AS made,
             CASE WHEN n %% 500 = 0 THEN 'FAILED' WHEN n > %(total)s - 20 THEN 'RUNNING'
                  ELSE 'COMPLETED' END AS state, 1 + n %% %(deployments)s AS number
      FROM generate_series(0, %(total)s - 1) AS n) AS source
JOIN (SELECT *, row_number() OVER (ORDER BY name) AS number FROM deployment) AS d USING (number)
"""
_STATES = """
INSERT INTO flow_run_state (id, flow_run_id, type, name, timestamp, state_details)
SELECT gen_random_uuid(), id, state_type, state_name, created, '{}' FROM flow_run
"""
# Each at the place of an event.
_FIRINGS = """
INSERT INTO firing (id, automation_id, automation_version, trigger_id, log_ms, log_seq,
    frame_index, fired, state, triggering_event, labels, counted, counted_total, children, causes,
    created)
SELECT gen_random_uuid(), a.id, 1, gen_random_uuid(), at, n * %(every)s %% 1000, 0,
       to_timestamp(at / 1000.0), 'Triggered',
       jsonb_build_object('id', gen_random_uuid(), 'event', 'orders.created', 'payload',
                          '{}'::jsonb, 'resource', '{"prefect.resource.id": "r1"}'::jsonb),
       '{}', '[]', 1, '[]', '{}', to_timestamp(at / 1000.0)
FROM (SELECT n, %(first)s + (n * %(step)s)::bigint AS at,
             1 + (n::bigint * n) %% %(automations)s AS number
      FROM generate_series(0, %(total)s - 1) AS n) AS source
JOIN (SELECT *, row_number() OVER (ORDER BY name) AS number FROM automation) AS a USING (number)
"""
_ACTIONS = """
INSERT INTO action_run (firing_id, automation_id, index, action, phase, state, attempts, result,
                        reason, created)
SELECT id, automation_id, 0, '{"type": "run-deployment"}', 'actions',
       CASE WHEN log_seq = 1 THEN 'rejected' ELSE 'done' END, 1, '{}',
       CASE WHEN log_seq = 1 THEN 'Parameter `limit` is missing.' END, created
FROM firing ORDER BY fired
"""
_LOGS = """
INSERT INTO log (flow_run_id, name, level, message, timestamp)
SELECT %(run)s, 'flow', 20, 'line ' || n, now() - interval '1 hour' + n * interval '1 ms'
FROM generate_series(1, %(total)s) AS n
"""
_BUCKETS = """
INSERT INTO bucket (automation_id, trigger_id, key, state, closes_us, count)
SELECT id, gen_random_uuid(), '["c' || n || '"]', '', 1, 1
FROM (SELECT id FROM automation ORDER BY name LIMIT 200) AS a, generate_series(1, 50) AS n
"""


def fill() -> None:
    from django.db import connection

    from events_app.storage import partitions
    from project.lib.clock import utcnow
    from tests.web import scene

    now = utcnow()
    span_ms = DAYS * 86_400_000
    first = int(now.timestamp() * 1000) - span_ms
    days = [(now - timedelta(days=n)).date() for n in range(-1, DAYS + 2)]
    deployments = [scene.deployment(f"prod-{n:03}", flow=f"flow-{n % 40}") for n in range(200)]
    for number in range(AUTOMATIONS):
        # Every fifth waits for a name of its own.
        own = {} if number % 5 else {"trigger": {"expect": [f"job.{number}.done"]}}
        runs, tags = deployments[number % len(deployments)], [f"t{number % 20}"]
        scene.automation(f"automation-{number:04}", runs=runs, tags=tags, **own)
    with connection.cursor() as cursor:
        assert connection.connection is not None
        partitions.ensure(connection.connection, days)

        def insert(label: str, query: str, total: int = 1, **values: Any) -> None:
            begun = time.perf_counter()
            cursor.execute(
                query, {"first": first, "step": span_ms / total, "total": total, **values}
            )
            print(f"  {cursor.rowcount:>9,} {label} in {time.perf_counter() - begun:.1f} s")

        insert("old automations", _OLD)
        insert("events", _EVENTS, EVENTS)
        insert("events that are heard", _HEARD, span_ms // 1000)
        insert("counts", _COUNTS)
        insert("names", _NAMES, names=NAMES)
        insert("runs", _RUNS, RUNS, deployments=len(deployments))
        insert("states", _STATES)
        insert("firings", _FIRINGS, FIRINGS, automations=AUTOMATIONS, every=EVENTS // FIRINGS)
        insert("actions", _ACTIONS)
        insert("windows", _BUCKETS)
        absences(now)
        cursor.execute("SELECT id FROM flow_run ORDER BY id DESC LIMIT 1")
        insert("log lines", _LOGS, int(20_000 * SCALE), run=cursor.fetchone()[0])
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")  # it would be counted to the first pages


def absences(now: datetime) -> None:
    """A watch board of 5,000 deadlines."""
    from events_app.domain.event import to_us
    from events_app.domain.position import Position
    from tests.web import scene
    from triggers_app.automation.engine.outcome import Window
    from triggers_app.automation.engine.windows import encode_window
    from triggers_app.models import Bucket

    trigger = {"posture": "Proactive", "threshold": 1, "within": 7200.0,
               "expect": ["probe.heartbeat"], "for_each": ["customer"]}  # fmt: skip
    of = scene.automation("watched", trigger=trigger)
    node = UUID(of.document["trigger"]["id"])
    buckets = []
    for number in range(int(5_000 * SCALE)):
        start, end = to_us(now), to_us(now + timedelta(seconds=number))
        window = Window(of.pk, node, (f"c{number}",), Position(0, 0, 0), start, end, end)
        buckets.append(
            Bucket(automation_id=of.pk, trigger_id=node, key=json.dumps([f"c{number}"]),
                   state=encode_window(window), closes_us=end, count=0, absence=True)
        )  # fmt: skip
    Bucket.objects.bulk_create(buckets, 1_000)


def pages() -> dict[str, str]:
    """Addresses by a short name; the last rows stand for their kind."""
    from events_app.models import Event
    from runs_app.models import Deployment, FlowRun
    from triggers_app.models import Automation, Firing

    event = Event.objects.order_by("-log_ms").values_list("id", flat=True)[0]
    heard = Event.objects.filter(log_seq=5000).values_list("id", flat=True)[0]
    run = FlowRun.objects.order_by("-id").values_list("id", flat=True)[0]
    firing = Firing.objects.order_by("-fired").values_list("id", flat=True)[0]
    automation = Automation.objects.order_by("name").values_list("id", flat=True)[0]
    deployment = Deployment.objects.order_by("name").values_list("id", flat=True)[0]
    return (
        _of_events(event)
        | _of_what_is_heard(heard)
        | _of_automations(automation, firing)
        | _of_runs(deployment, run)
        | _of_surroundings(automation, deployment)
    )


def _of_events(event: UUID) -> dict[str, str]:
    """Of many events, and of one."""
    return {
        "events": "/events/",
        "events: one name": "/events/?name=orders.paid",
        "events: a rare name": "/events/?name=rare.3",
        "events: frequent beginning": "/events/?name=orders.*",
        "events: rare beginning": "/events/?name=rare.*",
        "events: one resource": "/events/?resource=r77",
        "events: last day": "/events/?range=1d",
        "events: a label": "/events/?label=customer%3Dc5",
        "events: a related resource": "/events/?related=prefect.tag.t3",
        "events: text that is frequent": "/events/?text=night",
        "events: text that is nowhere": "/events/?text=nowhere&range=1h",
        "histogram: 30 days": "/events/histogram/",
        "histogram: last day": "/events/histogram/?range=1d",
        "histogram: one name, 7 days": "/events/histogram/?name=orders.paid&range=7d",
        "events: fired": "/events/?q=fate:fired",
        "events: fired, a name": "/events/?q=fate:fired name:orders.created last:7d",
        "facets": "/events/facets/",
        "facets: one name": "/events/facets/?name=orders.paid",
        "facets: a label, fired": "/events/facets/?q=label.customer=c5 fate:fired",
        "detail of an event": f"/events/{event}/detail/",
        "one event": f"/events/{event}/",
        "compose": "/events/new/",
        "chain of an event": f"/firings/chain/?event={event}",
        "fates of an event": f"/automations/fates/?event={event}",
        "replay of an event": f"/events/{event}/replay/",
        "compared events": f"/events/{event}/compare/",
    }


def _of_what_is_heard(event: UUID) -> dict[str, str]:
    """Where thousands of automations listen."""
    return {
        "events: heard by thousands": "/events/?q=name:orders.file.landed label.customer=acme",
        "replay, heard by thousands": f"/events/{event}/replay/",
        "fates, heard by thousands": f"/automations/fates/?event={event}",
    }


def _of_automations(automation: UUID, firing: UUID) -> dict[str, str]:
    """Of automations and firings, and what stands on every page."""
    return {
        "overview": "/",
        "overview: news": "/news/",
        "status strip": "/status/",
        "firings": "/firings/",
        "firings: by name": "/firings/?q=automation-00",
        "one firing": f"/firings/{firing}/",
        "automations": "/automations/",
        "automations: text": "/automations/?q=landed+c00",
        "automations: last fired first": "/automations/?sort=fired",
        "automations: absences": "/automations/?kind=absence",
        "one automation": f"/automations/{automation}/",
        "its versions": f"/automations/{automation}/versions/",
        "automations: silent": "/automations/?health=silent",
        "automations: ok": "/automations/?health=ok",
        "builder: first page": "/automations/new",
        "automations: tag": "/automations/?tag=t7",
        "automations: managed by keys": "/automations/?managed=clients",
        "account": "/account/",
    }


def _of_runs(deployment: UUID, run: UUID) -> dict[str, str]:
    """Of deployments and runs."""
    return {
        "deployments": "/deployments/",
        "deployments: text": "/deployments/?q=flow-7",
        "one deployment": f"/deployments/{deployment}/",
        "run it now": f"/deployments/{deployment}/new-run/",
        "runs": "/runs/",
        "runs: failed": "/runs/?state=failed",
        "runs: cancelled (none)": "/runs/?state=cancelled",
        "runs: of a flow": "/runs/?q=flow-7",
        "runs: of a deployment, failed": f"/runs/?deployment={deployment}&state=failed",
        "one run": f"/runs/{run}/",
        "its logs": f"/runs/{run}/logs/",
        "its logs: text": f"/runs/{run}/logs/?q=line+77",
    }


def _of_surroundings(automation: UUID, deployment: UUID) -> dict[str, str]:
    """Of deadlines, names of events, and what leads to what."""
    return {
        "watch board": "/watch/",
        "watch board: text": "/watch/?q=c77",
        "catalogue": "/catalogue/",
        "catalogue: text": "/catalogue/?q=77",
        "catalogue: nobody listens": "/catalogue/?heard=no",
        "one name": "/catalogue/orders.paid/",
        "one rare name": "/catalogue/rare.3/",
        "lineage of an event": "/lineage/?event=orders.file.landed",
        "lineage of an automation": f"/lineage/?automation={automation}",
        "lineage of a deployment": f"/lineage/?deployment={deployment}",
    }


def measure() -> int:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench import tree

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    print(f"\n{'page':<36}{'queries':>8}{'cpu ms':>9}{'ms':>9}{'kB gz':>8}")
    slow = 0
    for name, address in pages().items():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
            queries = list(captured.captured_queries)
        assert response.status_code == 200, (name, response.status_code)
        begun = tree.cpu_seconds(os.getpid())
        times = [_ms(client, address) for _ in range(ROUNDS)]
        cpu = (tree.cpu_seconds(os.getpid()) - begun) * 1000 / ROUNDS
        median = statistics.median(times)
        size = len(gzip.compress(response.content)) / 1024
        flag = " <-- slow" if cpu > MOST_MS else ""
        slow += bool(flag)
        print(f"{name:<36}{len(queries):>8}{cpu:>9.1f}{median:>9.1f}{size:>8.1f}{flag}", flush=True)
        if flag and "--explain" in sys.argv:
            worst = max(queries, key=lambda query: float(query["time"]))
            print(json.dumps(worst, indent=1)[:3000])
    return slow


def _ms(client: Any, address: str) -> float:
    begun = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    os.environ["DEBUG"] = "0"
    from tests import services

    running = services.start()
    try:
        from django.conf import settings

        django.setup()
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.STORAGES["staticfiles"]["BACKEND"] = (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        fill()
        slow = measure()
        connections.close_all()
    finally:
        running.stop()
    sys.exit(f"{slow} pages are slow." if slow else 0)


if __name__ == "__main__":
    main()
