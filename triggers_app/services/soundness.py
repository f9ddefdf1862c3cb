"""What speaks against saving an automation, and against switching it on."""

import time

from project.lib.problems import Invalid, Loc, Problem
from project.lib.process_memory import process_memory
from runs_app.domain.variables import variable_problems
from triggers_app.automation.actions import CallWebhook, RunDeployment, SendNotification
from triggers_app.automation.blocks import header_problems
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.loops.prefect_guard import loop_problems
from triggers_app.automation.parsing import enabling_problem
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import check_parameters
from triggers_app.automation.templating.templates import Templates
from triggers_app.storage.targets import is_run_by_flint

# Of CPU, for the templates of one automation that are new to this process.
CHECKING_SECONDS = 1.0
MAX_NAME_BYTES = 2_000


def require_sound(automation: AutomationDocument) -> None:
    """Raises Invalid with everything that speaks against saving it."""
    problems = [*_long_names(automation), *action_problems(automation)]
    if automation.enabled:
        problems += enabling_problems(automation)
    if problems:
        raise Invalid(problems)


def _long_names(automation: AutomationDocument) -> list[Problem]:
    """What is too long for an index of the database."""
    texts = {"name": automation.name, "owner_resource": automation.owner_resource or ""}
    sizes = {key: len(text.encode()) for key, text in texts.items()}
    return [
        Problem((key,), f"This text has {size:,} bytes; at most {MAX_NAME_BYTES:,} can be kept.")
        for key, size in sizes.items()
        if size > MAX_NAME_BYTES
    ]


def require_enabling(automation: AutomationDocument) -> None:
    """Raises Invalid with everything that speaks against its being on."""
    if problems := enabling_problems(automation):
        raise Invalid(problems)


def enabling_problems(automation: AutomationDocument) -> list[Problem]:
    reason = enabling_problem(automation)
    problems = [] if reason is None else [Problem((), reason)]
    return problems + loop_problems(automation)


def action_problems(automation: AutomationDocument) -> list[Problem]:
    """What is wrong with the templates, headers and variables in its actions."""
    templates = _compiled()
    budget = Budget(time.thread_time, seconds=CHECKING_SECONDS)
    problems: list[Problem] = []
    for place, action in automation.placed_actions:
        texts: dict[str, object] = {}
        if isinstance(action, RunDeployment):
            texts = {"parameters": action.parameters}
            problems += _variable_problems(action, (*place, "job_variables"))
        elif isinstance(action, SendNotification):
            texts = {"subject": action.subject, "body": action.body}
        elif isinstance(action, CallWebhook):
            texts = {"payload": action.payload}
            headers = (action.model_extra or {}).get("headers")
            problems += header_problems(headers, (*place, "headers"))
        for key, value in texts.items():
            loc = (*place, key)
            problems += check_parameters(value, loc=loc, templates=templates, budget=budget)
    return problems


def _variable_problems(action: RunDeployment, loc: Loc) -> list[Problem]:
    """One query, and only where there is something that a flint pool refuses."""
    problems = variable_problems(action.job_variables, loc=loc)
    return problems if problems and is_run_by_flint(action.deployment_id) else []


@process_memory
def _compiled() -> Templates:
    """Many automations are saved with the same templates; to compile one takes 1 ms."""
    return Templates()
