"""What can be chosen in a form, in the words that people see. Pure."""

from typing import Any

from triggers_app.automation.actions import ACTION_KINDS, StateType
from triggers_app.automation.blocks import METHODS
from triggers_app.automation.wording import DASH

Choices = tuple[tuple[str, str], ...]  # value in the form, label

POSTURES: Choices = (
    ("Reactive", "fires when it happens"),
    ("Proactive", "fires when it does not happen in time"),
)
REQUIREMENTS: Choices = (
    ("all", "all of these happen, in any order"),
    ("any", "any one of these happens"),
    ("number", "at least this many of these happen"),
    ("sequence", "all of these happen, in this order"),
)
KINDS: Choices = (
    ("event", "an event happens"),
    ("absence", "an event does not happen"),
    ("compound", "several in any order"),
    ("sequence", "several in this order"),
    ("metric", "a metric of runs"),
)
SOURCES: Choices = (("selected", "this one"), ("inferred", "the one that the event is about"))
OPERATORS: Choices = (
    (">", "is above"),
    (">=", "is at or above"),
    ("<", "is below"),
    ("<=", "is at or below"),
)
METRICS: Choices = (
    ("lateness", "average lateness of runs, in seconds"),
    ("duration", "average duration of runs, in seconds"),
    ("successes", "share of runs that succeed, from 0 to 1"),
)
STATES: Choices = tuple((state.value, state.value.capitalize()) for state in StateType)
REQUEST_METHODS: Choices = (("", "POST"), *((method, method) for method in METHODS))
LISTS: Choices = (
    ("actions", "When it fires"),
    ("actions_on_trigger", "Also when it fires"),
    ("actions_on_resolve", "When it is over"),
)
_WORDS = {
    "do-nothing": "Do nothing",
    "run-deployment": "Run a deployment",
    "pause-deployment": "Pause a deployment",
    "resume-deployment": "Resume a deployment",
    "cancel-flow-run": "Cancel the flow run",
    "change-flow-run-state": "Change the state of the flow run",
    "suspend-flow-run": "Suspend the flow run",
    "resume-flow-run": "Resume the flow run",
    "delete-flow-run": "Delete the flow run",
    "pause-work-queue": "Pause a work queue",
    "resume-work-queue": "Resume a work queue",
    "pause-work-pool": "Pause a work pool",
    "resume-work-pool": "Resume a work pool",
    "pause-automation": "Switch an automation off",
    "resume-automation": "Switch an automation on",
    "send-notification": "Send a notification",
    "call-webhook": "Call a webhook",
}
_FIRST = ("run-deployment", "send-notification", "call-webhook")
ACTIONS: Choices = tuple(
    (kind, _WORDS.get(kind, kind))
    for kind in (*_FIRST, *(kind for kind in ACTION_KINDS if kind not in _FIRST))
)


def label_of(choices: Choices, value: Any) -> str:
    """The label of a value; the value itself, where it is none of the choices."""
    return next((label for known, label in choices if known == value), str(value))


def with_present(choices: Choices, value: str) -> Choices:
    """The choices with the present value, should it be another one: a form must not change it."""
    known = {choice for choice, _ in choices}
    return choices if value in known else ((value, value or DASH), *choices)
