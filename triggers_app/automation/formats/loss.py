"""What a format cannot say, told in a sentence before it is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from project.lib.problems import Loc


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


def of_flint(document: Mapping[str, Any]) -> list[Loss]:
    """What Flint alone knows: a ceiling, and the shadow, without which it would act."""
    options = document.get("flint")
    if not isinstance(options, Mapping):
        return []
    known = {
        "shadow": "Shadow mode is lost: it would act.",
        "max_actions_per_minute": "The ceiling of actions per minute is lost.",
        "tests": "The tests that are kept with it are lost.",
    }
    said = [
        (key, message)
        for key, message in known.items()
        if options.get(key) not in (None, False, [])
    ]
    return [Loss(("flint", key), message) for key, message in said]
