"""The `filter` message of a subscriber."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from events_app.domain.event import from_ms
from events_app.domain.filters import EventFilter
from events_app.domain.subscribing import Unacceptable, history_start, parse_filter
from tests.events_app.menagerie import NOON


def message(**content: Any) -> str:
    return json.dumps({"type": "filter", **content})


def test_a_filter_is_read_with_history_unless_it_is_declined() -> None:
    asked = parse_filter(message(filter={"event": {"name": ["a"]}}), EventFilter)

    assert (asked.filter.names, asked.backfill) == (frozenset({"a"}), True)
    assert not parse_filter(message(filter={}, backfill=False), EventFilter).backfill
    assert parse_filter(message(filter=None, backfill=None), EventFilter).backfill


def test_names_are_only_those_that_are_listed() -> None:
    assert (
        parse_filter(message(filter={"event": {"prefix": ["a"]}}), EventFilter).filter.names is None
    )
    assert parse_filter(message(filter={"event": {"name": []}}), EventFilter).filter.names is None


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"type":"auth"}', "[" * 100_000])
def test_anything_else_is_no_filter(text: str | None) -> None:
    with pytest.raises(Unacceptable, match="Expected 'filter' message"):
        parse_filter(text, EventFilter)


@pytest.mark.parametrize(
    ("filter", "reason"),
    [
        ({"bogus": 1}, "Invalid filter: bogus: Extra inputs are not permitted"),
        ({"event": {"name": 1}}, "Invalid filter: event.name: Input should be a valid list"),
        ({"é" * 200: 1}, "Invalid filter: é"),
        (5, "Invalid filter: filter: "),
    ],
)
def test_what_is_wrong_with_a_filter_fits_into_a_close_frame(filter: Any, reason: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        parse_filter(message(filter=filter), EventFilter)

    assert str(caught.value).startswith(reason)
    assert len(str(caught.value).encode()) <= 123


@pytest.mark.parametrize(
    ("since", "minutes"),
    [
        (None, 16),
        (NOON - timedelta(minutes=1), 2),
        (NOON - timedelta(days=1), 16),
        (NOON + timedelta(days=1), 1),
    ],
)
def test_history_reaches_a_quarter_of_an_hour_back(since: datetime | None, minutes: int) -> None:
    start = history_start(since, now=NOON)

    assert from_ms(start.ms) == NOON - timedelta(minutes=minutes)
    assert start.frame_index == -1
