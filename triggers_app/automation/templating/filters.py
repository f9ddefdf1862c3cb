"""Jinja's filters and Prefect's, each bounded in what it makes."""

import pprint
import re
from collections.abc import Callable, Mapping
from types import GeneratorType
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.filters import do_indent, do_wordwrap, make_attrgetter
from jinja2.runtime import Context
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.utils import _PassArg, htmlsafe_json_dumps
from markupsafe import Markup

from triggers_app.automation.templating.budget import (
    MAX_OUTPUT_BYTES,
    MAX_TEXT,
    MAX_WIDTH,
    Budget,
    require,
    size_of,
    weight,
)
from triggers_app.automation.templating.humanize_filters import HUMANE
from triggers_app.automation.templating.links import page_of, resource_of
from triggers_app.automation.templating.methods import percent, replaced
from triggers_app.automation.templating.values import as_text, limited, native
from triggers_app.automation.templating.views import MISSING, ResourceView, View

Filter = Callable[..., Any]


def _words(text: str) -> list[str]:
    return text.split()


_PLAIN = _words(
    "abs batch capitalize center count dictsort filesizeformat first float groupby int items last "
    "length lower map max min reject rejectattr reverse round select selectattr slice sort "
    "striptags title trim truncate unique upper urlencode urlize wordcount xmlattr random"
)
# The first argument after the value, and what it may be at most.
_FIRST_ARGUMENT = {"batch": MAX_WIDTH, "center": MAX_WIDTH, "slice": MAX_WIDTH, "round": 300}
_LONGEST_TEXT = {"urlize": 20_000, "striptags": 100_000, "title": 100_000}
_FLOW_RUN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _bounded(name: str, function: Filter) -> Filter:
    """Jinja's own filter or test behind the budget; it makes at most six times its input."""
    wants = _PassArg.from_obj(function)

    @pass_context
    def bounded(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        sandbox: Any = context.environment
        if isinstance(value, Undefined):
            sandbox.warnings.append(value)
        value = measured(value, sandbox.budget)
        _require_arguments(name, value, (*args[:1], *kwargs.values()))
        if wants is not None:
            first = {"context": context, "environment": sandbox, "eval_context": context.eval_ctx}
            result = function(first[wants.name], value, *args, **kwargs)
        else:
            result = function(value, *args, **kwargs)
        return str(result) if type(result) is Markup else measured(result, sandbox.budget)

    return bounded


def _bounded_test(function: Filter) -> Filter:
    @pass_context
    def bounded(context: Context, value: Any, *args: Any) -> bool:
        sandbox: Any = context.environment
        for one in (value, *args):
            measured(one, sandbox.budget)
        return bool(function(value, *args))

    return bounded


def measured(value: Any, budget: Budget) -> Any:
    """The same value, paid for; what is lazy becomes a list.

    Lists that hold themselves many times over are small in memory and endless to compare or
    to write. Every one that a template makes comes through here, so none grows that far.
    """
    if isinstance(value, str):
        budget.step(weight(value))
        require(len(value), at_most=MAX_TEXT, what="A text's length")
    elif isinstance(value, GeneratorType | map | filter | reversed):
        value = list(limited(value))
    if isinstance(value, list | tuple | dict | set):
        size_of(value, at_most=MAX_TEXT, budget=budget)
    else:
        budget.step()
    return value


def _require_arguments(name: str, value: Any, arguments: tuple[Any, ...]) -> None:
    if name in _FIRST_ARGUMENT:
        for argument in arguments:
            _require_small(argument, _FIRST_ARGUMENT[name])
    if name in _LONGEST_TEXT and isinstance(value, str):
        require(len(value), at_most=_LONGEST_TEXT[name], what=f"A text's length for {name}")


def _require_small(argument: Any, at_most: int) -> None:
    if isinstance(argument, int):
        require(abs(argument), at_most=at_most, what="The argument")


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    if isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


@pass_context
def _text(context: Context, value: Any) -> str:
    sandbox: Any = context.environment
    return as_text(value, budget=sandbox.budget)


@pass_context
def _escape(context: Context, value: Any) -> str:
    return str(Markup.escape(_text(context, value)))


@pass_context
def _list(context: Context, value: Any) -> Any:
    sandbox: Any = context.environment
    return measured(list(limited(value)), sandbox.budget)


@pass_context
def _attr(context: Context, value: Any, name: str) -> Any:
    return context.environment.getattr(value, str(name))


@pass_context
def _join(context: Context, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    sandbox: Any = context.environment
    if attribute is not None:
        value = map(make_attrgetter(sandbox, attribute), value)
    texts = [as_text(one, budget=sandbox.budget) for one in limited(value)]
    sandbox.budget.step(sum(map(weight, texts)))
    length = sum(map(len, texts)) + len(str(d)) * len(texts)
    require(length, at_most=MAX_TEXT, what="A text's length")
    return str(d).join(texts)


@pass_context
def _sum(context: Context, value: Any, attribute: str | None = None, start: Any = 0) -> Any:
    sandbox: Any = context.environment
    if attribute is not None:
        value = map(make_attrgetter(sandbox, attribute), value)
    for one in limited(value):
        start = sandbox.call_binop(context, "+", start, one)
    return start


@pass_context
def _replace(context: Context, value: Any, old: Any, new: Any, count: int | None = None) -> str:
    text, old, new = _text(context, value), _text(context, old), _text(context, new)
    replaced(text, old, new, -1 if count is None else count)
    return text.replace(old, new, -1 if count is None else count)


@pass_context
def _format(context: Context, value: Any, *args: Any, **kwargs: Any) -> str:
    sandbox: Any = context.environment
    return percent(_text(context, value), kwargs or args, budget=sandbox.budget)


@pass_context
def _indent(
    context: Context, value: Any, width: int | str = 4, first: bool = False, blank: bool = False
) -> str:
    text = _text(context, value)
    each = len(width) if isinstance(width, str) else require(width, at_most=MAX_WIDTH, what="width")
    length = len(text) + each * (text.count("\n") + 1)
    require(length, at_most=MAX_TEXT, what="A text's length")
    return do_indent(text, width, first, blank)


@pass_context
def _wordwrap(
    context: Context,
    value: Any,
    width: int = 79,
    break_long_words: bool = True,
    wrapstring: str | None = None,
    break_on_hyphens: bool = True,
) -> str:
    text = _text(context, value)
    require(len(text), at_most=100_000, what="A text's length for wordwrap")
    require(len(wrapstring or ""), at_most=20, what="wrapstring's length")
    sandbox: Any = context.environment
    sandbox.budget.step(len(text) // 50)
    return do_wordwrap(
        sandbox, text, max(int(width), 1), break_long_words, wrapstring, break_on_hyphens
    )


@pass_context
def _pprint(context: Context, value: Any) -> str:
    sandbox: Any = context.environment
    size_of(value, at_most=100_000, budget=sandbox.budget)
    return pprint.pformat(value)


@pass_context
def _tojson(context: Context, value: Any, indent: int | None = None) -> str:
    sandbox: Any = context.environment
    size_of(value, at_most=MAX_OUTPUT_BYTES, budget=sandbox.budget)
    written = sandbox.budget.written
    plain = native(value, budget=sandbox.budget)
    sandbox.budget.written = written  # not output yet
    spaces = None if indent is None else require(indent, at_most=16, what="indent")
    return str(htmlsafe_json_dumps(plain, sort_keys=True, indent=spaces))


@pass_context
def _ui_url(context: Context, value: Any) -> str | None:
    path = page_of(value)
    return None if path is None else _address(context, path)


@pass_context
def _ui_resource_events_url(context: Context, value: Any) -> str | None:
    identity: Any = resource_of(value)
    if isinstance(value, View):
        resource = value if isinstance(value, ResourceView) else value.member("resource")
        identity = MISSING if resource is MISSING else resource.member("id")
    if identity is None or identity is MISSING:
        return None
    return _address(context, f"events?resource={identity}")


def _address(context: Context, path: str) -> str:
    sandbox: Any = context.environment
    base: str = sandbox.public_url
    return f"{base}/{path}" if base else path


@pass_context
def _flow_run_id(context: Context, value: Any) -> str | None:
    """The first UUID in a text, such as the one in a link to a flow run."""
    match = _FLOW_RUN_ID.search(_text(context, value))
    return match.group().lower() if match else None


FILTERS: Mapping[str, Filter] = {
    **HUMANE,
    **{name: _bounded(name, JINJA_FILTERS[name]) for name in _PLAIN},
    "attr": _attr,
    "d": _default,
    "default": _default,
    "e": _escape,
    "escape": _escape,
    "flow_run_id": _flow_run_id,
    "forceescape": _escape,
    "format": _format,
    "indent": _indent,
    "join": _join,
    "list": _list,
    "pprint": _pprint,
    "replace": _replace,
    "safe": _text,
    "string": _text,
    "sum": _sum,
    "tojson": _tojson,
    "ui_resource_events_url": _ui_resource_events_url,
    "ui_url": _ui_url,
    "wordwrap": _wordwrap,
}
_FREE_TESTS = frozenset({"defined", "undefined", "none", "filter", "test"})
_PLAIN_TESTS: Mapping[str, Any] = JINJA_TESTS
TESTS: Mapping[str, Filter] = {
    name: test if name in _FREE_TESTS else _bounded_test(test)
    for name, test in _PLAIN_TESTS.items()
}
