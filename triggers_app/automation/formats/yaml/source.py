"""YAML and JSON files as plain values that remember the line of everything in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from project.lib.problems import Loc, Problem
from triggers_app.automation.formats.yaml.events import MAX_NODES, Unreadable, YamlEvent, events_of
from triggers_app.automation.formats.yaml.values import values_of


@dataclass(frozen=True, slots=True)
class Located:
    """A problem with its file and line, as editors understand it."""

    source: str
    line: int | None
    problem: Problem
    column: int | None = None

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.problem}"


class InvalidSource(Exception):
    """Everything that is wrong with one or several files."""

    def __init__(self, problems: Sequence[Located]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class YamlSource:
    """`value` is made of plain JSON values; `name` is how the file is called in messages.

    `events` are those of the text, for who follows its characters.
    """

    name: str
    value: Any
    lines: Mapping[Loc, int] = field(default_factory=dict)
    events: Sequence[YamlEvent] = ()

    def line(self, loc: Loc) -> int | None:
        """The line (from 1) of the innermost part of `loc` that stands in the file."""
        ends = range(len(loc), -1, -1)
        return next((self.lines[loc[:end]] for end in ends if loc[:end] in self.lines), None)

    def located(self, problems: Sequence[Problem]) -> list[Located]:
        return [Located(self.name, self.line(problem.loc), problem) for problem in problems]


def read_yaml(text: str, *, name: str, most: int = MAX_NODES) -> YamlSource:
    """Read one YAML (or JSON) document of at most that many keys and values.

    Raises InvalidSource with the line of the mistake.
    """
    try:
        events = events_of(text, most=most)
        values = values_of(events)
    except Unreadable as error:
        raise _invalid(name, error.line, str(error), error.column) from None
    except RecursionError:
        raise _invalid(name, None, "This is nested too deeply.") from None
    return YamlSource(name, values.value, values.lines, events)


def _invalid(name: str, line: int | None, message: str, column: int | None = None) -> InvalidSource:
    return InvalidSource([Located(name, line, Problem((), message, "yaml_invalid"), column)])
