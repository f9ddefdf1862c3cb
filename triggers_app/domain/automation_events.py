"""Events that tell what automations do, shaped as Prefect's server shapes them. Pure.

Source: recorded events of Prefect 3.9.1. The label `flint.causes` is Flint's own.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from events_app.domain.causes import causes_label
from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from triggers_app.domain.triggers import EventTrigger, Trigger

_EVENTS = UUID("c1f3b6de-2a52-4f0f-9d6c-0a4d3f2f7b90")
_TRIGGERING = "triggering-event"


def event_id(firing_id: UUID, name: str) -> UUID:
    """The same for the same firing, so that an event sent twice is dropped by the log."""
    return uuid5(_EVENTS, f"{firing_id}/{name}")


def automation_resource(
    automation_id: UUID, name: str, trigger: Trigger, *, causes: Sequence[str]
) -> dict[str, str]:
    resource = {RESOURCE_ID: f"prefect.automation.{automation_id}", "prefect.resource.name": name}
    if isinstance(trigger, EventTrigger):
        resource["prefect.posture"] = trigger.posture.value
    return resource | causes_label(causes)


def triggering_event_related(triggering_id: UUID | None) -> list[dict[str, str]]:
    if triggering_id is None:
        return []
    return [{RESOURCE_ID: f"prefect.event.{triggering_id}", RESOURCE_ROLE: _TRIGGERING}]


def firing_event(
    *,
    firing_id: UUID,
    state: str,
    fired: datetime,
    resource: dict[str, str],
    labels: dict[str, str],
    triggering_id: UUID | None,
    triggering_json: bytes | None,
) -> Event:
    """`prefect.automation.triggered`, or `.resolved` for a metric that left its condition.

    `triggering_json` is the whole triggering event as the API shows it.
    """
    kind = "resolved" if state == "Resolved" else "triggered"
    whole = None if triggering_json is None else msgspec.Raw(triggering_json)
    return Event(
        id=event_id(firing_id, kind),
        occurred=fired,
        event=f"prefect.automation.{kind}",
        resource=resource,
        related=triggering_event_related(triggering_id),
        payload=msgspec.Raw(
            msgspec.json.encode({"triggering_labels": labels, "triggering_event": whole})
        ),
    )
