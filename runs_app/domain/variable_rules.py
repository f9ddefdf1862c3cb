"""What a variable may be called and hold. Pure.

Source: variables of Prefect 3.9.1.
"""

from typing import Any

import msgspec

NAME_PATTERN = "^[a-z0-9_-]+$"
MAX_NAME_CHARACTERS = 255
MAX_VALUE_CHARACTERS = 5000


def value_problem(value: Any) -> str | None:
    if len(msgspec.json.encode(value).decode()) > MAX_VALUE_CHARACTERS:
        return f"A value has at most {MAX_VALUE_CHARACTERS:,} characters, as JSON."
    return None


def value_of(text: str) -> Any:
    """What somebody has typed: JSON where it is, else a text."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
