"""Lint of parameters that have to be numbers: L11. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from project.lib.problems import Loc
from runs_app.domain.parameters import compiled
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, Fix, setting, warning
from triggers_app.automation.lint.places import properties_of, runs_of_known
from triggers_app.automation.lint.rule import rule

_LONE = re.compile(r"\s*\{\{((?:(?!\{\{|\}\}).)+)\}\}\s*", re.DOTALL)
_TYPED = re.compile(r"\|\s*(int|float)\s*(\(.*\)\s*)?\Z", re.DOTALL)
_NUMERIC = frozenset({"integer", "number"})


@rule(
    "L11",
    "Text where a number is wanted",
    "The parameter's schema wants a number, and this is text. Flint converts text that is "
    "exactly one number; any other text is refused.",
)
def text_for_number(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L11: text where the schema of the parameters wants a number."""
    for loc, action, deployment in runs_of_known(document, facts):
        properties = properties_of(deployment.schema)
        for name, value in (action.parameters or {}).items():
            number_type = _number_type(properties.get(name))
            if number_type is None or not isinstance(value, str):
                continue
            path = (*loc, "parameters", name)
            text = _rendered_text(value, path, facts)
            if text is not None:
                # The judge of the run itself, so that nobody else says otherwise.
                only = {"properties": {name: properties[name]}, **_definitions(deployment.schema)}
                values, problems = compiled(only).fit({name: text})
                number = None if problems else values[name]
                yield _text_finding(path, name, value, text, number_type, number)


def _rendered_text(value: str, path: Loc, facts: LintContext) -> str | None:
    """The text that the parameter becomes; None if it is a number or not known."""
    if "{{" not in value and "{%" not in value:
        return value
    lone = _LONE.fullmatch(value)
    rendering = facts.rendered.get(path)
    if rendering is None or (lone is not None and _TYPED.search(lone[1].rstrip())):
        return None
    return rendering.value if isinstance(rendering.value, str) else None


def _definitions(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    kept = ("definitions", "$defs")
    return {key: each for key, each in (schema or {}).items() if key in kept}


def _text_finding(
    path: Loc, name: str, value: str, text: str, number_type: str, number: float | None
) -> Finding:
    excerpt = text if len(text) <= 40 else f"{text[:39]}…"
    article = "an integer" if number_type == "integer" else "a number"
    if number is None:
        return warning(
            "L11",
            path,
            f"`{name}` wants {article}, but this is the text `{excerpt}`: the run would be refused."
            " Take the value from somewhere else.",
        )
    return warning(
        "L11",
        path,
        f"`{name}` wants {article}, but this is the text `{excerpt}`. Flint converts it; to be "
        "safe with every event, make it a number here.",
        _typed(path, value, text, number_type, number),
    )


def _typed(path: Loc, value: str, text: str, number_type: str, number: float) -> Fix | None:
    lone = _LONE.fullmatch(value)
    if lone is not None:
        kind = "int" if number_type == "integer" else "float"
        return setting("Make it a number", path, f"{{{{ ({lone[1].strip()}) | {kind} }}}}")
    if value != text:
        return None
    return setting("Make it a number", path, number)


def _number_type(part: Any) -> str | None:
    """`integer` or `number` if the property takes numbers (and null) only."""
    if not isinstance(part, dict):
        return None
    options = part.get("anyOf") or part.get("oneOf") or [part]
    kinds: set[str] = set()
    for option in options if isinstance(options, list) else []:
        kind = option.get("type") if isinstance(option, dict) else None
        kinds.update(map(str, kind if isinstance(kind, list) else [kind]))
    kinds.discard("null")
    if not kinds or not kinds <= _NUMERIC:
        return None
    return "number" if "number" in kinds else "integer"
