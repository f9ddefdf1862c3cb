"""Firing an automation by hand: what it does is done for real, what it waits for is not touched.

The firing is the one that the engine would make of the event, marked with who made it. Its
actions go through the outbox like all others, under the same brakes; windows stay as they are.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from events_app.domain.event import Event, rfc3339
from events_app.storage.stored_events import StoredEvent
from triggers_app.automation.firing_record import firing_event
from triggers_app.automation.own_events import automation_resource, posture_of
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.plan import plan_of
from triggers_app.automation.triggers import Trigger
from triggers_app.models import Automation, Firing
from triggers_app.services import firing_outbox, preview_firing
from triggers_app.services.preview_firing import PreviewFiring
from triggers_app.storage import automations

_FIRINGS = UUID("0f6d1f43-6a0c-4c6d-9a3e-5d1c8f6b7a20")
_STATE = "Triggered"


def fire(
    automation_id: UUID, recorded: StoredEvent | None, *, author: str, key: str, now: datetime
) -> Firing:
    """Fire it once, with an event or (None) as for an absence, as it is saved now.

    A second call with the same author and `key` answers the first firing. It need not be
    switched on. Raises Automation.DoesNotExist, and Invalid when this Flint cannot read it.
    Queries: the automation, the firing, its actions, the event that tells of it.
    """
    row = automations.automation(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    trigger = parse_trigger(row.document.get("trigger"))
    firing_preview = preview_of(trigger, recorded, now=now)
    firing_id = uuid5(_FIRINGS, f"{automation_id}/{author}/{key}")
    with transaction.atomic():
        firing, new = Firing.objects.get_or_create(
            id=firing_id, defaults=_columns(row, trigger, firing_preview, recorded, author, now)
        )
        if new:
            _follow(firing, row, trigger, firing_preview)
    return firing


def preview_of(trigger: Trigger, recorded: StoredEvent | None, *, now: datetime) -> PreviewFiring:
    """What its templates see when it fires now."""
    if recorded is None:
        return preview_firing.absence({}, now)
    firing_preview = preview_firing.preview_of(trigger, [recorded])
    return PreviewFiring(
        firing_preview.event_text,
        firing_preview.labels,
        now,
        firing_preview.children,
        firing_preview.complete,
    )


def _columns(
    row: Automation,
    trigger: Trigger,
    firing_preview: PreviewFiring,
    recorded: StoredEvent | None,
    author: str,
    now: datetime,
) -> dict[str, Any]:
    counted = [] if recorded is None else [_counted(recorded.event)]
    return {
        "automation_id": row.pk,
        "automation_version": row.version,
        "trigger_id": trigger.node_id,
        "fired": now,
        "state": _STATE,
        "triggering_event": json.loads(firing_preview.event_text)
        if firing_preview.event_text
        else None,
        "labels": firing_preview.labels,
        "counted": counted,
        "counted_total": len(counted),
        "children": json.loads(firing_preview.children),
        # Somebody decided this: whatever led to the event does not count.
        "causes": [str(row.pk)],
        "by_hand": author,
        "shadow": row.shadow,
        "created": now,
    }


def _counted(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "event": event.event,
        "occurred": rfc3339(event.occurred),
        "resource_id": event.resource_id,
    }


def _follow(
    firing: Firing, row: Automation, trigger: Trigger, firing_preview: PreviewFiring
) -> None:
    """Its actions into the outbox, and the event that tells of it into the other one.

    In shadow nothing follows, whoever fires it.
    """
    if row.shadow:
        return
    planned = plan_of(row.document, trigger).actions_of(_STATE)
    firing_outbox.follow(firing, planned, _event_of(firing, row, trigger, firing_preview))


def _event_of(
    firing: Firing, row: Automation, trigger: Trigger, firing_preview: PreviewFiring
) -> Event:
    triggering = firing.triggering_event
    return firing_event(
        firing_id=firing.pk,
        state=_STATE,
        fired=firing.fired,
        resource=automation_resource(
            row.pk, row.name, posture=posture_of(trigger), causes=firing.causes
        ),
        labels=firing.labels,
        triggering_id=UUID(triggering["id"]) if triggering else None,
        event_text=firing_preview.event_text,
    )
