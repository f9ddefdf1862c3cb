"""The values of literals in Python source, with their places. Nothing is ever executed."""

import ast
import math
from datetime import timedelta
from typing import Any

from triggers_app.codecs.loss import Loc
from triggers_app.codecs.python_names import (
    AUTOMATION_CLASSES,
    DEPLOYMENT_PREFIX,
    ENUMERATIONS,
    KINDS_OF_ACTIONS,
    METRIC_QUERY,
    OPERATORS,
    SPECIFICATION,
    kind_of_class,
)
from triggers_app.codecs.reading import Diagnostic, Places, Span

MAX_DEPTH = 64
MAX_VALUES = 20_000


class NotLiteral:
    """What stands in the place of a value that only the running program knows."""


NOT_LITERAL = NotLiteral()


class Assignments:
    """The values of names that are assigned exactly once, anywhere in the source."""

    def __init__(self, tree: ast.AST) -> None:
        self._values: dict[str, ast.expr | None] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._note(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._note(node.target, node.value)
            elif isinstance(node, ast.AugAssign | ast.For | ast.NamedExpr):
                self._note(node.target, None)

    def _note(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._values[target.id] = None if target.id in self._values else value

    def of(self, name: str) -> ast.expr | None:
        return self._values.get(name)


class Values:
    """Reads expressions. What is no literal goes to `said`, and is NOT_LITERAL.

    `used` are the calls that became part of a value.
    """

    def __init__(self, text: str, assignments: Assignments) -> None:
        self._rows = text.split("\n")
        self._assignments = assignments
        self._read = 0
        self.places = Places()
        self.said: list[Diagnostic] = []
        self.used: set[ast.AST] = set()

    def span(self, node: ast.expr | ast.keyword) -> Span:
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        start = self._column(node.lineno, node.col_offset)
        return Span(node.lineno, start, end_line, self._column(end_line, end))

    def _column(self, line: int, offset: int) -> int:
        """Python counts bytes of UTF-8."""
        row = self._rows[line - 1] if line <= len(self._rows) else ""
        return len(row.encode(errors="replace")[:offset].decode(errors="ignore")) + 1

    def of(self, node: ast.expr, loc: Loc, depth: int = 0) -> Any:
        self.places.values[loc] = self.span(node)
        self._read += 1
        if depth > MAX_DEPTH:
            return self.refuse(node, f"This is nested deeper than {MAX_DEPTH} levels.", loc)
        if self._read > MAX_VALUES:
            return self.refuse(node, f"These are more than {MAX_VALUES:,} values.", loc)
        match node:
            case ast.Constant(value=value) if value is None or isinstance(value, str | int | float):
                return value
            case ast.List() | ast.Tuple() | ast.Set():
                return self._list(node.elts, loc, depth)
            case ast.Dict():
                return self._dict(node, loc, depth)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self._signed(node, loc, depth)
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

    def _list(self, members: list[ast.expr], loc: Loc, depth: int) -> list[Any]:
        found = [self.of(each, (*loc, i), depth + 1) for i, each in enumerate(members)]
        return [each for each in found if each is not NOT_LITERAL]

    def _dict(self, node: ast.Dict, loc: Loc, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            if key_node is None:
                spread = self.of(value_node, loc, depth + 1)
                made |= spread if isinstance(spread, dict) else {}
            elif isinstance(key_node, ast.Constant) and isinstance(key_node.value, str):
                key = key_node.value
                self.places.keys[(*loc, key)] = self.span(key_node)
                self._put(made, key, self.of(value_node, (*loc, key), depth + 1))
            else:
                self.refuse(key_node, "A key must be a text in quotes.", loc)
        return made

    def _put(self, made: dict[str, Any], key: str, value: Any) -> None:
        if value is not NOT_LITERAL:
            made[key] = value

    def _signed(self, node: ast.UnaryOp, loc: Loc, depth: int) -> Any:
        value = self.of(node.operand, loc, depth + 1)
        self.places.values[loc] = self.span(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._unknown(node, loc) if value is not NOT_LITERAL else value
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
        if name in ("UUID", SPECIFICATION, "set", "list", "frozenset", "str") and not node.keywords:
            if len(node.args) == 1:
                return self.of(node.args[0], loc, depth + 1)
            if not node.args:
                return {} if name == SPECIFICATION else []
        if name == SPECIFICATION and not node.args:
            return self.arguments(node, loc, depth).get("root", NOT_LITERAL)
        return self._unknown(node, loc)

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
            self.refuse(positional, message, loc)
        for argument in node.keywords:
            if argument.arg is None:
                spread = self.of(argument.value, loc, depth + 1)
                made |= spread if isinstance(spread, dict) else {}
                continue
            key, start = argument.arg, self.span(argument)
            place = Span(start.line, start.column, start.line, start.column + len(key))
            self.places.keys[(*loc, key)] = place
            self._put(made, key, self.of(argument.value, (*loc, key), depth + 1))
        self.places.values[loc] = self.span(node)
        return made

    def _duration(self, node: ast.Call, loc: Loc) -> Any:
        names = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
        given: dict[str, Any] = dict(zip(names, node.args, strict=False))
        given |= {each.arg: each.value for each in node.keywords if each.arg}
        numbers: dict[str, float] = {}
        for key, each in given.items():
            value = self.of(each, loc)
            if isinstance(value, bool) or not isinstance(value, int | float):
                return self._unknown(node, loc)
            numbers[key] = value
        self.places.values[loc] = self.span(node)
        try:
            seconds = timedelta(**numbers).total_seconds()
        except (OverflowError, TypeError, ValueError):
            return self.refuse(node, "This is not a duration.", loc)
        return int(seconds) if math.isfinite(seconds) and seconds.is_integer() else seconds

    def _unknown(self, node: ast.expr, loc: Loc) -> NotLiteral:
        shown = _shown(node)
        message = f"Only the running program knows what {shown} is; write the value itself."
        return self.refuse(node, message, loc)

    def refuse(self, node: ast.expr, message: str, loc: Loc) -> NotLiteral:
        self.said.append(Diagnostic(self.span(node), "not_literal", message, loc=loc))
        return NOT_LITERAL


def last_name(node: ast.expr) -> str:
    """`serve` of `flow.serve`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _shown(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return f"`{last_name(node.func)}(…)`"
    return f"`{last_name(node)}`" if last_name(node) else "this"
