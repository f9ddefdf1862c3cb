"""Prefect's `humanize_…` filters: numbers and times as people say them.

`humanize_naturaltime` counts from the firing, so the same firing always renders alike;
`naturalday` and `naturaldate`, which only know today, are left out, and so is `clamp`, whose
format could look into objects.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import humanize
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from triggers_app.automation.templating.budget import require
from triggers_app.automation.templating.methods import require_widths

_NAMES = (
    *("apnumber", "fractional", "intcomma", "intword", "metric", "naturaldelta"),
    *("naturalsize", "ordinal", "precisedelta", "scientific"),
)
MAX_PRECISION = 100


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def bounded(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        sandbox: Any = context.environment
        sandbox.budget.step(10)
        _require_short(value, *args, *kwargs.values())
        return function(value, *args, **kwargs)

    return bounded


def _require_short(value: Any, *arguments: Any) -> None:
    if isinstance(value, str):
        require(len(value), at_most=1000, what="A text's length here")
    for argument in arguments:
        if isinstance(argument, str):
            require(len(argument), at_most=100, what="An argument's length")
            require_widths(argument)
        elif isinstance(argument, int):
            require(abs(argument), at_most=MAX_PRECISION, what="An argument")


@pass_context
def _naturaltime(
    context: Context,
    value: Any,
    future: bool = False,
    months: bool = True,
    minimum_unit: str = "seconds",
) -> str:
    sandbox: Any = context.environment
    sandbox.budget.step(10)
    firing = context.get("firing") or {}
    when = firing.get("triggered")
    if isinstance(value, Undefined) or not isinstance(when, datetime):
        raise TypeError("humanize_naturaltime needs a time, and a firing to count from.")
    if isinstance(value, datetime) and value.tzinfo is not None:
        # humanize compares with `when` without its zone.
        value, when = value.astimezone(when.tzinfo).replace(tzinfo=None), when.replace(tzinfo=None)
    return humanize.naturaltime(value, future, months, str(minimum_unit), when)


HUMANE: Mapping[str, Callable[..., Any]] = {
    **{f"humanize_{name}": _bounded(getattr(humanize, name)) for name in _NAMES},
    "humanize_naturaltime": _naturaltime,
}
