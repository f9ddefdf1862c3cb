"""What a format cannot say, told in a sentence before it is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """`loc` is the path in the automation's document; the message is a sentence."""

    loc: Loc
    message: str

    def __str__(self) -> str:
        return self.message


def unless_empty(document: Mapping[str, Any], key: str, message: str) -> list[Loss]:
    """A loss when the document says something at this key; empty values say nothing."""
    return [Loss((key,), message)] if document.get(key) else []
