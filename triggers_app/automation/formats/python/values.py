"""The values of literals in Python source, with their places. Nothing is ever executed."""

import ast
import math
from datetime import timedelta
from typing import Any

from project.lib.problems import Loc
from triggers_app.automation.formats.python.bindings import Assignments
from triggers_app.automation.formats.python.names import (
    AUTOMATION_CLASSES,
    DEPLOYMENT_PREFIX,
    ENUMERATIONS,
    KINDS_OF_ACTIONS,
    METRIC_QUERY,
    OPERATORS,
    SPECIFICATION,
    kind_of_class,
)
from triggers_app.automation.formats.python.script import Script, last_name
from triggers_app.automation.formats.reading import Diagnostic, Places, TextSpan
from triggers_app.automation.unknown_values import (
    UNKNOWN,
    holds_unknown,
    is_unknown,
    text_of,
    unknown,
    with_unknown_keys,
)

MAX_DEPTH = 64
# Calls that make the value of their only argument anew.
_COPIES: dict[str, tuple[type, ...]] = {
    "UUID": (str,),
    "str": (str,),
    "set": (list,),
    "list": (list,),
    "tuple": (list,),
    "frozenset": (list,),
    SPECIFICATION: (dict,),
}


class PythonValues:
    """Reads expressions. What is no literal goes to `said` and stays, as unknown, where it is.

    `used` are the calls that became part of a value.
    """

    def __init__(self, script: Script, assignments: Assignments) -> None:
        self._script = script
        self._assignments = assignments
        self.places = Places()
        self.said: list[Diagnostic] = []
        self.used: set[ast.AST] = set()

    def span(self, node: ast.expr | ast.keyword) -> TextSpan:
        return self._script.span(node)

    def of(self, node: ast.expr, loc: Loc, depth: int = 0) -> Any:
        self.places.values[loc] = self.span(node)
        if depth > MAX_DEPTH:
            return self.refuse(node, f"This is nested deeper than {MAX_DEPTH} levels.", loc)
        self._script.count(node)
        match node:
            case ast.Constant(value=value) if value is None or isinstance(value, str | int | float):
                return value
            case ast.List() | ast.Tuple() | ast.Set():
                return [self.of(each, (*loc, i), depth + 1) for i, each in enumerate(node.elts)]
            case ast.Dict():
                return self._dict(node, loc, depth)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self._signed(node, loc, depth)
            case ast.JoinedStr(values=[]):
                return ""
            case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
                return text
            case ast.JoinedStr():
                message = "An f-string is known only when the program runs; write the text itself."
                return self.refuse(node, message, loc)
            case ast.Name(id=name):
                return self._named(node, name, loc, depth)
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                if owner in ENUMERATIONS:
                    return OPERATORS.get(name, name)
            case ast.Call():
                return self._call(node, loc, depth)
        return self._unknown(node, loc)

    def _dict(self, node: ast.Dict, loc: Loc, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            if key_node is None:
                made = self._spread(made, value_node, loc, depth)
            elif isinstance(key_node, ast.Constant) and isinstance(key_node.value, str):
                key = key_node.value
                self.places.keys[(*loc, key)] = self.span(key_node)
                made[key] = self.of(value_node, (*loc, key), depth + 1)
            else:
                refused = self.refuse(key_node, "A key must be a text in quotes.", loc)
                made = with_unknown_keys(made, text_of(refused))
        return made

    def _spread(self, made: dict[str, Any], node: ast.expr, loc: Loc, depth: int) -> dict[str, Any]:
        """The object with what `**` puts into it."""
        spread = self.of(node, loc, depth + 1)
        if not isinstance(spread, dict):
            spread = self._unknown(node, loc)
        made = made | {key: value for key, value in spread.items() if key != UNKNOWN}
        return with_unknown_keys(made, text_of(spread)) if holds_unknown(spread) else made

    def _signed(self, node: ast.UnaryOp, loc: Loc, depth: int) -> Any:
        value = self.of(node.operand, loc, depth + 1)
        self.places.values[loc] = self.span(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value if is_unknown(value) else self._unknown(node, loc)
        return -value if isinstance(node.op, ast.USub) else value

    def _named(self, node: ast.expr, name: str, loc: Loc, depth: int) -> Any:
        assigned = self._assignments.of(name)
        if assigned is None:
            return self._unknown(node, loc)
        return self.of(assigned, loc, depth + 1)

    def _call(self, node: ast.Call, loc: Loc, depth: int) -> Any:
        name = last_name(node.func)
        self.used.add(node)
        kind = kind_of_class(name)
        if kind is not None:
            return self._trigger(node, name, kind, loc, depth)
        if name in KINDS_OF_ACTIONS:
            return {"type": KINDS_OF_ACTIONS[name], **self.arguments(node, loc, depth)}
        if name in (*AUTOMATION_CLASSES, METRIC_QUERY, "dict"):
            return self.arguments(node, loc, depth)
        if name == "timedelta":
            return self._duration(node, loc)
        if name in _COPIES and not node.keywords and len(node.args) <= 1:
            return self._copied(node, name, loc, depth)
        if name == SPECIFICATION and not node.args:
            given = self.arguments(node, loc, depth)
            return given["root"] if given.keys() == {"root"} else self._unknown(node, loc)
        return self._unknown(node, loc)

    def _copied(self, node: ast.Call, name: str, loc: Loc, depth: int) -> Any:
        kinds = _COPIES[name]
        if not node.args:
            return kinds[0]() if name != "UUID" else self._unknown(node, loc)
        value = self.of(node.args[0], loc, depth + 1)
        if name == "str" and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return value if is_unknown(value) or isinstance(value, kinds) else self._unknown(node, loc)

    def _trigger(self, node: ast.Call, name: str, kind: str, loc: Loc, depth: int) -> Any:
        given = self.arguments(node, loc, depth)
        if name == DEPLOYMENT_PREFIX + "Trigger" and given.get("posture") == "Metric":
            kind = "metric"
        return {"type": kind, **given}

    def arguments(self, node: ast.Call, loc: Loc, depth: int) -> dict[str, Any]:
        """The keyword arguments of a call as an object."""
        made: dict[str, Any] = {}
        for positional in node.args:
            message = "Write this as a keyword argument, such as `expect=[…]`."
            made = with_unknown_keys(made, text_of(self.refuse(positional, message, loc)))
        for argument in node.keywords:
            if argument.arg is None:
                made = self._spread(made, argument.value, loc, depth)
                continue
            key, start = argument.arg, self.span(argument)
            place = TextSpan(start.line, start.column, start.line, start.column + len(key))
            self.places.keys[(*loc, key)] = place
            made[key] = self.of(argument.value, (*loc, key), depth + 1)
        self.places.values[loc] = self.span(node)
        return made

    def _duration(self, node: ast.Call, loc: Loc) -> Any:
        names = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
        if len(node.args) > len(names) or any(each.arg is None for each in node.keywords):
            return self._unknown(node, loc)
        given: dict[str, Any] = dict(zip(names, node.args, strict=False))
        given |= {str(each.arg): each.value for each in node.keywords}
        numbers: dict[str, float] = {}
        for key, each in given.items():
            value = self.of(each, loc)
            if isinstance(value, bool) or not isinstance(value, int | float):
                return (
                    unknown(self._script.source(node))
                    if is_unknown(value)
                    else (self._unknown(node, loc))
                )
            numbers[key] = value
        self.places.values[loc] = self.span(node)
        try:
            seconds = timedelta(**numbers).total_seconds()
        except (OverflowError, TypeError, ValueError):
            return self.refuse(node, "This is not a duration.", loc)
        return int(seconds) if math.isfinite(seconds) and seconds.is_integer() else seconds

    def _unknown(self, node: ast.expr, loc: Loc) -> dict[str, Any]:
        source = _source_of(node)
        message = f"Only the running program knows what {source} is; write the value itself."
        return self.refuse(node, message, loc)

    def refuse(self, node: ast.expr, message: str, loc: Loc) -> dict[str, Any]:
        """Say what is wrong with a node; its value is not known."""
        self.said.append(Diagnostic(self.span(node), "not_literal", message, loc=loc))
        return unknown(self._script.source(node))


def _source_of(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return f"`{last_name(node.func)}(…)`"
    return f"`{last_name(node)}`" if last_name(node) else "this"
