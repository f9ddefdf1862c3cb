"""The data of a table artifact, as rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 500
MOST_COLUMNS = 50


@dataclass(frozen=True, slots=True)
class Table:
    """`total` counts all rows; those beyond the first 500 are left out."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    total: int


def table_of(data: Any) -> Table | None:
    """A list of objects or of lists, or an object of columns; also as text. None otherwise."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError:
            return None
    if isinstance(data, dict) and data and all(isinstance(each, list) for each in data.values()):
        return _of_columns(data)
    if not isinstance(data, list) or not data:
        return None
    if all(isinstance(row, dict) for row in data):
        names = list(dict.fromkeys(str(name) for row in data[:MOST_ROWS] for name in row))
        columns = names[:MOST_COLUMNS]
        rows = [[row.get(name) for name in columns] for row in data[:MOST_ROWS]]
        return Table(columns, rows, len(data))
    if all(isinstance(row, list) for row in data):
        width = min(max(map(len, data)), MOST_COLUMNS)
        rows = [[*row[:width], *[None] * (width - len(row))] for row in data[:MOST_ROWS]]
        return Table([str(number) for number in range(1, width + 1)], rows, len(data))
    return None


def _of_columns(data: dict[str, list[Any]]) -> Table:
    columns = list(data)[:MOST_COLUMNS]
    total = max(len(column) for column in data.values())
    rows = [
        [data[name][number] if number < len(data[name]) else None for name in columns]
        for number in range(min(total, MOST_ROWS))
    ]
    return Table(columns, rows, total)
