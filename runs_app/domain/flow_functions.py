"""Which names of a file an entrypoint may mean: functions that are written in that file.

Standard library only, as the flow's own process reads it, too. Whatever else a file can name
(what it imports, first of all) is not for the author of a deployment to call.

1. `name`: a function at the top level, also below `if`, `try` and `with`.
2. `Class.name`: a method in the body of a class at the top level.
3. `name = other.with_options(…)`, with 1, 2 or 3 as `other`.

Every binding of the name in the file has to be one of these: of two the last one counts, and
which that is only the running file knows.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BODIES = ("body", "orelse", "finalbody")


class NoSuchFunction(ValueError):
    """The source cannot be read, or has no such function; the text says which."""


class MissingFunction(NoSuchFunction):
    """The source gives this name to nothing."""


class NotAFunction(NoSuchFunction):
    """The name means something else, or may."""

    def __init__(self, name: str, *, imported: bool) -> None:
        self.imported = imported
        super().__init__(
            f"`{name}` is imported there; an entrypoint names a function that is written in its "
            "file"
            if imported
            else f"`{name}` is not a function there"
        )


@dataclass(frozen=True, slots=True)
class FlowFunction:
    """A function, the calls of `with_options` on the way to it, and whether it is a method."""

    function: Function
    options: Sequence[ast.Call] = ()
    method: bool = False


def find_function(source: str | bytes, name: str) -> FlowFunction:
    """The function that an entrypoint's name means. Raises NoSuchFunction."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise NoSuchFunction(f"it is not Python: {_first_line(error)}{line}") from None
    try:
        return _find(tree, name, set())
    except RecursionError:
        raise NoSuchFunction("it is nested too deeply") from None


def _find(tree: ast.Module, name: str, names: set[str]) -> FlowFunction:
    if name in names:
        raise NoSuchFunction(f"`{name}` is defined by itself")
    names.add(name)
    owner, dot, method = name.partition(".")
    bindings = list(_bindings(tree.body, owner))
    if dot:
        classes = [each for each in bindings if isinstance(each, ast.ClassDef)]
        if len(classes) != len(bindings):
            raise NotAFunction(name, imported=any(map(_is_import, bindings)))
        bindings = [each for one in classes for each in _bindings(one.body, method)]
    if not bindings:
        raise MissingFunction(f"it has no function `{name}` at its top level")
    functions = [_function(tree, each, names, bool(dot)) for each in bindings]
    if None in functions:
        raise NotAFunction(name, imported=any(map(_is_import, bindings)))
    return next(each for each in reversed(functions) if each is not None)


def _function(
    tree: ast.Module, binding: ast.AST | None, names: set[str], method: bool
) -> FlowFunction | None:
    if isinstance(binding, Function):
        return FlowFunction(binding, method=method)
    if not isinstance(binding, ast.Call):
        return None
    call = binding.func
    if not isinstance(call, ast.Attribute) or call.attr != "with_options":
        return None
    if isinstance(call.value, ast.Call):
        inner = _function(tree, call.value, names, method)
    elif (other := _dotted(call.value)) is not None:
        inner = _find(tree, other, set(names))
    else:
        return None
    return inner and FlowFunction(inner.function, [*inner.options, binding], inner.method)


def _is_import(binding: ast.AST | None) -> bool:
    return isinstance(binding, ast.Import | ast.ImportFrom)


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


def _bindings(body: Sequence[ast.stmt], name: str) -> Iterator[ast.AST | None]:
    """Whatever gives `name` a value in these statements, in their order; None: unknown."""
    for statement in body:
        if isinstance(statement, Function | ast.ClassDef):
            if statement.name == name:
                yield statement
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names = [each.asname or each.name.partition(".")[0] for each in statement.names]
            yield from [statement] if name in names else []
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            yield from _assigned(statement, name)
        else:
            yield from _in_parts(statement, name)


def _assigned(statement: ast.Assign | ast.AnnAssign, name: str) -> Iterator[ast.AST | None]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Name) and target.id == name:
            yield statement.value
        elif _stores(target, name):
            yield None
    if statement.value is not None and _stores(statement.value, name):
        yield None


def _in_parts(statement: ast.stmt, name: str) -> Iterator[ast.AST | None]:
    """Of `if`, `try`, `with`, loops and `match`: their own names, then their bodies."""
    bodies: list[Sequence[ast.stmt]] = []
    for field, value in ast.iter_fields(statement):
        parts = value if isinstance(value, list) else [value]
        if field in _BODIES:
            bodies.append(parts)
            continue
        for part in parts:
            if isinstance(part, ast.ExceptHandler | ast.match_case):
                bodies.append(part.body)
                if isinstance(part, ast.ExceptHandler):
                    yield from [None] if part.name == name else []
                elif _captures(part, name):
                    yield None
            elif isinstance(part, ast.AST) and _stores(part, name):
                yield None
    for body in bodies:
        yield from _bindings(body, name)


def _stores(node: ast.AST, name: str) -> bool:
    every = list(ast.walk(node))
    # The names of a comprehension are its own.
    inner = {
        id(each)
        for one in every
        if isinstance(one, ast.comprehension)
        for each in ast.walk(one.target)
    }
    return any(
        isinstance(each, ast.Name)
        and each.id == name
        and not isinstance(each.ctx, ast.Load)
        and id(each) not in inner
        for each in every
    )


def _captures(case: ast.match_case, name: str) -> bool:
    names = (
        getattr(each, "name", None) or getattr(each, "rest", None)
        for each in ast.walk(case.pattern)
    )
    return name in names


def _first_line(error: Exception) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return (text.splitlines() or [type(error).__name__])[0]
