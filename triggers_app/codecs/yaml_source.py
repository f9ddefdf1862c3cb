"""YAML and JSON files as plain values that remember the line of everything in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from project.lib.problems import Problem

MAX_NODES = 100_000
MAX_DEPTH = 64
Loc = tuple[str | int, ...]


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
class Source:
    """`value` is made of plain JSON values; `name` is how the file is called in messages."""

    name: str
    value: Any
    node: Any = None

    def line(self, loc: Loc) -> int | None:
        """The line (from 1) of the innermost part of `loc` that stands in the file."""
        node, line = self.node, _line_of(self.node)
        for part in loc:
            line = _line_of_part(node, part) or line
            try:
                node = node[part]
            except (LookupError, TypeError):
                break
        return line

    def located(self, problems: Sequence[Problem]) -> list[Located]:
        return [Located(self.name, self.line(problem.loc), problem) for problem in problems]


def read_yaml(text: str, *, name: str) -> Source:
    """Read one YAML (or JSON) document. Raises InvalidSource with the line of the mistake."""
    reader = YAML(typ="rt")
    reader.composer.warn_double_anchors = False  # YAML allows them: the later one counts
    try:
        node = reader.load(StringIO(text))
        return Source(name, _Plain().of(node, 0), node)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(str(error.problem or error.context).split())
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise _invalid(name, line, f"This is not YAML: {message}.", column) from None
    except (YAMLError, _Unplain, RecursionError, ValueError) as error:
        raise _invalid(name, None, str(error).splitlines()[0]) from None
    except (TypeError, LookupError, AttributeError) as error:
        # ruamel trips over some keys, such as maps within flow sequences.
        raise _invalid(name, None, f"This is not YAML: {error}.") from None


def _invalid(name: str, line: int | None, message: str, column: int | None = None) -> InvalidSource:
    return InvalidSource([Located(name, line, Problem((), message, "yaml_invalid"), column)])


class _Unplain(Exception):
    pass


class _Plain:
    """Turns ruamel's nodes into plain values; aliases may not make much out of little."""

    def __init__(self) -> None:
        self._nodes = 0

    def of(self, node: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Unplain(f"The file holds more than {MAX_NODES:,} values.")
        if depth > MAX_DEPTH:
            raise _Unplain(f"The file is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(node, Mapping):
            return {str(key): self.of(value, depth + 1) for key, value in node.items()}
        if isinstance(node, list | tuple | set):
            return [self.of(value, depth + 1) for value in node]
        if isinstance(node, bool) or node is None:
            return node
        for kind in (int, float, str):
            if isinstance(node, kind):
                return kind(node)
        if isinstance(node, date | datetime):
            return node.isoformat()
        if isinstance(getattr(node, "value", None), str):
            return node.value  # a scalar with a tag of its own
        return str(node)


def _line_of(node: Any) -> int | None:
    line = getattr(getattr(node, "lc", None), "line", None)
    return None if line is None else line + 1


def _line_of_part(node: Any, part: str | int) -> int | None:
    """The line of a key or member; None where it came from a merged map."""
    if not isinstance(node, CommentedMap | CommentedSeq):
        return None
    place = (node.lc.data or {}).get(part)
    return None if place is None else place[0] + 1
