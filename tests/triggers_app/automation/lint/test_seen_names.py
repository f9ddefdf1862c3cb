"""The names of recorded events, as rules ask about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.domain.matching import NamePatterns
from triggers_app.automation.lint import seen_names
from triggers_app.automation.lint.seen_names import SeenNames

SEEN = SeenNames({"order.paid": 9, "order.made": 9, "stock.low": 3, "order.file.landed": 1})
NAMES = st.text("ab.", min_size=1, max_size=4)
PATTERNS = st.lists(st.text("ab.*", min_size=1, max_size=3), max_size=3)


def test_the_most_frequent_come_first() -> None:
    assert SEEN.matching(["order.*"], most=2) == ["order.paid", "order.made"]
    assert SEEN.matching(["stock.low", "order.made", "gone"], most=9) == ["order.made", "stock.low"]
    assert SEEN.matching([], most=1) == ["order.paid"]


@given(counts=st.dictionaries(NAMES, st.integers(1, 9)), patterns=PATTERNS)
def test_matching_names_are_those_that_the_engine_selects(
    counts: dict[str, int], patterns: list[str]
) -> None:
    selects = NamePatterns(patterns).match

    matching = SeenNames(counts).matching(patterns, most=1_000)

    assert set(matching) == set(filter(selects, counts))
    assert len(matching) == len(set(matching))


def test_nearest_is_a_name_for_a_name_and_a_pattern_for_a_pattern() -> None:
    assert SEEN.nearest("order.payed") == "order.paid"
    assert SEEN.nearest("order.fil.*") == "order.file.*"
    assert SEEN.nearest("prefect.flow-run.Compleeted") == "prefect.flow-run.Completed"
    assert SEEN.nearest("zzz") is None


def test_the_same_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = SeenNames({"order.paid": 9})
    first = names.nearest("order.payed"), names.matching(["order.*"], most=1)
    monkeypatch.setattr(seen_names, "nearest", lambda *_: pytest.fail("compared again"))
    monkeypatch.setattr(seen_names, "NamePatterns", lambda *_: pytest.fail("matched again"))

    assert (names.nearest("order.payed"), names.matching(["order.*"], most=1)) == first


def test_what_it_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_names, "MOST_KEPT", 3)
    names = SeenNames({"order.paid": 9})

    for number in range(20):
        names.nearest(f"order.{number}")

    assert len(names._kept) <= 3
