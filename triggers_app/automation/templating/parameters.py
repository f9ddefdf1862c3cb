"""Templates wherever they stand in an action's parameters: at any depth of objects and lists.

`__prefect_kind` objects count only where the author of the automation wrote them: what a
template renders to is data, and is never looked at again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from project.lib.problems import Loc, Problem
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.templates import TemplateProblem, Templates, is_template

KIND = "__prefect_kind"
# The type of a problem with data that this event does not have, and another one may.
UNSEEN = "unseen"
_ABSENT: Final = object()


@dataclass(slots=True)
class RenderedParameters:
    """Values to run with; or, when there are problems, what is wrong with each parameter."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_parameters(
    parameters: Any, *, loc: Loc, templates: Templates, budget: Budget | None = None
) -> list[Problem]:
    """What is wrong with the templates in `parameters`, located below `loc`."""
    problems = []
    for where, text, as_text in _texts(parameters, loc):
        try:
            templates.compile(text, as_text=as_text, budget=budget)
        except TemplateProblem as error:
            problems.append(Problem(where, str(error)))
    return problems + list(_wrong_kinds(parameters, loc))


def names_in(
    parameters: Any, *, templates: Templates, budget: Budget | None = None
) -> frozenset[str]:
    """The variables that the templates in `parameters` look for.

    Broken templates want none, nor do those that the time was over for.
    """
    names: set[str] = set()
    for _, text, as_text in _texts(parameters, ()):
        try:
            names |= templates.compile(text, as_text=as_text, budget=budget).names
        except TemplateProblem:
            continue
    return frozenset(names)


def render_parameters(
    parameters: Mapping[str, Any],
    *,
    variables: Mapping[str, Any],
    templates: Templates,
    budget: Budget,
) -> RenderedParameters:
    """Render every template; all that fail are listed, each with its path and expression."""
    rendering = _Rendering(variables, templates, budget)
    for name, value in parameters.items():
        rendered = rendering.value(value, (name,))
        if rendered is not _ABSENT:
            rendering.result.values[name] = rendered
    return rendering.result


@dataclass(slots=True)
class _Rendering:
    variables: Mapping[str, Any]
    templates: Templates
    budget: Budget
    result: RenderedParameters = field(default_factory=RenderedParameters)

    def value(self, value: Any, loc: Loc) -> Any:
        if isinstance(value, str):
            return self.text(value, loc) if is_template(value) else value
        if isinstance(value, list):
            members = (self.value(member, (*loc, i)) for i, member in enumerate(value))
            return [member for member in members if member is not _ABSENT]
        if isinstance(value, dict):
            if KIND in value:
                return self.kind(value, loc)
            members_ = {key: self.value(member, (*loc, key)) for key, member in value.items()}
            return {key: member for key, member in members_.items() if member is not _ABSENT}
        return value

    def text(self, text: str, loc: Loc, *, as_text: bool = False) -> Any:
        try:
            template = self.templates.compile(text, as_text=as_text, budget=self.budget)
            rendered = self.templates.render(template, self.variables, self.budget)
        except TemplateProblem as error:
            kind = UNSEEN if error.unseen else "value_error"
            self.result.problems.append(Problem(loc, f"{_shortened(text)}: {error}", kind))
            return None
        path = Problem(loc, "").path
        self.result.warnings += [f"{path}: {warning}" for warning in rendered.warnings]
        return rendered.value

    def kind(self, value: Mapping[str, Any], loc: Loc) -> Any:
        match value[KIND]:
            case "jinja":
                return self.text(str(value.get("template", "")), (*loc, "template"), as_text=True)
            case "json" if "value" in value:
                return self.json(self.value(value["value"], (*loc, "value")), loc)
            case "workspace_variable" if "variable_name" in value:
                return self.variable(value["variable_name"], loc)
        return self.value(value["value"], (*loc, "value")) if "value" in value else _ABSENT

    def json(self, text: Any, loc: Loc) -> Any:
        if not isinstance(text, str):
            return text
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            self.problem(loc, f"The value is not JSON: {error}")
            return None

    def variable(self, name: Any, loc: Loc) -> Any:
        known = self.variables.get("variables") or {}
        if not isinstance(name, str) or name not in known:
            self.problem(loc, f"There is no variable `{name}`.")
            return None
        return known[name]

    def problem(self, loc: Loc, message: str) -> None:
        self.result.problems.append(Problem(loc, message))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= 120 else text[:119] + '…'}`"


def _texts(value: Any, loc: Loc) -> Iterator[tuple[Loc, str, bool]]:
    """Every template below `value`: where, its text, and whether it always renders to text."""
    if isinstance(value, str):
        if is_template(value):
            yield loc, value, False
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(member, (*loc, index))
    elif isinstance(value, dict):
        kind = value.get(KIND)
        if kind == "jinja" and isinstance(value.get("template"), str):
            yield (*loc, "template"), value["template"], True
        elif KIND in value:
            yield from _texts(value.get("value"), (*loc, "value"))
        else:
            for key, member in value.items():
                yield from _texts(member, (*loc, str(key)))


def _wrong_kinds(value: Any, loc: Loc) -> Iterator[Problem]:
    """`__prefect_kind` objects that cannot be rendered."""
    if isinstance(value, list):
        for index, member in enumerate(value):
            yield from _wrong_kinds(member, (*loc, index))
    elif isinstance(value, dict):
        kind = value.get(KIND)
        if kind == "jinja" and not isinstance(value.get("template"), str):
            yield Problem(loc, "A jinja object needs its `template`, a text.")
        if kind == "json" and isinstance(value.get("value"), str):
            try:
                json.loads(value["value"], parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                yield Problem((*loc, "value"), f"The value is not JSON: {error}")
        for key, member in value.items():
            yield from _wrong_kinds(member, (*loc, str(key)))
