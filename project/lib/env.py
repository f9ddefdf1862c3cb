"""Typed readers of environment variables; a value that cannot be read stops the start."""

import os
from datetime import timedelta
from pathlib import Path

from project.lib.durations import parse_duration


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def integer(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {value!r}.") from None


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    known = {"1": True, "true": True, "on": True, "yes": True}
    known |= {"0": False, "false": False, "off": False, "no": False}
    if value.lower() not in known:
        raise ValueError(f"{name} must be true or false, not {value!r}.")
    return known[value.lower()]


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def duration(name: str, default: str) -> timedelta:
    """A duration such as `30d`, `12h`, `PT1H` or a number of seconds."""
    value = text(name) or default
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def secret(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `NAME_FILE` points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return text(name, default)
