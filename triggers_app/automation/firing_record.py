"""A firing of the engine with what its automation adds: as it is stored, told, acted on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec

from events_app.domain.event import Event, event_json, from_ms
from triggers_app.automation.causes import endless
from triggers_app.automation.engine.outcome import Firing
from triggers_app.automation.own_events import (
    automation_resource,
    event_id,
    firing_kind,
    posture_of,
    triggering_event_related,
)
from triggers_app.automation.plan import Plan, PlannedAction

_json = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class FiringRecord:
    """`causes` are the ids of the automations whose firings led here, this one's last."""

    firing: Firing
    plan: Plan
    causes: Sequence[str]

    @property
    def fired(self) -> datetime:
        """Log time."""
        return from_ms(self.firing.fired_ms)

    @cached_property
    def event_text(self) -> str | None:
        """The whole triggering event, as JSON; None for an absence of any event."""
        return _event_text(self.firing)

    @property
    def actions(self) -> list[PlannedAction]:
        """What follows from it; nothing while it is snoozed."""
        if self.firing.snooze_id is not None:
            return []
        return self.plan.actions_of(self.firing.state)

    @property
    def has_event(self) -> bool:
        """Whether an event tells of it.

        One at the end of an endless chain must not feed on; one in shadow or snoozed nobody may act
        on, as nobody would act on what follows from it.
        """
        silent = self.plan.shadow or self.firing.snooze_id is not None
        return not silent and not endless(self.causes)

    @property
    def event(self) -> Event:
        """The event that tells of it."""
        firing, triggering = self.firing, self.firing.triggering
        return firing_event(
            firing_id=firing.id,
            state=firing.state,
            fired=self.fired,
            resource=automation_resource(
                firing.automation_id,
                self.plan.name,
                posture=posture_of(self.plan.trigger),
                causes=self.causes,
            ),
            labels=firing.labels,
            triggering_id=None if triggering is None else triggering.event.id,
            event_text=self.event_text,
        )


def firing_event(
    *,
    firing_id: UUID,
    state: str,
    fired: datetime,
    resource: dict[str, str],
    labels: dict[str, str],
    triggering_id: UUID | None,
    event_text: str | None,
) -> Event:
    """`prefect.automation.triggered`, or `.resolved` for a metric that left its condition.

    `event_text` is the whole triggering event as the API shows it.
    """
    kind = firing_kind(state)
    whole = None if event_text is None else msgspec.Raw(event_text.encode())
    return Event(
        id=event_id(firing_id, kind),
        occurred=fired,
        event=f"prefect.automation.{kind}",
        resource=resource,
        related=triggering_event_related(triggering_id),
        payload=msgspec.Raw(_json({"triggering_labels": labels, "triggering_event": whole})),
    )


def children_text(firing: Firing) -> str:
    """The firings of a composite's parts, as JSON; see `Firing.children` of the models."""
    return _json([_child(child) for child in firing.child_firings]).decode()


def _child(firing: Firing) -> dict[str, object]:
    text = _event_text(firing)
    return {
        "id": firing.id,
        "trigger_id": firing.trigger_id,
        "fired": from_ms(firing.fired_ms),
        "labels": firing.labels,
        "triggering_event": None if text is None else msgspec.Raw(text.encode()),
        "children": [_child(child) for child in firing.child_firings],
    }


def _event_text(firing: Firing) -> str | None:
    triggering = firing.triggering
    if triggering is None:
        return None
    return event_json(triggering.event, received=triggering.received).decode()
