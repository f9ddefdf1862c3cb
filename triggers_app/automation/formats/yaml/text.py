"""New YAML text for values: plain where that is safe, quoted where YAML might misread it."""

import json
import re
from dataclasses import dataclass
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_/][\w./*+@%~<>=()$?:'-]*(?: [\w./*+@%~<>=()$?:'-]+)*", re.ASCII)
_RESERVED = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_PRINTABLE = re.compile(
    r"[\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
_MUST_ESCAPE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_LONG_KEY = 900
"""ruamel takes keys of up to 1,024 characters on one line; longer ones stand behind `? `."""
FLOW_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Style:
    """How the author of a text indents: mappings, and dashes below their key."""

    step: int = 2
    dash: int = 2


def scalar(value: Any, *, flow: bool = False, like: str | None = None) -> str:
    """One line for a value that is neither a list nor an object; `like` is the style before."""
    if isinstance(value, str):
        return _text(value, flow=flow, like=like)
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value)


def inline(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)}: {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(value, flow=True)


def parts(value: Any, style: Style, *, like: str | None = None) -> tuple[str, list[str]]:
    """What goes on the line of the key, and the lines below it, indented from the key on."""
    if isinstance(value, dict | list) and value and not _short(value):
        indent = style.step if isinstance(value, dict) else style.dash
        return "", [" " * indent + line for line in block(value, style)]
    if isinstance(value, dict | list):
        return inline(value), []
    if isinstance(value, str) and like in (None, "|", ">"):
        literal = _literal(value, " " * style.step)
        if literal is not None:
            return literal
    return scalar(value, like=like), []


def block(value: Any, style: Style) -> list[str]:
    """The lines of a list or an object that is not empty."""
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            lines += entry(key, item, style)
        return lines
    for item in value:
        lines += dashed(item, style)
    return lines


def entry(key: str, value: Any, style: Style) -> list[str]:
    """The lines of one key with its value."""
    written = _key(key)
    if len(written) > _LONG_KEY:
        head, tail = parts(value, style)
        return [f"? {written}", f": {head}".rstrip(), *tail]
    head, tail = parts(value, style)
    return [f"{written}: {head}".rstrip(" ") if head else f"{written}:", *tail]


def dashed(value: Any, style: Style) -> list[str]:
    """The lines of one item of a list."""
    if isinstance(value, dict | list) and value and not _short(value):
        first, *rest = block(value, style)
        return [f"- {first}", *(f"  {line}" for line in rest)]
    head, tail = parts(value, Style(2, 2))
    return [f"- {head}", *tail]


def _short(value: Any) -> bool:
    """A list of a few plain values reads best on one line."""
    return (
        isinstance(value, list)
        and not any(isinstance(item, dict | list) for item in value)
        and not any(isinstance(item, str) and "\n" in item for item in value)
        and len(inline(value)) <= FLOW_WIDTH
    )


def _key(key: str) -> str:
    return _text(key, flow=True)


def _text(text: str, *, flow: bool, like: str | None = None) -> str:
    if like == "'" and _PRINTABLE.fullmatch(text) and not re.search(r"[\n\t]", text):
        return "'" + text.replace("'", "''") + "'"
    if like != '"' and is_plain(text, flow=flow):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _MUST_ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether every YAML reader takes this for the text it is, without quotes."""
    if not _PLAIN.fullmatch(text) or text.lower() in _RESERVED:
        return False
    return not (text.endswith(":") or ": " in text or (flow and (":" in text or "?" in text)))


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.1f}"
    written = repr(value)
    mantissa, mark, exponent = written.partition("e")
    if mark and "." not in mantissa:
        mantissa += ".0"
    return mantissa + mark + exponent


def _literal(text: str, indent: str) -> tuple[str, list[str]] | None:
    """A text of several lines as a literal block; None where that would not say it exactly."""
    lines = text.split("\n")
    if len(lines) < 2 or not _PRINTABLE.fullmatch(text) or "\t" in text or not text.strip():
        return None
    if not lines[0].strip() or any(line != line.rstrip() for line in lines):
        return None
    chomp = "-"
    if text.endswith("\n"):
        chomp = "+" if text.endswith("\n\n") else ""
        lines.pop()
    mark = str(len(indent)) if lines[0].startswith(" ") else ""
    return f"|{mark}{chomp}", [indent + line if line else "" for line in lines]
