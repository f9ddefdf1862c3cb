"""Pages by key: a cursor names the last row seen, so a page costs the same everywhere."""

import hashlib
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


class NameKey(NamedTuple):
    """A row's place in a list ordered by name, then id."""

    name: str
    id: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        hexadecimal, _, name = text.partition("-")
        return cls(storable(name), UUID(hex=hexadecimal))

    def __str__(self) -> str:
        return f"{self.id.hex}-{self.name}"


def storable(text: str) -> str:
    """The text. Raises ValueError when PostgreSQL could not compare with it."""
    if "\0" in text:
        raise ValueError("A text cannot hold NUL.")
    return text


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in their order; `next` is the cursor of the page after this one.

    `seen` stands for what is shown: a live region sends it and gets 204 while it is the same.
    """

    rows: Sequence[Row]
    seen: str
    next: str | None
    first: bool = True


def page_of(
    rows: Sequence[Row],
    *,
    size: int,
    key: Callable[[Row], object],
    state: Callable[[Row], object] | None = None,
    first: bool = True,
) -> Page[Row]:
    """Cut a page out of rows that were read with `size + 1` as their limit.

    `state` is what may change of a row while it is shown, besides its coming and going.
    """
    page_rows = rows[:size]
    return Page(
        rows=page_rows,
        seen=fingerprint([(key(row), state(row) if state else None) for row in page_rows]),
        next=str(key(page_rows[-1])) if len(rows) > size else None,
        first=first,
    )


def fingerprint(content: object) -> str:
    return hashlib.blake2b(repr(content).encode(errors="replace"), digest_size=8).hexdigest()


def cursor_of(
    request: HttpRequest, parse: Callable[[str], Cursor], name: str = "after"
) -> Cursor | None:
    """The cursor in the address, or None. One that cannot be read is a page that is not there."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return parse(text)
    except (ValueError, OverflowError, TypeError) as error:
        raise Http404("This page of the list does not exist.") from error
