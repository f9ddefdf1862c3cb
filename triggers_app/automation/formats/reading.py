"""What every codec gives back: documents with the places of their parts, or what is wrong."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from project.lib.json_documents import Document
from project.lib.problems import Loc
from triggers_app.automation.formats.loss import Loss

MAX_TEXT = 256 * 1024
"""Characters; more is not an automation somebody writes by hand."""
MAX_VALUES = 30_000
"""Keys and values in one text, counting what aliases and names stand for: 1 s of CPU."""


@dataclass(frozen=True, slots=True, order=True)
class TextSpan:
    """Lines and columns count from 1, in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = TextSpan(1, 1, 1, 1)
_NAMED = re.compile("`([^`]+)`")


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class TextFix:
    """Put `text` in the place of what stands at `span`."""

    title: str
    span: TextSpan
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something to say about a text. `loc` is the path in the document, where it has one.

    An error means that the document cannot be taken as it is, or that no document was found.
    """

    span: TextSpan
    code: str
    message: str
    severity: Severity = Severity.ERROR
    loc: Loc | None = None
    fix: TextFix | None = None

    @property
    def line(self) -> int:
        return self.span.line

    @property
    def column(self) -> int:
        return self.span.column

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a document stand in its text, by their paths."""

    values: dict[Loc, TextSpan] = field(default_factory=dict)
    keys: dict[Loc, TextSpan] = field(default_factory=dict)

    def of(self, loc: Loc) -> TextSpan:
        """The value at `loc`; of what is missing, the key of the innermost part that stands."""
        if loc in self.values:
            return self.values[loc]
        for end in range(len(loc), 0, -1):
            for spans in (self.keys, self.values):
                if loc[:end] in spans:
                    return spans[loc[:end]]
        whole = self.values.get((), START)
        return TextSpan(whole.line, whole.column, whole.line, whole.column)

    def concerned(self, loc: Loc, message: str) -> TextSpan:
        """The one word to mark for a problem of `loc`: never all the lines of a large part.

        The key that the message begins with, where the part has it; the value, where it stands in
        one line; else its key, or the first key in it.
        """
        named = _NAMED.match(message)
        if named and (*loc, named[1]) in self.keys:
            return self.keys[(*loc, named[1])]
        whole = self.of(loc)
        if whole.line == whole.end_line:
            return whole
        stands = (loc[:end] for end in range(len(loc), -1, -1))
        part = next((place for place in stands if place in self.values), ())
        inner = (span for key, span in self.keys.items() if key[:-1] == part)
        first = min(inner, key=lambda span: (span.line, span.column), default=None)
        own = self.keys.get(part) or first
        return own or TextSpan(whole.line, whole.column, whole.line, whole.column + 1)

    def below(self, base: Loc) -> "Places":
        """The places of the part at `base`, as of a document of its own."""
        return self.split([base])[base]

    def split(self, bases: Iterable[Loc]) -> "dict[Loc, Places]":
        """The places of several parts, each as of a document of its own; in one pass."""
        parts = {base: Places() for base in bases}
        sizes = sorted({len(base) for base in parts})
        for spans, kind in ((self.values, "values"), (self.keys, "keys")):
            for loc, span in spans.items():
                for size in sizes:
                    if (part := parts.get(loc[:size])) is not None and len(loc) >= size:
                        getattr(part, kind)[loc[size:]] = span
        return parts


@dataclass(frozen=True, slots=True)
class Reference:
    """Something the text names and the document needs by its id: `loc` is where it goes.

    `text` is how it is written; `name` and `flow_name` are what is known of the object.
    """

    loc: Loc
    kind: str
    text: str
    name: str | None = None
    flow_name: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedAutomation:
    """One automation in a text. `label` is how the text itself calls it."""

    document: Document
    places: Places = field(default_factory=Places)
    label: str = ""
    references: Sequence[Reference] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A document is there whenever the text has one, even if it is not a valid automation."""

    automations: Sequence[ParsedAutomation] = ()
    losses: Sequence[Loss] = ()
    diagnostics: Sequence[Diagnostic] = ()

    @property
    def document(self) -> Document | None:
        """The first document."""
        return self.automations[0].document if self.automations else None

    @property
    def errors(self) -> list[Diagnostic]:
        return [each for each in self.diagnostics if each.severity is Severity.ERROR]


@dataclass(frozen=True, slots=True)
class Writing:
    """`losses` say what of the document the text does not say, or its reader will not heed."""

    text: str
    losses: Sequence[Loss] = ()


class Lines:
    """Positions in a text as lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *_line_starts(text)]
        self._size = len(text)

    def span(self, start: int, end: int) -> TextSpan:
        return TextSpan(*self.place(start), *self.place(max(start, end)))

    def place(self, position: int) -> tuple[int, int]:
        position = min(max(position, 0), self._size)
        line = bisect_right(self._starts, position)
        return line, position - self._starts[line - 1] + 1


def _line_starts(text: str) -> Iterator[int]:
    at = text.find("\n")
    while at >= 0:
        yield at + 1
        at = text.find("\n", at + 1)


def refused(message: str, *, code: str = "syntax", span: TextSpan = START) -> Reading:
    """A reading without a document, and why."""
    return Reading(diagnostics=[Diagnostic(span, code, message)])


def too_large(text: str) -> Reading | None:
    if len(text) <= MAX_TEXT:
        return None
    return refused(f"The text has more than {MAX_TEXT:,} characters.", code="too_large")


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(diagnostics, key=lambda each: (each.span, each.message))
