"""Automations that would start themselves for ever are refused before they are enabled.

Source: docs/semantics.md, "Loops". The cases are Prefect's: a trigger on the first states of
flow runs, whose action runs a deployment, so that each run starts the next.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from triggers_app.domain.actions import RunDeployment
from triggers_app.domain.automation import AutomationDocument
from triggers_app.domain.triggers import EventTrigger, Posture

_FIRST_STATES = frozenset(
    f"prefect.flow-run.{state}" for state in ("Scheduled", "Pending", "Running", "*")
)
_RESOURCE_ID = "prefect.resource.id"
_EVERY_RUN = "prefect.flow-run.*"


def loop_problem(automation: AutomationDocument) -> str | None:
    """Why this automation would feed itself if it were enabled; None when it would not."""
    trigger = automation.trigger
    if not isinstance(trigger, EventTrigger) or trigger.posture is not Posture.REACTIVE:
        return None
    if not _FIRST_STATES.intersection(trigger.expect):
        return None
    for action in automation.actions:
        if not isinstance(action, RunDeployment):
            continue
        if action.source == "inferred":
            return (
                "Running the inferred deployment whenever a flow run changes its state starts "
                "runs without end. Select a deployment, and narrow `match` or `match_related`."
            )
        if _is_open(trigger.match) and _some_open(trigger.match_related):
            return (
                "Running a deployment whenever any flow run changes its state can start runs "
                "without end. Narrow `match` or `match_related`."
            )
    return None


def _some_open(related: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> bool:
    if isinstance(related, Mapping):
        return _is_open(related)
    return not related or any(_is_open(specification) for specification in related)


def _is_open(specification: Mapping[str, Any]) -> bool:
    """Whether it lets every flow run through."""
    if set(specification) - {_RESOURCE_ID}:
        return False
    values = specification.get(_RESOURCE_ID, _EVERY_RUN)
    return _EVERY_RUN in ([values] if isinstance(values, str) else values)
