"""Flows, deployments and moments that the tests of this app share."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from events_app.domain.event import decode_event
from events_app.models.events import EventOutbox
from runs_app.domain.run_request import Created, NewFlowRun, Refused
from runs_app.models import Deployment
from runs_app.services import creating, deployments

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "default": "none"},
        "amount": {"type": "number"},
        "count": {"type": "integer"},
        "urgent": {"type": "boolean"},
    },
}


def run_events() -> list[EventOutbox]:
    """What was told of flow runs, in order; deployments and flows have events, too."""
    rows = EventOutbox.objects.order_by("pk")
    return [row for row in rows if b'"event":"prefect.flow-run.' in bytes(row.body)]


def events_of(kind: str) -> list[str]:
    """The names of events about objects of a kind, such as work-queue, in order."""
    prefix = f"prefect.{kind}."
    rows = EventOutbox.objects.order_by("pk").values_list("body", flat=True)
    names = [decode_event(bytes(body)).event for body in rows]
    return [name for name in names if name.startswith(prefix)]


def a_deployment(
    name: str = "served", *, flow: str = "orders", pool: str | None = None, **fields: Any
) -> Deployment:
    made, _ = deployments.ensure_flow(flow, now=NOW)
    if pool is not None:
        deployments.ensure_pool(pool, now=NOW)
        fields["work_pool_name"] = pool
    root = fields.pop("flow_root", None)
    upserted = deployments.upsert(
        flow_id=made.pk, name=name, fields=fields, now=NOW, flow_root=root
    )
    return Deployment.objects.select_related("flow", "work_pool").get(pk=upserted.deployment_id)


def create(*requests: NewFlowRun, now: datetime = NOW) -> list[Created | Refused]:
    with transaction.atomic():
        return creating.create_flow_runs(requests, now=now)


def a_run(deployment: Deployment, now: datetime = NOW, **fields: Any) -> UUID:
    (outcome,) = create(NewFlowRun(deployment_id=deployment.pk, **fields), now=now)
    assert isinstance(outcome, Created), outcome
    return outcome.flow_run_id
