"""A believable estate for the browser: enough of everything to see how pages look."""

import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from accounts_app.models import ApiKey
from events_app.domain.event import to_us
from events_app.domain.position import Position
from events_app.models import Event, EventCount
from runs_app.models import (
    Artifact,
    ConcurrencyLimit,
    Deployment,
    FlowRun,
    TaskRun,
    Variable,
    Worker,
    WorkPool,
    WorkQueue,
)
from tests.web import scene
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.windows import encode_window
from triggers_app.models import Automation, AutomationVersion, BlockDocument, Bucket, Firing
from triggers_app.services import blocks

CUSTOMERS = ("acme", "zeta", "a-customer-with-quite-a-long-name-gmbh")
SCHEMA = {
    "type": "object",
    "required": ["day", "customer"],
    "properties": {
        "customer": {"type": "string", "description": "Whose files to load.", "position": 0},
        "day": {"type": "string", "format": "date", "position": 1},
        "limit": {"type": "integer", "minimum": 1, "default": 5000, "position": 2},
        "mode": {"enum": ["append", "replace"], "default": "append", "position": 3},
        "dry_run": {"type": "boolean", "default": False, "position": 4},
        "tables": {"type": "array", "items": {"type": "string"}, "position": 5},
    },
}


@dataclass(frozen=True)
class Estate:
    event: Event
    deployment: Deployment
    run: FlowRun
    failed: FlowRun
    automation: Automation
    group: Automation
    firing: Firing
    pool: WorkPool
    artifact: Artifact
    table: Artifact
    block: BlockDocument

    def paths(self) -> dict[str, str]:
        """Every page by a short name."""
        return self._pages() | self._pages_around_the_builder()

    def _pages(self) -> dict[str, str]:
        asked = f"?event={self.event.id}"
        return {
            "overview": "/",
            "events": "/events/",
            "events-filtered": "/events/?label=customer%3Dacme&range=1d",
            "events-fired": "/events/?q=fate%3Afired",
            "events-facets": "/events/facets/?q=last%3A1h",
            "events-none": "/events/?name=nothing.like.this",
            "events-wrong": "/events/?label=customer",
            "event": f"/events/{self.event.id}/",
            "event-detail": f"/events/{self.event.id}/detail/?q=last:1h",
            "replay": f"/events/{self.event.id}/replay/",
            "event-compare": f"/events/{self.event.id}/compare/",
            "compose": f"/events/new/?like={self.event.id}",
            "firings": "/firings/",
            "firing": f"/firings/{self.firing.pk}/",
            "watch": "/watch/",
            "lineage": f"/lineage/?automation={self.automation.pk}",
            "catalogue": "/catalogue/",
            "catalogue-one": f"/catalogue/{self.event.event}/",
            "automations": "/automations/",
            "automation": f"/automations/{self.automation.pk}/",
            "automation-explain": f"/automations/{self.automation.pk}/explain/{asked}",
            "fates": f"/automations/fates/{asked}",
            "versions": f"/automations/{self.automation.pk}/versions/",
            "document": f"/automations/{self.automation.pk}/document/",
            "builder": f"/automations/{self.automation.pk}/edit",
            "builder-group": f"/automations/{self.group.pk}/edit?tab=explain",
            "deployments": "/deployments/",
            "deployment": f"/deployments/{self.deployment.pk}/",
            "run-now": f"/deployments/{self.deployment.pk}/new-run/",
            "runs": "/runs/",
            "run": f"/runs/{self.run.pk}/",
            "failed-run": f"/runs/{self.failed.pk}/",
            "logs": f"/runs/{self.run.pk}/logs/",
            "tasks": f"/runs/{self.run.pk}/tasks/",
            "variables": "/variables/",
            "limits": "/limits/",
            "work-pools": "/work-pools/",
            "work-pool": f"/work-pools/{self.pool.pk}/",
            "artifacts": "/artifacts/",
            "artifact": f"/artifacts/{self.artifact.pk}/",
            "artifact-table": f"/artifacts/{self.table.pk}/",
            "blocks": "/blocks/",
            "block": f"/blocks/{self.block.pk}/",
            "new-block": "/blocks/new/pager-duty-webhook/",
            "brakes": "/brakes/",
            "go": "/go/?q=orders",
            "account": "/account/",
            "status": "/status/",
            "styleguide": "/styleguide/",
            "missing": "/nothing/here/",
        }

    def _pages_around_the_builder(self) -> dict[str, str]:
        return {
            "new-automation": "/automations/new/",
            "new-from-sentence": "/automations/new/?from=sentence",
            "new-from-text": "/automations/new/?from=paste",
            "new-from-copy": "/automations/new/?from=copy",
            "new-from-nothing": "/automations/new/?from=empty",
            "new-from-event": f"/automations/new/from-event/?event={self.event.id}",
            "compare": f"/automations/{self.automation.pk}/compare/",
            "compare-event": (
                f"/automations/{self.automation.pk}/compare/event/?event={self.event.id}"
            ),
            "fire": f"/automations/{self.automation.pk}/fire/",
            "fired": f"/firings/{self.firing.pk}/through/",
        }


def _tasks(run: FlowRun) -> None:
    for number, (name, took) in enumerate((("extract", 1.5), (f"load-{'long-' * 40}", 2.0))):
        begun = scene.NOW + timedelta(seconds=number)
        TaskRun.objects.create(
            id=uuid4(), name=name, flow_run=run, task_key=name, dynamic_key="0", state_id=uuid4(),
            state_type="COMPLETED", state_name="Completed", run_count=number + 1,
            start_time=begun, end_time=begun + timedelta(seconds=took),
            created=begun, updated=begun,
        )  # fmt: skip


def _limits_and_variables() -> None:
    Variable.objects.create(name="region", value={"eu": ["north", "south"]}, tags=["ops"])
    ConcurrencyLimit.objects.create(name="database", limit=3, counted=scene.NOW)
    blocks.create("ops", "slack-webhook", {"url": "https://hooks.example.org/s3cr3t"})
    blocks.create(
        "hook", "webhook", {"url": "https://hooks.example.org/x", "headers": {"X-Key": "s3cr3t"}}
    )


def _pool(run: FlowRun) -> WorkPool:
    pool = WorkPool.objects.create(
        name=f"on-prem-{'long-' * 20}", type="process", concurrency_limit=5
    )
    for number, name in enumerate(("default", f"fast-{'long-' * 30}"), start=1):
        WorkQueue.objects.create(
            work_pool=pool, name=name, priority=number, concurrency_limit=2, last_polled=scene.NOW
        )
    for number, online in enumerate((True, False)):
        Worker.objects.create(
            work_pool=pool, name=f"ProcessWorker {uuid4()}", online=online,
            last_heartbeat=scene.NOW - timedelta(minutes=number),
        )  # fmt: skip
    return pool


def _artifacts(run: FlowRun) -> tuple[Artifact, Artifact]:
    text = f"# Report\n\n- one\n- **two**\n\n> said {'so-' * 60}\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    rows = [
        {"customer": f"{'acme-' * 20}", "total": number, "more": {"x": 1}} for number in range(3)
    ]
    made = [
        Artifact.objects.create(key=key, type=kind, data=data, flow_run_id=run.pk, description="d")
        for key, kind, data in (
            ("report", "markdown", "Earlier."), ("report", "markdown", text),
            (f"totals-{'long-' * 30}", "table", rows),
        )
    ]  # fmt: skip
    return made[1], made[2]


def estate() -> Estate:
    load = scene.deployment(
        parameters={"limit": 5000, "dry_run": False}, description="Loads what landed.",
        parameter_openapi_schema=SCHEMA,
    )  # fmt: skip
    report = scene.deployment("eu", flow="weekly-report", paused=True, tags=["eu", "finance"])
    automation = scene.automation(runs=load, applied_version=2, version=2)
    _versions(automation)
    _windows(automation)
    group = _others(report)
    for number in range(14):
        event, run, firing = _round(automation, load, number)
    failed = scene.run(load, name="grumpy-heron", states="SPRF", created=scene.ago(600))
    scene.log(failed, "Could not load 2026-11-22", level=40)
    _tasks(run)
    _limits_and_variables()
    refused = scene.firing(automation, event)
    scene.action(
        refused, state="rejected",
        reason="Parameter `limit`: event.payload.max_row is missing; did you mean `max_rows`?",
    )  # fmt: skip
    scene.run(report, name="patient-swan", states="SPR", created=scene.ago(20))
    scene.run(report, name="quiet-mole", states="S", created=scene.ago(5))
    for number, (name, role) in enumerate((("nightly producer", "editor"), ("terraform", "admin"))):
        ApiKey.objects.create(
            name=name, prefix=f"flint_{number}aB3", digest=bytes([number] * 32), role=role
        )
    pool, (artifact, table) = _pool(run), _artifacts(run)
    block = BlockDocument.objects.get(name="hook")
    return Estate(event, load, run, failed, automation, group, firing, pool, artifact, table, block)


def _versions(automation: Automation) -> None:
    before = {**automation.document, "trigger": {**automation.document["trigger"], "threshold": 2}}
    for number, document in enumerate((before, automation.document), start=1):
        AutomationVersion.objects.create(
            automation=automation, version=number, enabled=True, document=document,
            effective_after_ms=0, effective_after_seq=0,
            applied_after_ms=0, applied_after_seq=number, applied_ms=1,
            author="eda: three files make a delivery" if number == 2 else "deploy",
        )  # fmt: skip


def _windows(automation: Automation) -> None:
    trigger_id = UUID(automation.document["trigger"]["id"])
    for number, customer in enumerate(CUSTOMERS):
        start = to_us(scene.ago(300 * (number + 1)))
        end = start + 1_800_000_000
        window = Window(
            automation.pk, trigger_id, (customer,), Position(start // 1000, 0, 0), start, end, end,
            count=number % 3,
        )  # fmt: skip
        Bucket.objects.create(
            automation_id=automation.pk, trigger_id=trigger_id, key=f'["{customer}"]',
            state=encode_window(window), closes_us=end, count=window.count,
        )  # fmt: skip


def _watched(absence: Automation) -> None:
    """A deadline that counts down."""
    trigger_id = UUID(absence.document["trigger"]["id"])
    start = to_us(scene.ago(60))
    end = start + 300_000_000
    window = Window(absence.pk, trigger_id, (), Position(start // 1000, 0, 0), start, end, end)
    Bucket.objects.create(
        automation_id=absence.pk, trigger_id=trigger_id, key="[]", absence=True,
        state=encode_window(window), closes_us=end, count=0,
    )  # fmt: skip


def _others(report: Deployment) -> Automation:
    absence = {"posture": "Proactive", "threshold": 1, "within": 300.0, "for_each": [],
               "expect": ["heartbeat"], "match": {"prefect.resource.id": "probe.eu-*"}}  # fmt: skip
    heartbeat = scene.automation("heartbeat-eu", runs=report, trigger=absence)
    _watched(heartbeat)
    both = [
        {"type": "event", "id": str(uuid4()), "posture": "Reactive", "expect": [name],
         "threshold": 1, "within": 0.0, "match": {}, "match_related": {}}
        for name in ("orders.file.landed", "inventory.snapshot.done")
    ]  # fmt: skip
    compound = {"type": "compound", "id": str(uuid4()), "require": "all", "within": 1800.0,
                "triggers": both}  # fmt: skip
    found = scene.automation("landed-and-counted", runs=report)
    found.document = {**found.document, "trigger": compound}
    found.save()
    scene.automation("retry-on-crash", enabled=False, description="Off while the pool moves.")
    scene.automation(
        "a-name-that-somebody-made-by-a-script-and-that-goes-on-and-on-0001",
        quarantine_reason="ZeroDivisionError: division by zero",
        quarantined=scene.ago(4000),
    )
    for day in range(9):
        EventCount.objects.create(
            event="orders.file.landed", log_day=scene.ago(day * 86_400).date(),
            events=(37 * day * day) % 211 + 14,
        )  # fmt: skip
    return found


def _round(automation: Automation, load: Deployment, number: int) -> tuple[Event, FlowRun, Firing]:
    customer = CUSTOMERS[number % 3]
    received = scene.ago((14 - number) * 97 * (14 - number))
    event = scene.event(
        received=received, seq=number,
        resource_id=f"s3://in/{customer}/{number}.csv",
        payload={"rows": 5210 + number, "max_rows": "5000", "note": "from the night shift",
                 "files": [{"name": "a.csv", "bytes": 18211}, {"name": "b.csv", "bytes": 92}]},
        related=[{"prefect.resource.id": "prefect.tag.prod", "prefect.resource.role": "tag"},
                 {"prefect.resource.id": "prefect.tag.eu", "prefect.resource.role": "tag"}],
    )  # fmt: skip
    names = ("cheeky-otter", "brave-lynx", "tidy-crane", "solemn-newt")
    run = scene.run(
        load, name=names[number % 4], created=received + timedelta(seconds=1),
        parameters={"customer": customer, "limit": 5000, "event": {"rows": 5210 + number}},
        causes=[{"automation": str(automation.pk), "firing": str(scene.NOBODY)}], tags=["nightly"],
    )  # fmt: skip
    for line in ("Reading s3://in/acme/3.csv", "5210 rows read", "5210 rows written"):
        scene.log(run, line, at=run.created)
    scene.log(run, "2 rows had no date and were left out", level=30, at=run.created)
    firing = scene.firing(automation, event)
    firing.verdict = _verdict(automation, event, customer)
    firing.window_start, firing.window_end = received - timedelta(minutes=12), received
    firing.save()
    scene.action(firing, made=run)
    return event, run, firing


def _verdict(automation: Automation, event: Event, customer: str) -> dict[str, object]:
    end = int(time.time() * 1_000_000)
    return {
        "trigger_id": automation.document["trigger"]["id"], "type": "event", "fate": "fired",
        "reason": "", "labels": {"customer": customer}, "needed": 3, "children": [],
        "window": {"start_us": end - 720_000_000, "end_us": end, "count": 3},
        "conditions": [
            {"kind": "name", "subject": "event", "expected": ["orders.file.landed"],
             "actual": "orders.file.landed", "met": True, "nearest": None, "parts": []},
            {"kind": "match", "subject": "prefect.resource.id", "expected": ["s3://in/*"],
             "actual": event.resource_id, "met": True, "nearest": None, "parts": []},
        ],
    }  # fmt: skip
