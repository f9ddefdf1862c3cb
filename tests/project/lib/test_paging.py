from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.http import Http404
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from project.lib.paging import NameKey, TimeKey, cursor_of, page_of

ID = UUID("5f3e6c1e-0a54-4a35-9f0b-7d1f1c3f6a10")
moments = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(moment=moments, id=st.uuids())
def test_time_key_reads_what_it_writes(moment: datetime, id: UUID) -> None:
    assert TimeKey.parse(str(TimeKey(moment, id))) == (moment, id)


@given(name=names, id=st.uuids())
def test_name_key_reads_what_it_writes(name: str, id: UUID) -> None:
    assert NameKey.parse(str(NameKey(name, id))) == (name, id)


@given(text=st.text(min_size=1))
@pytest.mark.parametrize("parse", [TimeKey.parse, NameKey.parse])
def test_what_is_no_cursor_is_not_found(parse: object, text: str) -> None:
    request = RequestFactory().get("/", {"after": text.encode(errors="replace")})

    try:
        assert cursor_of(request, parse) is not None  # type: ignore[arg-type]
    except Http404:
        return


def test_page_holds_its_size_and_names_the_next() -> None:
    page = page_of([1, 2, 3], size=2, key=lambda row: row)

    assert (list(page.rows), page.next, page.first) == ([1, 2], "2", True)


def test_last_page_has_no_next() -> None:
    assert page_of([1, 2], size=2, key=lambda row: row).next is None


def test_what_is_seen_changes_with_rows_and_with_their_state() -> None:
    shown = [
        page_of(rows, size=2, key=lambda row: row[0], state=lambda row: row[1]).seen
        for rows in ([], [("a", 1)], [("a", 2)], [("b", 2)], [("a", 1)])
    ]

    assert len(set(shown)) == 4
    assert shown[1] == shown[4]
