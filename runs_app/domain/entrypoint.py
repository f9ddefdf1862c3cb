"""Entrypoints: which function of which file a deployment runs. Pure."""

from dataclasses import dataclass
from pathlib import PurePosixPath

EXAMPLE = "flows/orders.py:process_order"


class BadEntrypoint(ValueError):
    """An entrypoint that cannot be executed; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Entrypoint:
    """`path` is relative to the flow's root, or absolute; `function` may be `Class.method`."""

    path: PurePosixPath
    function: str

    @classmethod
    def parse(cls, text: str | None) -> "Entrypoint":
        """Read `path/to/flow.py:function`. Raises BadEntrypoint."""
        if not text:
            raise BadEntrypoint(f"The deployment has no entrypoint; write {EXAMPLE}.")
        path, colon, function = text.rpartition(":")
        if not colon or not path.endswith(".py") or "\0" in path:
            raise BadEntrypoint(f"The entrypoint {text!r} names no file; write {EXAMPLE}.")
        parts = function.split(".")
        if len(parts) > 2 or not all(part.isidentifier() for part in parts):
            raise BadEntrypoint(f"The entrypoint {text!r} names no function; write {EXAMPLE}.")
        return cls(PurePosixPath(path), function)
