"""What was saved and is questionable all the same, in sentences for whoever saved it."""

from collections.abc import Iterator

from project.lib.problems import Problem
from triggers_app.automation.actions import RunDeployment
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.unknown_keys import UnknownKey, unknown_keys_of
from triggers_app.automation.unknown_parameters import unknown_parameters
from triggers_app.models import Automation
from triggers_app.services import cycle_guard
from triggers_app.storage.targets import parameter_schemas


def of(posted: AutomationDocument | None, row: Automation) -> list[str]:
    """`posted` is what was asked for, where that was a whole document.

    One query where it gives parameters to deployments, and those of a guarded automation.
    """
    keys = [] if posted is None else of_keys(posted)
    return [*of_switch(posted, row), *keys]


def of_switch(posted: AutomationDocument | None, row: Automation) -> list[str]:
    """Whether it is on, and guarded. No query where there is nothing to tell."""
    warnings = []
    if posted is not None and posted.enabled != row.enabled:
        warnings.append(_KEPT_ON if row.enabled else _KEPT_OFF)
    if row.guarded:
        paths = cycle_guard.certain_paths(parse_automation(row.document), row.pk)
        warnings += [f"{_GUARDED} The loop: {path}." for path in paths] or [_GUARDED]
    return warnings


def of_keys(posted: AutomationDocument) -> list[str]:
    """Keys that nobody knows, and parameters that no deployment takes: what may be meant first."""
    unknown = sorted(unknown_of(posted), key=lambda each: each.meant is None)
    return [str(Problem(each.holder, each.sentence)) for each in unknown]


def unknown_of(posted: AutomationDocument) -> list[UnknownKey]:
    """The same with their places. One query where it gives parameters to deployments."""
    return [*unknown_keys_of(posted), *_parameters(posted)]


def _parameters(posted: AutomationDocument) -> Iterator[UnknownKey]:
    runs = [
        (place, action)
        for place, action in posted.placed_actions
        if isinstance(action, RunDeployment) and action.parameters
    ]
    schemas = parameter_schemas({run.deployment_id for _, run in runs if run.deployment_id})
    for place, run in runs:
        if run.deployment_id in schemas:
            known = schemas[run.deployment_id]
            loc = (*place, "parameters")
            yield from unknown_parameters(
                run.parameters, known.schema, loc=loc, of=f"`{known.name}`"
            )


_KEPT_OFF = "It stays off, because a person has switched it off since it was deployed."
_KEPT_ON = "It stays on, because a person has switched it on since it was deployed."
_GUARDED = (
    "This automation runs in a loop, so it is guarded: it ignores the events that it has "
    "caused itself, and fires for all others."
)
