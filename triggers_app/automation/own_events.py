"""Events that tell what automations do, shaped as Prefect's server shapes them. Pure.

Source: recorded events of Prefect 3.9.1. The label `flint.causes` is Flint's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec

from events_app.domain.causes import causes_label
from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from triggers_app.automation.triggers import EventTrigger, Trigger

_EVENTS = UUID("c1f3b6de-2a52-4f0f-9d6c-0a4d3f2f7b90")
_TRIGGERING = "triggering-event"
_NAME = "prefect.resource.name"
# A leader further back than this could not be held for its follower.
FOLLOWS_WITHIN = timedelta(minutes=5)
_json = msgspec.json.Encoder().encode


def event_id(firing_id: UUID, name: str) -> UUID:
    """The same for the same firing, so that an event sent twice is dropped by the log."""
    return uuid5(_EVENTS, f"{firing_id}/{name}")


def automation_resource(
    automation_id: UUID,
    name: str,
    *,
    kind: str | None = None,
    posture: str | None = None,
    causes: Sequence[str] = (),
) -> dict[str, str]:
    """`kind` is the trigger's type, which only the events of actions tell."""
    resource = {RESOURCE_ID: f"prefect.automation.{automation_id}", _NAME: name}
    if kind is not None:
        resource["prefect.trigger-type"] = kind
    if posture is not None:
        resource["prefect.posture"] = posture
    return resource | causes_label(causes)


def posture_of(trigger: Trigger) -> str | None:
    return trigger.posture.value if isinstance(trigger, EventTrigger) else None


def triggering_event_related(triggering_id: UUID | None) -> list[dict[str, str]]:
    return [] if triggering_id is None else [_event(triggering_id, _TRIGGERING)]


def _event(event_id_: UUID, role: str) -> dict[str, str]:
    return {RESOURCE_ID: f"prefect.event.{event_id_}", RESOURCE_ROLE: role}


def firing_kind(state: str) -> str:
    return "resolved" if state == "Resolved" else "triggered"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedAction:
    """An action and what became of it; `details` says so, with `reason` for a failure.

    `number` counts how often people had it tried again. `event_id` and `event_occurred` are
    those of the event that it got as its context. `related`: target, created run, block.
    """

    firing_id: UUID
    firing_state: str
    fired: datetime
    index: int
    number: int
    kind: str
    resource: dict[str, str]
    related: Sequence[Mapping[str, str]] = ()
    event_id: UUID | None = None
    event_occurred: datetime | None = None
    failed: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


def action_events(action: FinishedAction, *, now: datetime) -> list[Event]:
    """`prefect.automation.action.triggered`, and `.executed` or `.failed`, which follows it."""
    firing, name = action.firing_id, f"action/{action.index}/{action.number}"
    triggered_id = event_id(firing, f"{name}/triggered")
    known = {
        "action_index": action.index,
        "action_type": action.kind,
        "invocation": event_id(firing, name),
    }
    automation_event = event_id(firing, firing_kind(action.firing_state))
    related = [
        *map(dict, action.related),
        _event(automation_event, "automation-triggered-event"),
        *triggering_event_related(action.event_id),
    ]
    ending = "failed" if action.failed else "executed"
    return [
        Event(
            id=triggered_id,
            occurred=action.fired,
            event="prefect.automation.action.triggered",
            resource=action.resource,
            related=related,
            payload=msgspec.Raw(_json(known)),
            follows=_leader(action),
        ),
        Event(
            id=event_id(firing, f"{name}/{ending}"),
            occurred=now,
            event=f"prefect.automation.action.{ending}",
            resource=action.resource,
            related=related,
            payload=msgspec.Raw(_json(known | dict(action.details))),
            follows=triggered_id if abs(now - action.fired) < FOLLOWS_WITHIN else None,
        ),
    ]


def _leader(action: FinishedAction) -> UUID | None:
    if action.event_occurred is None:
        return None
    near = abs(action.fired - action.event_occurred) < FOLLOWS_WITHIN
    return action.event_id if near else None


def changed_event(
    change: str, document: Mapping[str, Any], *, automation_id: UUID, version: int, now: datetime
) -> Event:
    """`prefect.automation.created`, `.updated` or `.deleted`, with the whole document."""
    return Event(
        id=event_id(automation_id, f"{change}/{version}"),
        occurred=now,
        event=f"prefect.automation.{change}",
        resource=automation_resource(automation_id, str(document.get("name", ""))),
        payload=msgspec.Raw(_json(document)),
    )
