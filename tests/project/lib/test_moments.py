from datetime import UTC, datetime, timedelta, timezone

import pytest

from project.lib import moments

NOW = datetime(2026, 11, 21, 4, 12, 9, 412_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"), (4.9, "just now"), (-4.9, "just now"), (5, "5 s ago"), (59.9, "59 s ago"),
        (60, "1 min ago"), (3599, "59 min ago"), (3600, "1 h ago"), (86_400, "1 d ago"),
        (30 * 86_400, "2026-10-22"), (-90, "in 1 min"), (-40 * 86_400, "2026-12-31"),
    ],
)  # fmt: skip
def test_times_are_told_relative_to_now(seconds: float, text: str) -> None:
    assert moments.relative(NOW - timedelta(seconds=seconds), now=NOW) == text


def test_absolute_times_are_in_utc() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))

    assert moments.absolute(tokyo) == "Sat 2026-11-21 04:12:09.412 UTC"
    assert moments.clock(tokyo) == "04:12:09.412"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.04, "40 ms"), (0.711, "0.7 s"), (3.38, "3.4 s"), (59, "59 s"), (59.97, "1 min"),
     (60, "1 min"), (3900, "1 h 5 min"),
     (90_061, "1 d 1 h"), (1800, "30 min")],
)  # fmt: skip
def test_lengths_are_told_in_their_two_largest_units(seconds: float, text: str) -> None:
    assert moments.in_words(timedelta(seconds=seconds)) == text
