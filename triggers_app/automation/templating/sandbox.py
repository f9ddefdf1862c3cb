"""The Jinja environment of parameter templates: what may be looked at and called, and its price.

Nothing is reachable but what is listed here by type and name. Every attribute, item, call,
filter, operator and loop round passes through the budget of the rendering.
"""

import operator
from collections.abc import Callable, Container, Iterator, Mapping
from types import BuiltinFunctionType, BuiltinMethodType, MethodType
from typing import Any

from jinja2 import ChainableUndefined, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

from triggers_app.automation.templating.budget import (
    MAX_BITS,
    MAX_ITEMS,
    MAX_TEXT,
    Budget,
    OutOfBudget,
    require,
    weight,
)
from triggers_app.automation.templating.filters import FILTERS, TESTS, measured
from triggers_app.automation.templating.methods import METHODS, format_text, percent
from triggers_app.automation.templating.values import as_text, limited
from triggers_app.automation.templating.views import MISSING, View

MAX_RANGE = 100
DICT_METHODS = frozenset({"get", "items", "keys", "values", "copy"})
_OBJECTS: dict[type, frozenset[str]] = {
    LoopContext: frozenset(
        {
            *("cycle", "changed", "depth", "depth0", "first", "index", "index0", "last"),
            *("length", "nextitem", "previtem", "revindex", "revindex0"),
        }
    ),
    Macro: frozenset({"name", "arguments"}),
    Cycler: frozenset({"current", "next", "reset"}),
}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "*": operator.mul,
    "**": operator.pow,
    "%": operator.mod,
}


class Sandbox(ImmutableSandboxedEnvironment):
    """One environment compiles; a light copy of it, with a budget, renders (`with_budget`)."""

    intercepted_binops = frozenset(_OPERATORS)
    budget: Budget
    warnings: list[Undefined]

    def __init__(self, *, public_url: str = "") -> None:
        super().__init__(undefined=ChainableUndefined, finalize=_finalize, cache_size=0)
        self.public_url = public_url.rstrip("/")
        self.filters = {**FILTERS, "_each": _each, "_concat": _concat, "_measured": _measured}
        self.tests = dict(TESTS)
        self.globals = {
            "range": limited_range,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def with_budget(self, budget: Budget) -> "Sandbox":
        copy = object.__new__(Sandbox)
        copy.__dict__.update(self.__dict__)
        copy.budget = budget
        copy.warnings = []
        return copy

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`; of a dict, one of its methods only when it is called."""
        self.budget.step()
        if isinstance(obj, View):
            value = obj.member(attribute)
            if value is MISSING and isinstance(obj, Mapping) and attribute in DICT_METHODS:
                return getattr(obj, attribute)
        elif isinstance(obj, dict):
            if attribute in DICT_METHODS:
                return getattr(obj, attribute)
            value = obj.get(attribute, MISSING)
        else:
            value = self._attribute(obj, attribute)
        return value if value is not MISSING else self.undefined(obj=obj, name=attribute)

    def _attribute(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Undefined):
            return obj
        if attribute.startswith("_"):
            raise SecurityError(f"Names that begin with _ are private: {attribute}.")
        if isinstance(obj, Namespace):
            return getattr(obj, attribute, MISSING)
        allowed: Container[str] = _OBJECTS.get(type(obj)) or METHODS.get(type(obj), {})
        return getattr(obj, attribute, MISSING) if attribute in allowed else MISSING

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`, else `obj.argument`."""
        self.budget.step(weight(obj) if isinstance(argument, slice) else 1)
        if isinstance(obj, View):
            value = obj.item(argument)
        elif isinstance(obj, dict | list | tuple | str):
            try:
                value = obj[argument]
            except (LookupError, TypeError):
                value = MISSING
        else:
            value = MISSING
        if value is not MISSING:
            return value
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        return obj if isinstance(obj, Undefined) else self.undefined(obj=obj, name=argument)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        __self.budget.step()
        # What Jinja's code adds for functions that want the context; none of ours does.
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        if isinstance(__obj, BuiltinMethodType | BuiltinFunctionType):
            return __self._call_method(__obj, args, kwargs)
        if isinstance(__obj, Undefined):
            __obj()
        if not _may_be_called(__obj):
            raise SecurityError(f"A {type(__obj).__name__} cannot be called.")
        return measured(__context.call(__obj, *args, **kwargs), __self.budget)

    def _call_method(self, method: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        owner = method.__self__
        name = method.__name__
        if name not in METHODS.get(type(owner), DICT_METHODS if type(owner) is dict else ()):
            raise SecurityError(f"{name} cannot be called.")
        self.budget.step(weight(owner))
        if name == "format":
            return format_text(self, owner, args, kwargs)
        guards = METHODS.get(type(owner))
        guard = guards[name] if guards else None
        if guard is not None:
            guard(owner, *args, **kwargs)
        return measured(method(*args, **kwargs), self.budget)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        self.budget.step(weight(left) + weight(right))
        if operator == "%" and isinstance(left, str):
            return percent(left, right, budget=self.budget)
        if operator == "*":
            _require_product(left, right)
        elif operator == "+":
            _require_sum(left, right)
        elif operator == "**":
            _require_power(left, right)
        return measured(_OPERATORS[operator](left, right), self.budget)


def _may_be_called(obj: Any) -> bool:
    if isinstance(obj, MethodType):
        return isinstance(obj.__self__, Mapping) or type(obj.__self__) in _OBJECTS
    return isinstance(obj, Macro | Joiner) or obj in (
        limited_range,
        dict,
        Namespace,
        Cycler,
        Joiner,
    )


def limited_range(*args: int) -> range:
    """As range(), up to 100 numbers (Prefect's limit)."""
    numbers = range(*args)
    if len(numbers) > MAX_RANGE:
        raise OutOfBudget(f"range() gives at most {MAX_RANGE} numbers, not {len(numbers):,}.")
    return numbers


def _require_product(left: Any, right: Any) -> None:
    for many, times in ((left, right), (right, left)):
        if isinstance(many, str | list | tuple) and isinstance(times, int):
            limit = MAX_TEXT if isinstance(many, str) else MAX_ITEMS
            require(len(many) * max(times, 0), at_most=limit, what="A repeated value's length")
    if isinstance(left, int) and isinstance(right, int):
        require(left.bit_length() + right.bit_length(), at_most=MAX_BITS, what="A number's bits")


def _require_sum(left: Any, right: Any) -> None:
    if isinstance(left, str) and isinstance(right, str):
        require(len(left) + len(right), at_most=MAX_TEXT, what="A text's length")
    elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
        require(len(left) + len(right), at_most=MAX_ITEMS, what="A list's length")


def _require_power(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        require(left.bit_length() * right, at_most=MAX_BITS, what="A number's bits")


@pass_context
def _finalize(context: Context, value: Any) -> str:
    """A piece of output: counted, and a warning where the value is missing."""
    sandbox = context.environment
    assert isinstance(sandbox, Sandbox)
    if isinstance(value, Undefined):
        sandbox.warnings.append(value)
        return ""
    return sandbox.budget.write(as_text(value, budget=sandbox.budget))


@pass_context
def _each(context: Context, values: Any) -> Iterator[Any]:
    """What every `for` goes through: one step for each round."""
    sandbox = context.environment
    assert isinstance(sandbox, Sandbox)
    if isinstance(values, Undefined):
        sandbox.warnings.append(values)
    for value in limited(values):
        sandbox.budget.step()
        yield value


@pass_context
def _measured(context: Context, value: Any) -> Any:
    """Lists and objects as the template makes them, and what it compares."""
    sandbox = context.environment
    assert isinstance(sandbox, Sandbox)
    return measured(value, sandbox.budget)


@pass_context
def _concat(context: Context, values: list[Any]) -> str:
    """`a ~ b`: as text, of limited length."""
    sandbox = context.environment
    assert isinstance(sandbox, Sandbox)
    texts = [as_text(value, budget=sandbox.budget) for value in values]
    require(sum(map(len, texts)), at_most=MAX_TEXT, what="A text's length")
    sandbox.budget.step(sum(map(weight, texts)))
    return "".join(texts)
