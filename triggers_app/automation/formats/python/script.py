"""The text of a Python script: where its nodes stand, and how much of it may still be read."""

import ast
from itertools import accumulate

from triggers_app.automation.formats.reading import MAX_VALUES, TextSpan

_MOST_SOURCE = 200  # characters: a longer expression is shown by its beginning


class TooManyValues(Exception):
    """`span` is the place of the first that is one too many."""

    def __init__(self, span: TextSpan) -> None:
        super().__init__(f"The text holds more than {MAX_VALUES:,} values.")
        self.span = span


class Script:
    """One for all readers of a text, so that names cannot multiply what there is to read."""

    def __init__(self, text: str) -> None:
        self._rows = text.split("\n")
        self._columns: dict[int, list[int]] = {}
        self._left = MAX_VALUES

    def count(self, node: ast.expr) -> None:
        """Count one more value. Raises TooManyValues."""
        self._left -= 1
        if self._left < 0:
            raise TooManyValues(self.span(node))

    def span(self, node: ast.expr | ast.keyword) -> TextSpan:
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        start = self._column(node.lineno, node.col_offset)
        return TextSpan(node.lineno, start, end_line, self._column(end_line, end))

    def source(self, node: ast.expr) -> str:
        """How the node is written; of many lines the first."""
        place = self.span(node)
        row = self._rows[place.line - 1] if place.line <= len(self._rows) else ""
        end = place.end_column - 1 if place.end_line == place.line else len(row)
        text = row[place.column - 1 : min(end, place.column - 1 + _MOST_SOURCE)]
        return text if place.end_line == place.line else f"{text} …"

    def _column(self, line: int, offset: int) -> int:
        """Python counts bytes of UTF-8."""
        row = self._rows[line - 1] if line <= len(self._rows) else ""
        if row.isascii():
            return min(offset, len(row)) + 1
        if line not in self._columns:
            self._columns[line] = _columns_of(row)
        columns = self._columns[line]
        return columns[min(offset, len(columns) - 1)]


def _columns_of(row: str) -> list[int]:
    """The column of each byte of the row, and of its end."""
    sizes = [len(char.encode(errors="replace")) for char in row]
    starts = [0, *accumulate(sizes)]
    columns = [0] * (starts[-1] + 1)
    for column, start in enumerate(starts, 1):
        columns[start] = column
    for offset in range(1, len(columns)):
        columns[offset] = columns[offset] or columns[offset - 1]
    return columns


def last_name(node: ast.expr) -> str:
    """`serve` of `flow.serve`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
