"""Firings with actions to do, as the evaluator leaves them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from runs_app.models import Deployment, Flow
from triggers_app.models import ActionRun, Automation, Firing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_deployment(name: str = "nightly", **fields: Any) -> Deployment:
    flow, _ = Flow.objects.get_or_create(name="etl")
    return Deployment.objects.create(flow=flow, name=name, **fields)


def an_automation(name: str = "on order") -> Automation:
    trigger = {"type": "event", "id": str(uuid4()), "posture": "Reactive"}
    document = {"name": name, "enabled": True, "trigger": trigger, "actions": []}
    return Automation.objects.create(name=name, document=document, change=1)


def an_event(**changes: Any) -> dict[str, Any]:
    return {
        "occurred": "2026-11-23T12:00:00Z",
        "event": "order.created",
        "resource": {"prefect.resource.id": "shop.order.7"},
        "related": [],
        "payload": {"amount": 12.5, "items": [1, {"a": 2}]},
        "id": str(uuid4()),
        "follows": None,
        "received": "2026-11-23T12:00:00.001Z",
        **changes,
    }


def fired(
    *actions: dict[str, Any],
    automation: Automation | None = None,
    phase: str = "actions",
    **firing: Any,
) -> list[ActionRun]:
    """A firing with these actions to do."""
    automation = automation or an_automation()
    values: dict[str, Any] = {"triggering_event": an_event(), "fired": NOW, "created": NOW}
    row = Firing.objects.create(
        id=uuid4(),
        automation=automation,
        automation_version=1,
        **{**values, "trigger_id": uuid4(), **firing},
    )
    return [
        ActionRun.objects.create(
            firing=row,
            automation_id=automation.pk,
            index=index,
            action=action,
            phase=phase,
            created=firing.get("created", NOW),
        )
        for index, action in enumerate(actions)
    ]


def run_of(deployment: Deployment | UUID, **fields: Any) -> dict[str, Any]:
    pk = deployment.pk if isinstance(deployment, Deployment) else deployment
    return {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": str(pk),
        "parameters": None,
        "job_variables": None,
        "schedule_after": 0.0,
        **fields,
    }
