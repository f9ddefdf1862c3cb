"""Parameter templates: bounded, sandboxed Jinja2 that keeps native types.

Source: docs/semantics.md, "Templates". A text that is exactly one `{{ expression }}` is the
value of the expression; any other template renders to text.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2.runtime import Context
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from project.lib.alike import most_alike
from project.lib.problems import Problem
from triggers_app.automation.templating.budget import Budget, OutOfBudget
from triggers_app.automation.templating.sandbox import DICT_METHODS, Sandbox
from triggers_app.automation.templating.values import Missing, native
from triggers_app.automation.templating.views import LabelsView, ResourceView, RolesView, View

MAX_TEMPLATE = 64 * 1024
MAX_NODES = 5000  # of the syntax tree; that many take up to half a second to compile
MAX_LOOPS = 10
MAX_NESTING = 2
_RESULT = "_result"
_REFUSED = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
)


class TemplateProblem(Exception):
    """A template that cannot be compiled or rendered; the message is a sentence for people.

    `unseen`: what is missing is data of the event, which another event may have. `line` is where
    the template cannot be compiled, 0 for all of it.
    """

    def __init__(self, message: str, *, unseen: bool = False, line: int = 0) -> None:
        super().__init__(message)
        self.unseen = unseen
        self.line = line


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. `names`: the variables it looks for; `lone`: keeps its native type."""

    text: str
    lone: bool
    names: frozenset[str]
    root: Callable[..., Iterator[str]]


@dataclass(frozen=True, slots=True)
class Rendered:
    value: Any
    warnings: list[str]


def is_template(text: str) -> bool:
    """Only text that holds `{{` or `{%` is a template, as in Prefect."""
    return "{{" in text or "{%" in text


def compile_once(text: str) -> None:
    """Raises TemplateProblem where it cannot be compiled."""
    Templates().compile(text)


def check_template(text: str) -> list[Problem]:
    """What is wrong with a template, at its creation."""
    try:
        compile_once(text)
    except TemplateProblem as error:
        return [Problem((), str(error), "value_error")]
    return []


class Templates:
    """Compiles templates, and keeps the most recently used ones.

    `public_url` is what the links begin with that templates make.
    """

    def __init__(self, *, kept: int = 2048, public_url: str = "") -> None:
        self._sandbox = Sandbox(public_url=public_url)
        self._kept = kept
        self._compiled: dict[tuple[str, bool], Template] = {}

    def compile(
        self, text: str, *, as_text: bool = False, budget: Budget | None = None
    ) -> Template:
        """Raises TemplateProblem. With `as_text` a lone expression renders to text, too.

        What is known already costs nothing of the `budget`.
        """
        known = self._compiled.get((text, as_text))
        if known is not None:
            return known
        compiled = _compile(self._sandbox, text, as_text=as_text, budget=budget)
        if len(self._compiled) >= self._kept:
            self._compiled.clear()
        self._compiled[(text, as_text)] = compiled
        return compiled

    def render(self, template: Template, variables: Mapping[str, Any], budget: Budget) -> Rendered:
        """Raises TemplateProblem for everything that can go wrong in a template."""
        sandbox = self._sandbox.with_budget(budget)
        scope = {**sandbox.globals, **variables}
        context = Context(sandbox, scope, None, {})
        budget.written = 0
        try:
            value = _run(template, context, sandbox, budget)
        except Missing as error:
            sentence = explain_missing(error.undefined, variables)
            unseen = _of_events(template) and _is_data(error.undefined, variables)
            raise TemplateProblem(sentence, unseen=unseen) from None
        except UndefinedError as error:
            # It says no more than a name; if no variable lacks, it is that of some data.
            unseen = _of_events(template) and template.names <= scope.keys()
            raise TemplateProblem(_sentence(error), unseen=unseen) from None
        except Exception as error:
            raise TemplateProblem(_sentence(error)) from None
        return Rendered(value, [explain_missing(one, variables) for one in sandbox.warnings[:20]])


def _run(template: Template, context: Context, sandbox: Sandbox, budget: Budget) -> Any:
    pieces = template.root(context, environment=sandbox)
    if not template.lone:
        return "".join(pieces)
    deque(pieces, maxlen=0)  # it sets a variable, and writes nothing
    return native(context.vars[_RESULT], budget=budget)


def _sentence(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "The template is nested too deeply."
    message = str(error)[:500]
    if isinstance(error, TemplateError | OutOfBudget | TypeError) and message:
        return message
    return f"{type(error).__name__}: {message}"


def explain_missing(undefined: Undefined, variables: Mapping[str, Any]) -> str:
    """Which name is missing, and the existing name nearest to it."""
    name = undefined._undefined_name
    if name is None:
        return "The expression has no value: its condition is false and there is no `else`."
    owner = undefined._undefined_obj
    known = list(variables) if owner is missing else _names_of(owner)
    near = most_alike(str(name), known[:500], least=0.5)
    if near is not None:
        return f"`{name}` does not exist; the nearest name is `{near}`."
    there = ", ".join(f"`{one}`" for one in known[:8])
    return f"`{name}` does not exist" + (f"; there is {there}." if there else ".")


def _of_events(template: Template) -> bool:
    """Whether it looks at more than what is the same for all events."""
    return not template.names <= {"automation", "variables"}


def _is_data(undefined: Undefined, variables: Mapping[str, Any]) -> bool:
    """Whether it would stand in a payload, or among labels: not in what every event has."""
    owner = undefined._undefined_obj
    if owner is missing or undefined._undefined_name is None or owner is variables.get("firing"):
        return False
    return isinstance(owner, Mapping | LabelsView | ResourceView | RolesView)


def _names_of(owner: Any) -> list[str]:
    if isinstance(owner, View):
        return list(owner.names())
    return [str(key) for key in owner] if isinstance(owner, Mapping) else []


def _compile(sandbox: Sandbox, text: str, *, as_text: bool, budget: Budget | None) -> Template:
    if len(text) > MAX_TEMPLATE:
        raise TemplateProblem(f"A template may have at most {MAX_TEMPLATE:,} characters.")
    # Nothing interrupts a step of the compiler; the slowest takes a third of a second.
    in_time: Callable[[], None] = _no_limit if budget is None else budget.look
    try:
        in_time()
        tree = sandbox.parse(text)
        in_time()
        _require_simple(tree)
        names = frozenset(meta.find_undeclared_variables(tree))
        lone = None if as_text else _lone_expression(tree)
        if lone is not None:
            target = nodes.Name(_RESULT, "store", lineno=1)
            tree = nodes.Template([nodes.Assign(target, lone, lineno=1)], lineno=1)
        tree = _Bounding().visit(tree)
        tree.set_environment(sandbox)
        in_time()
        code = sandbox.compile(tree, name=None, filename="<template>")
    except TemplateProblem:
        raise
    except OutOfBudget as error:
        raise TemplateProblem(str(error)) from None
    except TemplateSyntaxError as error:
        message = f"Line {error.lineno}: {error.message}"
        raise TemplateProblem(message, line=error.lineno) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, TemplateError) as error:
        raise TemplateProblem(f"The template cannot be compiled: {error}") from None
    namespace: dict[str, Any] = {"environment": sandbox, "__file__": "<template>"}
    exec(code, namespace)
    return Template(text, lone is not None, names, namespace["root"])


def _no_limit() -> None:
    """For those who compile a template of their own."""


def _lone_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression of a text that is nothing but `{{ expression }}` and blanks."""
    expressions: list[nodes.Expr] = []
    for statement in tree.body:
        if not isinstance(statement, nodes.Output):
            return None
        for part in statement.nodes:
            if not isinstance(part, nodes.TemplateData):
                expressions.append(part)
            elif part.data.strip():
                return None
    return expressions[0] if len(expressions) == 1 else None


def _require_simple(tree: nodes.Template) -> None:
    refused = next(tree.find_all(_REFUSED), None)
    if refused is not None:
        kind = type(refused).__name__.lower()
        message = f"Line {refused.lineno}: `{kind}` is not available in parameters."
        raise TemplateProblem(message, line=refused.lineno)
    size = sum(1 for _ in tree.find_all(nodes.Node))
    if size > MAX_NODES:
        raise TemplateProblem(f"The template has {size:,} parts; {MAX_NODES:,} is the limit.")
    loops = list(tree.find_all(nodes.For))
    if len(loops) > MAX_LOOPS:
        raise TemplateProblem(f"A template may have at most {MAX_LOOPS} for loops.")
    if _nesting(tree) > MAX_NESTING:
        raise TemplateProblem(f"For loops may be nested at most {MAX_NESTING} deep.")
    if any(loop.recursive for loop in loops):
        raise TemplateProblem("Recursive loops are not available in parameters.")


def _nesting(node: nodes.Node) -> int:
    below = max(map(_nesting, node.iter_child_nodes()), default=0)
    return below + isinstance(node, nodes.For)


class _Bounding(NodeTransformer):
    """Sends through the sandbox what Jinja's code would do by itself.

    Rounds of loops, `~`, and literal text (so that a loop's output is counted as it grows).
    """

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "_each")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return _filtered(parts, "_concat")

    def visit_List(self, node: nodes.List) -> nodes.Node:
        return self._measured(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        return self._measured(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        return self._measured(node) if node.ctx == "load" else node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _filtered(node.expr, "_measured")
        for operand in node.ops:
            operand.expr = _filtered(operand.expr, "_measured")
        return node

    def _measured(self, node: nodes.Node) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "_measured")

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:
        return nodes.Const(node.data, lineno=node.lineno)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        callee = node.node
        if isinstance(callee, nodes.Getattr):
            callee.node = self.visit(callee.node)
            node.args = [self.visit(argument) for argument in node.args]
            node.kwargs = [self.visit(argument) for argument in node.kwargs]
            for name in ("dyn_args", "dyn_kwargs"):
                dynamic = getattr(node, name)
                setattr(node, name, self.visit(dynamic) if dynamic is not None else None)
            return node
        return self.generic_visit(node)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        """`payload.items` that is not called means the key."""
        self.generic_visit(node)
        if node.attr in DICT_METHODS:
            key = nodes.Const(node.attr, lineno=node.lineno)
            return nodes.Getitem(node.node, key, "load", lineno=node.lineno)
        return node


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
