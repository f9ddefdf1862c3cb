"""Which methods and attributes of plain Python values a template may use, and their bounds."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jinja2.sandbox import SandboxedFormatter

from triggers_app.automation.templating.budget import (
    MAX_OUTPUT_BYTES,
    MAX_TEXT,
    MAX_WIDTH,
    Budget,
    OutOfBudget,
    require,
    size_of,
)

if TYPE_CHECKING:
    from triggers_app.automation.templating.sandbox import Sandbox

Guards = Mapping[str, Callable[..., None] | None]
_NUMBERS = re.compile(r"\d+")


def _width(text: str, width: int, *_: object) -> None:
    require(width, at_most=MAX_WIDTH, what="A width")


def _tabs(text: str, tabsize: int = 8) -> None:
    require(tabsize, at_most=100, what="A tab's width")
    require(len(text) + text.count("\t") * tabsize, at_most=MAX_TEXT, what="A text's length")


def replaced(text: str, old: str, new: str, count: int = -1) -> None:
    replacements = text.count(old) if count < 0 else min(count, text.count(old))
    require(len(text) + replacements * len(new), at_most=MAX_TEXT, what="A text's length")


def joined(separator: str, values: Any) -> None:
    if not isinstance(values, list | tuple | str | Mapping):
        raise OutOfBudget("join() takes a list.")
    length = sum(len(value) for value in values if isinstance(value, str))
    length += len(separator) * len(values)
    require(length, at_most=MAX_TEXT, what="A text's length")


def _free(names: str) -> dict[str, Callable[..., None] | None]:
    return dict.fromkeys(names.split())


_DATE = "year month day isoformat isoweekday weekday isocalendar strftime toordinal replace ctime"
_TIME = "hour minute second microsecond tzinfo utcoffset tzname"
METHODS: Mapping[type, Guards] = {
    str: {
        **_free(
            "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal "
            "isdigit isidentifier islower isnumeric isprintable isspace istitle isupper lower "
            "lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip "
            "split splitlines startswith strip swapcase title upper format"
        ),
        "center": _width,
        "ljust": _width,
        "rjust": _width,
        "zfill": _width,
        "expandtabs": _tabs,
        "replace": replaced,
        "join": joined,
    },
    list: _free("count index copy"),
    tuple: _free("count index"),
    int: _free("bit_length bit_count real imag numerator denominator conjugate"),
    float: _free("is_integer real imag conjugate hex"),
    datetime: _free(f"{_DATE} {_TIME} date time timetz timestamp astimezone utctimetuple"),
    date: _free(_DATE),
    time: _free(f"{_TIME} isoformat strftime replace"),
    timedelta: _free("days seconds microseconds total_seconds"),
    UUID: _free("hex int version urn"),
    range: _free("start stop step count index"),
}


class _Formatter(SandboxedFormatter):
    """str.format with widths and precisions of at most 10,000."""

    def format_field(self, value: Any, format_spec: str) -> str:
        require_widths(format_spec)
        return str(super().format_field(value, format_spec))


def format_text(
    sandbox: "Sandbox", text: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str:
    values = size_of([args, kwargs], at_most=MAX_OUTPUT_BYTES, budget=sandbox.budget)
    fields = text.count("{")
    require(fields * (values + MAX_WIDTH), at_most=100 * MAX_TEXT, what="The size of format()")
    return str(_Formatter(sandbox).vformat(text, args, kwargs))


def percent(text: str, values: Any, *, budget: Budget) -> str:
    """`text % values`, bounded by its widths and by how often a value can appear."""
    if "*" in text:
        raise OutOfBudget("A width of * is not available in %-formats.")
    require_widths(text)
    size = size_of(values, at_most=MAX_TEXT, budget=budget)
    fields = text.count("%")
    widths = sum(int(number) for number in _NUMBERS.findall(text))
    require(len(text) + widths + fields * size, at_most=MAX_TEXT, what="A text's length")
    return str(text % values)


def require_widths(spec: str) -> None:
    for number in _NUMBERS.findall(spec):
        if len(number) > 6 or int(number) > MAX_WIDTH:
            raise OutOfBudget(f"A width may be at most {MAX_WIDTH:,}.")
