"""What is wrong with input: located, collected, told in sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

Loc = tuple[str | int, ...]
"""The path from the root of a document: keys, and indexes of lists."""
MAX_PROBLEMS = 100
"""Of the problems of one document; more of them help nobody."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `loc` is the path from the root of the document."""

    loc: Loc
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

    def at(self, loc: Loc) -> "Problem":
        """The same at another place."""
        return replace(self, loc=loc)

    def below(self, loc: Loc) -> "Problem":
        """The same in a document that holds this one at `loc`."""
        return self.at((*loc, *self.loc))

    def __str__(self) -> str:
        return f"{self.path}: {self.msg}" if self.loc else self.msg


class Invalid(Exception):
    """Input that cannot be accepted, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = list(problems)

    def below(self, loc: Loc) -> "Invalid":
        """The same of a document that holds the refused one at `loc`."""
        return Invalid([problem.below(loc) for problem in self.problems])


def crowded_place(document: object, most: int) -> Loc | None:
    """The first container, the outer ones first, with which there are more values than that.

    None when there are not; keys do not count.
    """
    count = 1
    waiting: list[tuple[object, Loc]] = [(document, ())]
    for node, loc in waiting:
        if not isinstance(node, dict | list):
            continue
        count += len(node)
        if count > most:
            return loc
        parts = node.items() if isinstance(node, dict) else enumerate(node)
        waiting += [(value, (*loc, k)) for k, value in parts if isinstance(value, dict | list)]
    return None
