"""Rows for the pages: one event that made one automation run one deployment, and more of each."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from events_app.domain.event import to_us
from events_app.models import Event
from events_app.storage import partitions
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.models import Deployment, Flow, FlowRun, FlowRunState, Log, WorkPool
from triggers_app.models import ActionRun, Automation, Firing

NOW = datetime.now(UTC).replace(microsecond=0)
NOBODY = UUID("00000000-0000-4000-8000-000000000000")


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def event(
    name: str = "orders.file.landed",
    *,
    received: datetime = NOW,
    seq: int = 0,
    resource_id: str = "s3://in/acme/3.csv",
    payload: dict[str, Any] | None = None,
    related: list[dict[str, str]] | None = None,
    labels: dict[str, str] | None = None,
) -> Event:
    connection.ensure_connection()
    assert connection.connection is not None
    partitions.ensure(connection.connection, [received.date()])
    return Event.objects.create(
        log_ms=to_us(received) // 1000,
        log_seq=seq,
        frame_index=0,
        id=uuid4(),
        occurred=received - timedelta(milliseconds=40),
        event=name,
        resource_id=resource_id,
        resource={"prefect.resource.id": resource_id, **(labels or {"customer": "acme"})},
        related=related or [],
        payload=json.dumps(payload or {}),
    )


def deployment(name: str = "prod", flow: str = "nightly-load", **fields: Any) -> Deployment:
    pool, _ = WorkPool.objects.get_or_create(name="default", defaults={"type": "flint"})
    of, _ = Flow.objects.get_or_create(name=flow)
    fields = {"entrypoint": "flows/load.py:load", "tags": ["eu"], "work_pool": pool} | fields
    return Deployment.objects.create(flow=of, name=name, **fields)


def run(
    of: Deployment, *, name: str = "cheeky-otter", states: str = "SPRC", **fields: Any
) -> FlowRun:
    """`states` are the first letters of Scheduled, Pending, Running, Completed, Failed."""
    told = {"S": "Scheduled", "P": "Pending", "R": "Running", "C": "Completed", "F": "Failed"}
    words = [told[letter] for letter in states]
    begun, ended = "R" in states, states[-1] in "CF"
    created = fields.pop("created", ago(90))
    found = FlowRun.objects.create(
        id=time_ordered_id(created, os.urandom(RANDOM_BYTES)), name=name, flow=of.flow,
        deployment=of, work_pool=of.work_pool, created=created,
        state_type=words[-1].upper(), state_name=words[-1], state_timestamp=created,
        start_time=created + timedelta(seconds=1) if begun else None,
        end_time=created + timedelta(seconds=4.2) if ended else None,
        run_count=1, **fields,
    )  # fmt: skip
    for number, word in enumerate(words):
        state = FlowRunState.objects.create(
            flow_run=found, type=word.upper(), name=word,
            timestamp=created + timedelta(seconds=number),
            message="ValueError: no rows for 2026-11-22" if word == "Failed" else None,
        )  # fmt: skip
    FlowRun.objects.filter(pk=found.pk).update(state_id=state.pk)
    return found


def log(of: FlowRun, message: str, *, level: int = 20, at: datetime = NOW) -> Log:
    return Log.objects.create(
        flow_run_id=of.pk, name="flint.flow_runs", level=level, message=message, timestamp=at
    )


def automation(
    name: str = "orders-landed", *, runs: Deployment | None = None, **fields: Any
) -> Automation:
    trigger = {
        "type": "event", "id": str(uuid4()), "posture": "Reactive", "threshold": 3,
        "within": 1800.0,
        "expect": ["orders.file.landed"], "after": [], "for_each": ["customer"],
        "match": {"prefect.resource.id": ["s3://in/*"]}, "match_related": {},
    } | fields.pop("trigger", {})  # fmt: skip
    action: dict[str, Any] = {"type": "do-nothing"}
    if runs is not None:
        action = {
            "type": "run-deployment", "source": "selected", "deployment_id": str(runs.pk),
            "parameters": {"customer": "{{ event.resource.customer }}"},
        }  # fmt: skip
    return Automation.objects.create(
        name=name, change=Automation.objects.count() + 1,
        document={"name": name, "trigger": trigger, "actions": [action]},
        related_resources=[f"prefect.deployment.{runs.pk}"] if runs else [], **fields,
    )  # fmt: skip


def firing(of: Automation, because: Event | None, *, at: datetime = NOW) -> Firing:
    body, place = None, {}
    if because is not None:
        body = {
            "id": str(because.id), "event": because.event, "resource": because.resource,
            "related": because.related, "payload": json.loads(because.payload),
            "occurred": because.occurred.isoformat(),
        }  # fmt: skip
        at = datetime.fromtimestamp(because.log_ms / 1000, UTC)
        place = {"log_ms": because.log_ms, "log_seq": because.log_seq, "frame_index": 0}
    kept = ["id", "event", "occurred"]
    counted = (
        [{**{k: body[k] for k in kept}, "resource_id": because.resource_id}]
        if because and body
        else []
    )
    return Firing.objects.create(
        id=uuid4(), automation=of, automation_version=1, trigger_id=uuid4(), fired=at, created=at,
        triggering_event=body, counted=counted, counted_total=len(counted),
        labels={"customer": "acme"}, **place,
    )  # fmt: skip


def action(of: Firing, *, made: FlowRun | None = None, **fields: Any) -> ActionRun:
    fields = {"state": ActionRun.State.DONE} | fields
    return ActionRun.objects.create(
        firing=of, automation_id=of.automation_id, index=of.action_runs.count(),
        action={"type": "run-deployment"}, flow_run_id=made.pk if made else None,
        created=of.fired, **fields,
    )  # fmt: skip
