"""HCL text for values, laid out as `terraform fmt` does."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_RESERVED = {"true", "false", "null", "for", "in", "if", "else", "endif", "endfor"}
_SIMPLE = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]')
_TEMPLATE = re.compile(r"([$%]*)([$%])\{")
_CLOSED = re.compile(r'[^{}"\\\n]*\}')


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value that goes through `jsonencode`."""

    value: Any


def attributes(values: Mapping[str, Any]) -> list[str]:
    """The lines of a body or an object's inside. Neighbors on one line each share a column."""
    lines: list[str] = []
    chain: list[tuple[str, str]] = []

    def close() -> None:
        width = max((len(key) for key, _ in chain), default=0)
        lines.extend(f"{key.ljust(width)} = {text}" for key, text in chain)
        chain.clear()

    for key, value in values.items():
        first, *rest = value_lines(value)
        if rest:
            close()
            lines += [f"{_key(key)} = {first}", *rest]
        else:
            chain.append((_key(key), first))
    close()
    return lines


def value_lines(value: Any) -> list[str]:
    if isinstance(value, Encoded):
        first, *rest = value_lines(value.value)
        if not rest:
            return [f"jsonencode({first})"]
        return [f"jsonencode({first}", *rest[:-1], f"{rest[-1]})"]
    if isinstance(value, dict):
        inside = attributes(value)
        return ["{", *(f"  {line}" for line in inside), "}"] if inside else ["{}"]
    if isinstance(value, list):
        return _list(value)
    return [_scalar(value)]


def quoted(text: str, *, ascii_only: bool = False) -> str:
    """A quoted text in which nothing is a template."""
    escaped = _SPECIAL.sub(_escape, text)
    if ascii_only:
        escaped = re.sub(r"[^\x00-\x7f]", _escape, escaped)
    return '"' + _TEMPLATE.sub(lambda match: _no_template(match, escaped), escaped) + '"'


def changed_by_terraform(value: Any) -> bool:
    """Whether Terraform would change a text in here: it writes texts in Unicode's form NFC."""
    if isinstance(value, str):
        return not unicodedata.is_normalized("NFC", value)
    if isinstance(value, Mapping):
        return any(map(changed_by_terraform, (*value, *value.values())))
    return isinstance(value, list) and any(map(changed_by_terraform, value))


def _list(values: list[Any]) -> list[str]:
    if not any(isinstance(each, dict | list) and each for each in values):
        return ["[" + ", ".join(value_lines(each)[0] for each in values) + "]"]
    lines = ["["]
    for each in values:
        *before, last = value_lines(each)
        lines += [f"  {line}" for line in before] + [f"  {last},"]
    return [*lines, "]"]


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value) if isinstance(value, int) else quoted(str(value))


def _key(key: str) -> str:
    if _IDENTIFIER.fullmatch(key) and key not in _RESERVED:
        return key
    # Only ASCII, so that its width is what `terraform fmt` counts.
    return quoted(key, ascii_only=True)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _SIMPLE:
        return _SIMPLE[char]
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _no_template(match: re.Match[str], text: str) -> str:
    """`${` as `$${`; by its number where parsers do not agree on what follows."""
    before, mark = match.groups()
    if not before and _CLOSED.match(text, match.end()):
        return f"{mark}{mark}{{"
    return "".join(f"\\u{ord(char):04x}" for char in (*before, mark)) + "{"
