"""The names of Prefect's Python classes for triggers and actions. Source: prefect 3.9.1."""

from triggers_app.automation.actions import ACTION_KINDS
from triggers_app.automation.triggers import KINDS

TRIGGER_CLASSES = {kind: f"{kind.capitalize()}Trigger" for kind in KINDS}
KINDS_OF_TRIGGERS = {name: kind for kind, name in TRIGGER_CLASSES.items()}
DEPLOYMENT_PREFIX = "Deployment"
OLD_DEPLOYMENT_TRIGGER = "DeploymentTrigger"
"""One class for events and metrics, which Prefect has deprecated."""

ACTION_CLASSES = {
    kind: "".join(part.capitalize() for part in kind.split("-")) for kind in ACTION_KINDS
}
KINDS_OF_ACTIONS = {name: kind for kind, name in ACTION_CLASSES.items()}
AUTOMATION_CLASSES = ("Automation", "AutomationCore")
METRIC_QUERY = "MetricTriggerQuery"
SPECIFICATION = "ResourceSpecification"
OPERATORS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
ENUMERATIONS = ("Posture", "StateType", "PrefectMetric", "MetricTriggerOperator")
EVENTS_MODULE = "prefect.events"
ACTIONS_MODULE = "prefect.events.actions"


def kind_of_class(name: str) -> str | None:
    """The kind of trigger that this class is, one of a deployment or plain; None for others."""
    if name == OLD_DEPLOYMENT_TRIGGER:
        return "event"
    return KINDS_OF_TRIGGERS.get(name.removeprefix(DEPLOYMENT_PREFIX))
