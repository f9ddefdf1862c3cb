"""Triggers and automations in a Python script, read as literals. Nothing is ever executed."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from project.lib.line_ends import newlines
from triggers_app.automation.deployment_triggers import with_defaults
from triggers_app.automation.formats.checking import checked
from triggers_app.automation.formats.prefect_yaml.block import (
    document_of,
    moved_to,
    places_in_document,
)
from triggers_app.automation.formats.python.bindings import Assignments
from triggers_app.automation.formats.python.names import (
    AUTOMATION_CLASSES,
    DEPLOYMENT_PREFIX,
    kind_of_class,
)
from triggers_app.automation.formats.python.script import Script, TooManyValues, last_name
from triggers_app.automation.formats.python.values import PythonValues
from triggers_app.automation.formats.reading import (
    Diagnostic,
    ParsedAutomation,
    Reading,
    Reference,
    TextSpan,
    refused,
    too_large,
)
from triggers_app.automation.unknown_values import name_of


def read(text: str) -> Reading:
    """What `triggers=[…]` of deployments, `Automation(…)` and classes of triggers say."""
    if large := too_large(text):
        return large
    text = newlines(text.removeprefix("\ufeff"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return _Reader(text, tree).reading()
    except TooManyValues as error:
        return refused(str(error), code="too_large", span=error.span)
    except SyntaxError as error:
        return Reading(diagnostics=[_syntax(error, text)])
    except (ValueError, RecursionError, MemoryError) as error:
        return refused(f"This is not Python: {str(error) or 'it is nested too deeply'}.")


def _syntax(error: SyntaxError, text: str) -> Diagnostic:
    rows = text.split("\n")
    line = min(max(error.lineno or 1, 1), len(rows))
    column = min(max(error.offset or 1, 1), len(rows[line - 1]) + 1)
    message = (error.msg or "invalid syntax").splitlines()[0]
    return Diagnostic(TextSpan(line, column, line, column + 1), "syntax", f"Python: {message}.")


class _Reader:
    def __init__(self, text: str, tree: ast.Module) -> None:
        self._script = Script(text)
        self._functions = {each.name: each for each in _functions(tree)}
        self._tree = tree
        self._assignments = Assignments(tree)
        self._said: list[Diagnostic] = []
        self._used: set[ast.AST] = set()
        self._automations: list[tuple[TextSpan, ParsedAutomation]] = []

    def reading(self) -> Reading:
        calls = [node for node in ast.walk(self._tree) if isinstance(node, ast.Call)]
        for call in calls:
            given = [each.value for each in call.keywords if each.arg == "triggers"]
            if given and kind_of_class(last_name(call.func)) is None:
                self._of_deployment(call, given[0])
        for call in calls:
            if last_name(call.func) in AUTOMATION_CLASSES and call not in self._used:
                self._automation(call)
        for prefix in (DEPLOYMENT_PREFIX, ""):
            for call in calls:
                name = last_name(call.func)
                if call in self._used or kind_of_class(name) is None:
                    continue
                if name.startswith(prefix):
                    self._trigger(call, None, 1)
        if not self._automations and not self._said:
            message = "There is no trigger and no automation in this script."
            return refused(message, code="nothing_found")
        automations = [each for _, each in sorted(self._automations, key=lambda pair: pair[0])]
        return checked(automations, said=self._said)

    def _of_deployment(self, call: ast.Call, triggers: ast.expr) -> None:
        """`flow.serve(name=…, triggers=[…])` and what else takes a deployment's triggers."""
        for _ in range(8):
            if isinstance(triggers, ast.Name):
                triggers = self._assignments.of(triggers.id) or triggers
        if not isinstance(triggers, ast.List | ast.Tuple | ast.Set):
            values = self._values()
            values.refuse(triggers, "The triggers are not written as a list here.", ())
            self._said += values.said
            return
        for index, each in enumerate(triggers.elts):
            self._trigger(each, call, index + 1)

    def _trigger(self, node: ast.expr, call: ast.Call | None, number: int) -> None:
        values = self._values()
        trigger = values.of(node, ())
        self._used |= values.used
        if not isinstance(trigger, dict):
            values.refuse(node, "A trigger must be an object with keys.", ())
            self._said += values.said
            return
        name, flow = self._deployment(call)
        document, references = document_of(trigger, deployment=name, number=number)
        references = [
            Reference(each.loc, each.kind, each.text, each.name, flow) for each in references
        ]
        places = places_in_document(values.places)
        values.said = [replace(each, loc=moved_to(each.loc or ())) for each in values.said]
        self._add(values, ParsedAutomation(document, places, name_of(document), references))

    def _automation(self, call: ast.Call) -> None:
        values = self._values()
        document = values.of(call, ())
        self._used |= values.used
        document.pop("id", None)
        if "trigger" in document:
            document["trigger"] = with_defaults(document["trigger"])
        document.setdefault("actions", [])
        self._add(values, ParsedAutomation(document, values.places, name_of(document)))

    def _add(self, values: PythonValues, automation: ParsedAutomation) -> None:
        self._said += values.said
        self._automations.append((automation.places.of(()), automation))

    def _values(self) -> PythonValues:
        return PythonValues(self._script, self._assignments)

    def _deployment(self, call: ast.Call | None) -> tuple[str | None, str | None]:
        """The names of the deployment and of its flow, as far as they are literals."""
        if call is None:
            return None, None
        name = None
        for argument in call.keywords:
            if argument.arg == "name":
                name = _literal_text(self._values().of(argument.value, ()))
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        return name, self._flow_name(receiver) if isinstance(receiver, ast.Name) else None

    def _flow_name(self, receiver: ast.Name) -> str | None:
        function = self._functions.get(receiver.id)
        if function is None:
            return None
        for decorator in function.decorator_list:
            for argument in getattr(decorator, "keywords", []):
                if argument.arg == "name":
                    return _literal_text(self._values().of(argument.value, ()))
        return function.name.replace("_", "-")


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _literal_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
