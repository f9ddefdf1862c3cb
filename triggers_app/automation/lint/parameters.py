"""Lint of the parameters of runs: L10, L21. Pure.

The template engine stands above the domain: `Facts.rendered` says what it made of them.
"""

import re
from collections.abc import Iterator
from typing import Any

from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, Fix, error, setting, warning
from triggers_app.automation.lint.places import properties_of, runs_of_known
from triggers_app.automation.lint.rule import rule

# The engine's words; a test renders with the engine to keep them the same.
_MISSING = re.compile(r"`([^`]+)` does not exist(?:; the nearest name is `([^`]+)`)?")


@rule(
    "L10",
    "A template without a value",
    "The whole value is one expression, and for the example event it does not exist. The "
    "run would be refused.",
)
def undefined_value(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L10: a template that has no value, where a value is all it is; or perhaps has none."""
    for loc, rendering in facts.rendered.items():
        text = _text_at(document, loc)
        if rendering.problem is None or text is None:
            continue
        match = _MISSING.search(rendering.problem)
        if match is not None and not _word(match[1]).search(text):
            # Rendered before somebody corrected it.
            continue
        if rendering.unseen:
            message = (
                f"No event that matches was seen yet, so it is not known whether `{loc[-1]}` will "
                f"have a value from `{text}`. If some events lack it, give a default: "
                "`{{ … | default('x', true) }}`."
            )
            yield Finding("L10", "warning", loc, message, confirm=True)
            continue
        yield error(
            "L10",
            loc,
            f"There is no value to give to `{loc[-1]}`: {rendering.problem.rstrip('.')}. "
            "Use a name that exists, or give a default: `{{ … | default('x', true) }}`.",
            None if match is None else _renamed(loc, text, match[1], match[2]),
        )


def _renamed(loc: Loc, text: str, missing: str, near: str | None) -> Fix | None:
    if near is None or len(_word(missing).findall(text)) != 1:
        return None
    return setting(f"Use `{near}`", loc, _word(missing).sub(lambda _: near, text))


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _text_at(document: AutomationDocument, loc: Loc) -> str | None:
    """The text at a path below an action; None if there is none."""
    action = next((one for place, one in document.placed_actions if place == loc[:2]), None)
    value: Any = None if action is None else action.model_dump(mode="json", warnings=False)
    for step in loc[2:]:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value if isinstance(value, str) else None


@rule(
    "L21",
    "A required parameter without a value",
    "The schema requires it, it has no default, and neither the deployment nor the action "
    "sets it. The run would be refused.",
)
def unset_parameter(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L21: a required parameter that nobody gives a value."""
    for loc, action, deployment in runs_of_known(document, facts):
        properties = properties_of(deployment.schema)
        required = (deployment.schema or {}).get("required")
        for name in required if isinstance(required, list) else ():
            if not isinstance(name, str) or _has_default(properties.get(name)):
                continue
            if name in (action.parameters or {}) or name in deployment.parameters:
                continue
            path = (*loc, "parameters", name)
            in_event = name in facts.payload_fields and name.isidentifier()
            template = f"{{{{ event.payload.{name} }}}}"
            yield warning(
                "L21",
                (*loc, "parameters"),
                f"`{deployment.name}` requires `{name}`, which has no default and is set neither "
                "here nor in the deployment: the run would be refused. Set it here.",
                setting(f"Take `{name}` from the event", path, template) if in_event else None,
            )


def _has_default(part: Any) -> bool:
    return isinstance(part, dict) and "default" in part
