"""What is put into a draft when somebody asks for one more. Pure."""

from collections.abc import Callable
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.actions import ACTIONS
from triggers_app.automation.triggers import GROUPS, METRIC_MINIMUM, METRIC_NAMES, Operator, Posture

_FIVE_MINUTES = int(METRIC_MINIMUM.total_seconds())


def event(new_id: Callable[[], str]) -> Document:
    return {"type": "event", "id": new_id(), "posture": Posture.REACTIVE.value, "expect": []}


def absence(new_id: Callable[[], str]) -> Document:
    """An event that should come, and does not for half an hour."""
    return {**event(new_id), "posture": Posture.PROACTIVE.value, "within": 1800}


def metric(new_id: Callable[[], str]) -> Document:
    return {"type": "metric", "id": new_id(), "posture": "Metric", "metric": metric_query()}


def metric_query() -> Document:
    return {
        "name": METRIC_NAMES[0],
        "operator": Operator.GT.value,
        "threshold": 600,
        "range": _FIVE_MINUTES,
        "firing_for": _FIVE_MINUTES,
    }


def group(kind: str, children: list[Any], new_id: Callable[[], str]) -> Document:
    """A compound of all, or a sequence, of these."""
    require = {"require": "all"} if kind == "compound" else {}
    return {"type": kind, "id": new_id(), **require, "within": None, "triggers": children}


def trigger(kind: str, new_id: Callable[[], str]) -> Document | None:
    """A new node; a group begins with an event. None for a kind that nobody knows."""
    leaves = {"event": event, "absence": absence, "metric": metric}
    if kind in leaves:
        return leaves[kind](new_id)
    return group(kind, [event(new_id)], new_id) if kind in GROUPS else None


def action(kind: str) -> Document:
    """A new action: incomplete, where somebody has to choose what it is about."""
    return {"type": kind, **ACTIONS[kind].blank}
