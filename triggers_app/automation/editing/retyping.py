"""Actions and triggers that become of another kind: what both kinds have is kept. Pure."""

from collections.abc import Collection, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from triggers_app.automation.actions import keys_of_action
from triggers_app.automation.triggers import Trigger

_TRIGGERS: Mapping[str, type[BaseModel]] = {
    str(model.model_fields["type"].default): model for model in get_args(Trigger)
}


def retyped(action: dict[str, Any], kind: str) -> dict[str, Any]:
    """The action as one of another type; keys that nobody knows stay with it."""
    before = str(action.get("type"))
    return _retyped(action, keys_of_action(before), keys_of_action(kind), kind)


def retyped_trigger(trigger: dict[str, Any], kind: str) -> dict[str, Any]:
    """The trigger as one of another kind, incomplete where it needs more."""
    return _retyped(trigger, _known(trigger.get("type")), _known(kind), kind)


def _retyped(
    value: dict[str, Any], old: Collection[str], new: Collection[str], kind: str
) -> dict[str, Any]:
    kept = {key: each for key, each in value.items() if key in new or key not in old}
    return {**kept, "type": kind}


def _known(kind: object) -> set[str]:
    model = _TRIGGERS.get(kind) if isinstance(kind, str) else None
    return set() if model is None else set(model.model_fields)
