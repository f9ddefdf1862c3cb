"""What a version of an automation does when it fires: ready to be written into the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from triggers_app.automation.document import ACTION_LISTS, ON_RESOLVE, is_shadow
from triggers_app.automation.triggers import Trigger

PHASES = {name: name.removeprefix("actions_") for name in ACTION_LISTS}
"""What the outbox calls the list of an action, and with it which event its templates see."""
_ON_RESOLVE = PHASES[ON_RESOLVE]


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """`index` counts across all lists; `text` is the action's JSON."""

    index: int
    phase: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`shadow`: its firings are written down, and nothing follows from them."""

    name: str
    trigger: Trigger
    actions: Sequence[PlannedAction]
    shadow: bool = False

    def actions_of(self, state: str) -> list[PlannedAction]:
        """What follows when the automation is Triggered or Resolved."""
        if self.shadow:
            return []
        resolved = state == "Resolved"
        return [action for action in self.actions if (action.phase == _ON_RESOLVE) is resolved]

    @property
    def resolves(self) -> bool:
        """Whether anything waits for a resolution; in shadow, too, so that windows are the same."""
        return any(action.phase == _ON_RESOLVE for action in self.actions)


def plan_of(document: Mapping[str, Any], trigger: Trigger) -> Plan:
    """The plan of an automation's document, whose parsed trigger is `trigger`."""
    listed = [
        (phase, action) for name, phase in PHASES.items() for action in document.get(name) or []
    ]
    actions = [
        PlannedAction(index, phase, msgspec.json.encode(action).decode())
        for index, (phase, action) in enumerate(listed)
    ]
    return Plan(str(document.get("name", "")), trigger, actions, is_shadow(document))
