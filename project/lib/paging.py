"""Pages by key: a cursor names the last row seen, so a page costs the same everywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, Self, TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest

Row = TypeVar("Row")
Cursor = TypeVar("Cursor")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeKey(NamedTuple):
    """A row's place in a list ordered by time, then id."""

    moment: datetime
    id: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError or OverflowError for anything but what `str` gives."""
        microseconds, _, hexadecimal = text.partition("-")
        if not microseconds.isascii() or not microseconds.isdecimal():
            raise ValueError("A cursor begins with microseconds.")
        return cls(_EPOCH + timedelta(microseconds=int(microseconds)), UUID(hex=hexadecimal))

    def __str__(self) -> str:
        microseconds = (self.moment - _EPOCH) // timedelta(microseconds=1)
        return f"{microseconds}-{self.id.hex}"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, newest first. `newest` is what a live region has seen; `older` the next cursor."""

    rows: Sequence[Row]
    newest: str
    older: str | None
    first: bool


def page_of(
    rows: Sequence[Row], *, size: int, key: Callable[[Row], object], first: bool
) -> Page[Row]:
    """Cut a page out of rows that were read with `size + 1` as their limit."""
    shown = rows[:size]
    return Page(
        rows=shown,
        newest=str(key(shown[0])) if shown else "none",
        older=str(key(shown[-1])) if len(rows) > size else None,
        first=first,
    )


def cursor_of(
    request: HttpRequest, parse: Callable[[str], Cursor], name: str = "before"
) -> Cursor | None:
    """The cursor in the address, or None. One that cannot be read is a page that is not there."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return parse(text)
    except (ValueError, OverflowError, TypeError) as error:
        raise Http404("This page of the list does not exist.") from error
