"""Actions and triggers that become of another kind: what both kinds have is kept. Pure."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from triggers_app.automation.actions import ADDRESS, Action
from triggers_app.automation.triggers import Trigger

_ACTIONS: Mapping[str, type[BaseModel]] = {
    str(model.model_fields["type"].default): model for model in get_args(Action)
}
_TRIGGERS: Mapping[str, type[BaseModel]] = {
    str(model.model_fields["type"].default): model for model in get_args(Trigger)
}


def retyped(action: dict[str, Any], kind: str) -> dict[str, Any]:
    """The action as one of another type; keys that nobody knows stay with it."""
    before = action.get("type")
    return _retyped(action, _known(_ACTIONS, before), _known(_ACTIONS, kind), kind)


def retyped_trigger(trigger: dict[str, Any], kind: str) -> dict[str, Any]:
    """The trigger as one of another kind, incomplete where it needs more."""
    before = trigger.get("type")
    return _retyped(trigger, _known(_TRIGGERS, before), _known(_TRIGGERS, kind), kind)


def _retyped(value: dict[str, Any], old: set[str], new: set[str], kind: str) -> dict[str, Any]:
    kept = {key: each for key, each in value.items() if key in new or key not in old}
    return {**kept, "type": kind}


def _known(models: Mapping[str, type[BaseModel]], kind: object) -> set[str]:
    model = models.get(kind) if isinstance(kind, str) else None
    own = set(ADDRESS) if kind == "call-webhook" else set()
    return set() if model is None else {*model.model_fields, *own}
