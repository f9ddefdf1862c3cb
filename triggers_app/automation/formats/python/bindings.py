"""Which names of a Python source have one value, whatever runs: only they are read."""

import ast
from collections.abc import Iterator

_CHANGING = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
}


class Assignments:
    """The values of names that are bound exactly once in the source, and changed nowhere.

    Parameters, imports, loops, functions and the like bind names, too.
    """

    def __init__(self, tree: ast.AST) -> None:
        self._values: dict[str, ast.expr | None] = {}
        assigned: set[ast.AST] = set()
        for node in ast.walk(tree):  # parents first
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        assigned.add(target)
                        if node.value is not None:
                            self._bind(target.id, node.value)
            elif node not in assigned:
                for name in (*_bound(node), *_changed(node)):
                    self._bind(name, None)

    def _bind(self, name: str, value: ast.expr | None) -> None:
        self._values[name] = None if name in self._values else value

    def of(self, name: str) -> ast.expr | None:
        return self._values.get(name)


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node binds to what is not written in it."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=asname):
            yield asname or name.partition(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def _changed(node: ast.AST) -> Iterator[str]:
    """The names whose values a node may change."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            yield name
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            yield name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            if method in _CHANGING:
                yield name
