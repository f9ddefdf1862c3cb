"""Python text for calls and literals, laid out as formatters do."""

import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WIDTH = 88
_UNITS = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))
_UNPRINTABLE = re.compile(r"[\x7f-\uffff\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class PythonCall:
    """A call with keyword arguments."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """Text that is Python already."""

    text: str


def is_keyword_argument(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def duration(seconds: Any) -> Any:
    """A number of seconds as `timedelta(…)` in its largest whole unit; all else as it is."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return seconds
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return Raw(f"timedelta({unit}={int(seconds // size)})")
    return Raw(f"timedelta(seconds={seconds!r})" if seconds else "timedelta(0)")


def text(value: Any, *, before: int = 0, indent: int = 0) -> str:
    """The value on one line where it fits into WIDTH, `before` it and behind it being text."""
    flat = _flat(value)
    if before + len(flat) + 1 <= WIDTH or not _members(value):
        return flat
    opening, closing = _brackets(value)
    inner = " " * (indent + 4)
    lines = []
    for prefix, member in _members(value):
        start = len(inner) + len(prefix)
        lines.append(f"{inner}{prefix}{text(member, before=start, indent=indent + 4)},")
    return "\n".join([opening, *lines, " " * indent + closing])


def quoted(value: str) -> str:
    escaped = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(_escape, escaped)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _flat(value: Any) -> str:
    members = _members(value)
    if members or isinstance(value, PythonCall | dict | list):
        opening, closing = _brackets(value)
        return opening + ", ".join(prefix + _flat(member) for prefix, member in members) + closing
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(value)


def _members(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, PythonCall):
        return [(f"{name}=", member) for name, member in value.arguments.items()]
    if isinstance(value, dict):
        return [(f"{quoted(str(key))}: ", member) for key, member in value.items()]
    return [("", member) for member in value] if isinstance(value, list) else []


def _brackets(value: Any) -> tuple[str, str]:
    if isinstance(value, PythonCall):
        return f"{value.name}(", ")"
    return ("{", "}") if isinstance(value, dict) else ("[", "]")
