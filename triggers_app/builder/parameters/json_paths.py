"""Fields of JSON values as templates write them."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

MOST_DEPTH = 6
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def walked(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every field below a value as a template writes it, with what it holds."""
    if not isinstance(value, dict) or depth == MOST_DEPTH:
        return
    for key, inner in value.items():
        below = member(path, key)
        yield below, inner
        yield from walked(below, inner, depth + 1)


def member(path: str, key: str) -> str:
    """`path.key`, or `path["a key"]` where it is no name."""
    if _IDENTIFIER.fullmatch(key):
        return f"{path}.{key}"
    return f"{path}[{msgspec.json.encode(key).decode()}]"


def example(value: Any) -> str:
    """A value in at most 60 characters."""
    if isinstance(value, dict | list):
        return f"{'object' if isinstance(value, dict) else 'list'} of {len(value)}"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:59]}…"


def decoded(payload: str) -> Any:
    """The JSON value; None where it cannot be read."""
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return None
