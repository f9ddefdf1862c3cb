"""What is wrong with input: located, collected, told in sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_TOLD = 100
"""Of the problems of one document; more of them help nobody."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `loc` is the path from the root of the document."""

    loc: tuple[str | int, ...]
    msg: str
    type: str = "value_error"

    @property
    def path(self) -> str:
        """`loc` as people read it: `trigger.triggers[0].within`."""
        text = ""
        for part in self.loc:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += f".{part}" if text else part
        return text

    def __str__(self) -> str:
        return f"{self.path}: {self.msg}" if self.loc else self.msg


class Invalid(Exception):
    """Input that cannot be accepted, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = list(problems)


def crowded_place(document: object, most: int) -> tuple[str | int, ...] | None:
    """The first container, the outer ones first, with which there are more values than that.

    None when there are not; keys do not count.
    """
    count = 1
    waiting: list[tuple[object, tuple[str | int, ...]]] = [(document, ())]
    for node, loc in waiting:
        if not isinstance(node, dict | list):
            continue
        count += len(node)
        if count > most:
            return loc
        parts = node.items() if isinstance(node, dict) else enumerate(node)
        waiting += [(value, (*loc, k)) for k, value in parts if isinstance(value, dict | list)]
    return None
