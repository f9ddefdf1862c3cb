"""What the models of automations, triggers and actions say of their fields, by name. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from pydantic import BaseModel

from triggers_app.automation.actions import ACTIONS
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.triggers import TRIGGERS, MetricQuery

_MODELS: tuple[type[BaseModel], ...] = (
    AutomationDocument,
    MetricQuery,
    *TRIGGERS.values(),
    *ACTIONS.values(),
)
_FIELDS = [(name, field) for model in _MODELS for name, field in model.model_fields.items()]


def _is_duration(annotation: object) -> bool:
    return annotation is timedelta or any(map(_is_duration, get_args(annotation)))


def _defaults() -> dict[str, tuple[Any, ...]]:
    defaults: dict[str, tuple[Any, ...]] = {}
    for name, field in _FIELDS:
        if field.is_required():
            continue
        value = field.get_default(call_default_factory=True)
        value = value.total_seconds() if isinstance(value, timedelta) else value
        if value not in defaults.get(name, ()):
            defaults[name] = (*defaults.get(name, ()), value)
    return defaults


SECONDS = frozenset(name for name, field in _FIELDS if _is_duration(field.annotation))
"""The fields that hold a duration: a number of seconds in JSON."""
DEFAULTS: Mapping[str, tuple[Any, ...]] = _defaults()
"""What a field means, in JSON values, where it is left out; more than one where models differ."""
