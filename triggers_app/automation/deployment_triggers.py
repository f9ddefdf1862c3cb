"""Triggers written on a deployment, and the automations they stand for.

The documents are what Prefect's classes DeploymentEventTrigger, DeploymentCompoundTrigger,
DeploymentSequenceTrigger and DeploymentMetricTrigger accept: a trigger's own fields beside
`name`, `description`, `enabled`, `parameters`, `job_variables` and `schedule_after`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from project.lib.problems import Invalid, Problem
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.unknown_values import is_unknown

OWN = ("name", "description", "enabled")
ACTION = ("parameters", "job_variables", "schedule_after")
# What an event trigger may leave out here, though the API requires it.
_REACTIVE = {"posture": "Reactive"}


def parse_deployment_triggers(
    documents: object, *, deployment_name: str, deployment_id: UUID
) -> list[AutomationDocument]:
    """The automations of one deployment's `triggers`, in order.

    Raises Invalid with every problem in every trigger, located from the list on.
    """
    if documents is None:
        return []
    if not isinstance(documents, list):
        raise Invalid([Problem((), "`triggers` must be a list.", "list_type")])
    automations, problems = [], []
    for index, document in enumerate(documents):
        try:
            automations.append(
                parse_deployment_trigger(
                    document,
                    position=index + 1,
                    deployment_name=deployment_name,
                    deployment_id=deployment_id,
                )
            )
        except Invalid as error:
            problems += error.below((index,)).problems
    if problems:
        raise Invalid(problems)
    return automations


def parse_deployment_trigger(
    document: object, *, position: int, deployment_name: str, deployment_id: UUID
) -> AutomationDocument:
    """The automation of one trigger; `position` counts from 1 among the deployment's triggers.

    Raises Invalid with every problem, located in the trigger as it was written.
    """
    if not isinstance(document, Mapping):
        raise Invalid([Problem((), "A trigger must be an object with keys.", "dict_type")])
    automation = automation_of(document, deployment_name=deployment_name, position=position)
    automation["actions"][0]["deployment_id"] = str(deployment_id)
    automation["owner_resource"] = f"prefect.deployment.{deployment_id}"
    try:
        return parse_automation(automation)
    except Invalid as error:
        raise Invalid([_relocated(problem) for problem in error.problems]) from None


def automation_of(
    document: Mapping[str, Any], *, deployment_name: str, position: int
) -> dict[str, Any]:
    """The automation's document; it does not name the deployment yet. See above."""
    name = document.get("name")
    if name in (None, ""):
        name = f"{deployment_name}__automation_{position}"
    fields = {key: value for key, value in document.items() if key not in (*OWN, *ACTION)}
    given = {key: document[key] for key in ACTION if key in document}
    return {
        "name": name,
        "description": document.get("description", ""),
        "enabled": document.get("enabled", True),
        "trigger": with_defaults(fields),
        "actions": [{"type": "run-deployment", "source": "selected", **given}],
    }


def with_defaults(trigger: Any) -> Any:
    """The defaults of Prefect's client, which its API does not have; children included."""
    if not isinstance(trigger, dict) or is_unknown(trigger):
        return trigger
    if "triggers" in trigger:
        children = trigger["triggers"]
        if isinstance(children, list):
            children = [with_defaults(child) for child in children]
        kind = "compound" if "require" in trigger else "sequence"
        return {"type": kind, "within": None, **trigger, "triggers": children}
    if trigger.get("type", "event") == "event" and "metric" not in trigger:
        return {**_REACTIVE, **trigger}
    return trigger


def _relocated(problem: Problem) -> Problem:
    loc = problem.loc
    if loc[:1] == ("trigger",):
        loc = loc[1:]
    elif loc[:2] == ("actions", 0):
        loc = loc[2:]
    return problem.at(loc)
