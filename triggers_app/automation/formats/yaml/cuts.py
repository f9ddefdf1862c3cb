"""Cuts in a text, made all at once, and what is needed to know of its lines."""

from collections.abc import Sequence

from triggers_app.automation.formats.yaml.tree import Untraceable


class Cutting:
    """A text and the cuts in it: from an offset to an offset, and what comes there instead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._cuts: list[tuple[int, int, int, str]] = []

    def outcome(self) -> str:
        pieces, at = [], 0
        for start, end, _, put in sorted(self._cuts):
            if start < at:
                raise Untraceable("changes that overlap")
            pieces += [self._text[at:start], put]
            at = end
        return "".join([*pieces, self._text[at:]])

    def _cut(self, start: int, end: int, put: str) -> None:
        if start < end or put:
            self._cuts.append((start, end, len(self._cuts), put))

    def _insert_below(self, end: int, lines: Sequence[str], column: int) -> None:
        at = self._line_end(end)
        self._cut(at, at, "".join(self._newline + indented(line, column) for line in lines))

    def _insert_above(self, start: int, lines: Sequence[str], column: int) -> None:
        at = self._line_start(start)
        if self._text[at:start].strip():  # the first key stands behind a dash
            joined = (self._newline + " " * column).join(lines)
            self._cut(start, start, joined + self._newline + " " * column)
        else:
            self._cut(at, at, "".join(indented(line, column) + self._newline for line in lines))

    def _with_comments_above(self, start: int) -> int:
        """The start of the comment lines right above this line; a text's first ones are its own."""
        at = start
        while at:
            above = self._line_start(at - 1)
            if not self._text[above:at].lstrip().startswith("#"):
                return at
            at = above
        return start

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        end = len(self._text) if end < 0 else end
        return end - 1 if end > at and self._text[end - 1] == "\r" else end

    def _next_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1


def indented(line: str, column: int) -> str:
    return " " * column + line if line else line
