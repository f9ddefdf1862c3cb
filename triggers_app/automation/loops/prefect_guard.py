"""Automations that would feed themselves. Prefect's own guard; docs/semantics.md row 14."""

from project.lib.problems import Problem
from triggers_app.automation.actions import RunDeployment
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.triggers import EventTrigger, Posture, Specification

# Every run passes through these states, so a run started by one starts the next.
_CERTAIN = {
    "prefect.flow-run.Scheduled",
    "prefect.flow-run.Pending",
    "prefect.flow-run.Running",
    "prefect.flow-run.*",
}
_EVERY_RUN: Specification = {"prefect.resource.id": "prefect.flow-run.*"}


def loop_problems(automation: AutomationDocument) -> list[Problem]:
    """Why an enabled automation would start itself for ever; empty when it would not.

    Looks only at what Prefect looks at: a reactive event trigger at the top, on the states
    that every run passes, and `run-deployment` among `actions`.
    """
    trigger = automation.trigger
    if (
        not automation.enabled
        or not isinstance(trigger, EventTrigger)
        or trigger.posture is not Posture.REACTIVE
        or _CERTAIN.isdisjoint(trigger.expect)
    ):
        return []
    problems = []
    for index, action in enumerate(automation.actions):
        if not isinstance(action, RunDeployment):
            continue
        if action.source == "inferred":
            problems.append(_problem(index, "an inferred deployment", "will"))
        elif _accepts_every_run(trigger):
            problems.append(_problem(index, "a selected deployment", "may"))
    return problems


def _accepts_every_run(trigger: EventTrigger) -> bool:
    related = trigger.match_related
    specifications = related if isinstance(related, list) else [related]
    some_related_unfiltered = not specifications or any(map(_unfiltered, specifications))
    return _unfiltered(trigger.match) and some_related_unfiltered


def _unfiltered(specification: Specification) -> bool:
    if set(specification) - set(_EVERY_RUN):
        return False
    return all(_listed(values) == [_EVERY_RUN[key]] for key, values in specification.items())


def _listed(values: str | list[str]) -> list[str]:
    return [values] if isinstance(values, str) else values


def _problem(index: int, what: str, certainty: str) -> Problem:
    remedy = (
        "Expect a state that only some runs reach, such as `prefect.flow-run.Failed`."
        if certainty == "will"
        else "Narrow it with `match` or `match_related` to runs of other deployments."
    )
    # Clients know the beginning as Prefect says it.
    return Problem(
        ("actions", index),
        f"Running {what} from a flow run state change event {certainty} lead to an infinite loop "
        f"of flow runs. {remedy}",
        "infinite_loop",
    )
