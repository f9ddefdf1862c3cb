"""The parameters that a kept test's firing gives to the runs it makes. Pure: nothing is looked up.

Only what comes from the event and its labels is known here. A parameter whose template names
anything else (the deployment, a variable, the other events of the firing) is left out.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from events_app.domain.event import event_json
from project.lib.json_documents import Document
from project.lib.process_memory import process_memory
from triggers_app.automation.engine.outcome import Firing
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import names_in, render_parameters
from triggers_app.automation.templating.templates import Templates
from triggers_app.automation.templating.views import EventView, LabelsView

KNOWN = frozenset({"event", "labels"})
MOST_STEPS = 100_000  # of one run's templates; the tests run on every edit
LONGEST = 200  # characters of a value that is told
# Tests run on every edit, which changes one text of many: compiling takes longer than rendering.
_templates = process_memory(Templates)


@dataclass(frozen=True, slots=True)
class ParameterDifference:
    """A parameter that is not as expected, both as JSON. `actual` is empty where it has none."""

    name: str
    expected: str
    actual: str

    @property
    def sentence(self) -> str:
        came = f"is `{self.actual}`" if self.actual else "has no value"
        return f"`{self.name}` {came}, expected `{self.expected}`"


def rendered_for(document: Document, firing: Firing) -> list[Document]:
    """What each action that runs a deployment would give to its run, in their order."""
    templates, triggering = _templates(), firing.triggering
    event = None
    if triggering is not None:
        event = EventView(json.loads(event_json(triggering.event, received=triggering.received)))
    variables = {"event": event, "labels": LabelsView(firing.labels)}
    return [_rendered(given, variables, templates) for given in _parameters(document)]


def differences(
    expected: Sequence[Document], rendered: Sequence[Document]
) -> list[ParameterDifference]:
    """Of what is expected; a parameter that nobody expects may be anything."""
    differing = []
    for index, run in enumerate(expected):
        actual = rendered[index] if index < len(rendered) else {}
        for name, value in run.items():
            if name not in actual or not _same(actual[name], value):
                came = _as_json(actual[name]) if name in actual else ""
                differing.append(ParameterDifference(name, _as_json(value), came))
    return differing


def _parameters(document: Document) -> Iterator[Document]:
    actions = document.get("actions")
    for action in actions if isinstance(actions, list) else ():
        if isinstance(action, dict) and action.get("type") == "run-deployment":
            given = action.get("parameters")
            yield given if isinstance(given, dict) else {}


def _rendered(given: Document, variables: Document, templates: Templates) -> Document:
    known = {
        name: value
        for name, value in given.items()
        if names_in({name: value}, templates=templates) <= KNOWN
    }
    budget = Budget(lambda: 0.0, steps=MOST_STEPS)
    rendered = render_parameters(known, variables=variables, templates=templates, budget=budget)
    broken = {problem.loc[0] for problem in rendered.problems if problem.loc}
    values = {name: value for name, value in rendered.values.items() if name not in broken}
    plain: Document = json.loads(json.dumps(values, default=str))
    return plain


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _as_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).replace("`", "'")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
