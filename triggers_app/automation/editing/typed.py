r"""Values of documents as texts in inputs, and back without loss. Pure.

Browsers change line ends, and people do not see spaces at the end of a line. So what a field
cannot show is written `\x0a` (line feed), `\x0d`, `\x20`, `\x09`; `\x00` is a text that is
there and empty, `\x5c` a backslash that would be read as one of these. Others are themselves.
"""

import json
import math
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from project.lib.durations import parse_document_seconds, parse_duration
from project.lib.line_ends import newlines

DURATION_HINT = "Write a time such as 30 s, 15 min, 1 h 30 min or 7 days."
_CODES = "00|09|0a|0d|20|5c"
_CODE = re.compile(rf"\\x({_CODES})")
_LIKE_CODE = re.compile(rf"\\(?=x(?:{_CODES}))")
_BREAKS = str.maketrans({"\n": r"\x0a", "\r": r"\x0d"})


def line_of(value: str) -> str:
    """A text for an input of one line."""
    return _LIKE_CODE.sub(r"\\x5c", value).translate(_BREAKS)


def text_of(value: str) -> str:
    """A text for an area of several lines."""
    return _LIKE_CODE.sub(r"\\x5c", value).replace("\r", r"\x0d")


def read_text(text: str) -> str:
    return _CODE.sub(lambda match: chr(int(match[1], 16)), text).replace("\x00", "")


def lines_of(values: list[str]) -> str:
    """One value in a line."""
    return "\n".join(_edged(line_of(value)) if value else r"\x00" for value in values)


def label_of(value: str) -> str:
    """A label for an input of one line; typed spaces around it do not count."""
    return _edged(line_of(value)) if value else ""


def read_lines(text: str) -> list[str]:
    """Values, one in a line; empty lines and spaces around a value do not count."""
    stripped = (line.strip(" \t") for line in newlines(text).split("\n"))
    return [read_text(line) for line in stripped if line]


def _edged(line: str) -> str:
    edges = {" ": r"\x20", "\t": r"\x09"}
    if line[0] in edges:
        line = edges[line[0]] + line[1:]
    if line[-1] in edges:
        line = line[:-1] + edges[line[-1]]
    return line


def raw(value: Any) -> str:
    """A value that the field does not expect, as it stands in the document."""
    return line_of(value) if isinstance(value, str) else json.dumps(value)


_SIZES = (("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000))
_UNITS = {
    "ms": 1_000,
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1_000_000),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60_000_000),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600_000_000),
    **dict.fromkeys(("d", "day", "days"), 86_400_000_000),
    **dict.fromkeys(("w", "week", "weeks"), 604_800_000_000),
}
_PART = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([a-z]+)")
_BETWEEN = re.compile(r"\s*(?:,|and\b)?\s*")


def duration_of(value: Any) -> str:
    """Seconds, or a text that documents may hold, as `1 h 30 min`; exact to the microsecond."""
    seconds = parse_document_seconds(value) if isinstance(value, str) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return raw(value)
    if not math.isfinite(seconds) or not 0 <= seconds < 1e11:
        return raw(value)
    left = round(Decimal(repr(seconds)) * 1_000_000)
    if left != Decimal(repr(seconds)) * 1_000_000:
        return f"{seconds!r} s"
    if left < 120_000_000 and left != 60_000_000:
        return f"{_plain(left)} s"
    parts = []
    for unit, size in _SIZES:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts + ([f"{_plain(left)} s"] if left else []))


def _plain(microseconds: int) -> str:
    number = f"{microseconds / Decimal(1_000_000):f}"
    return number.rstrip("0").rstrip(".") if "." in number else number


def read_duration(text: str) -> int | float:
    """Seconds, whole ones as an int. Raises ValueError with a sentence."""
    words = text.strip().lower()
    try:
        microseconds = _in_words(words)
        seconds = (
            parse_duration(text).total_seconds()
            if microseconds is None
            else timedelta(microseconds=microseconds).total_seconds()
        )
    except (ValueError, OverflowError):
        raise ValueError(DURATION_HINT) from None
    return int(seconds) if seconds.is_integer() else seconds


def _in_words(words: str) -> int | None:
    """Microseconds of `1 hour and 30 min`; None when it is not written in units."""
    total, at = Decimal(0), 0
    while at < len(words):
        part = _PART.match(words, at)
        if part is None or part[2] not in _UNITS:
            return None
        total += Decimal(part[1]) * _UNITS[part[2]]
        between = _BETWEEN.match(words, part.end())
        at = part.end() if between is None else between.end()
    return round(total) if words else None


def read_whole(text: str) -> int:
    """Raises ValueError with a sentence."""
    if not re.fullmatch(r"[+-]?\d{1,18}", text.strip(), re.ASCII):
        raise ValueError("Write a whole number.")
    return int(text)


def number_of(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return raw(value)
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
    return str(int(value)) if whole else repr(value)


def read_number(text: str) -> int | float:
    """Raises ValueError with a sentence."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise ValueError("Write a number, such as 0.5 or 600.")
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,300}\s*", text, re.ASCII) else number
