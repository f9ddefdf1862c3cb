"""Which item of a changed list was which before."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers_app.automation.editing.matching import ID, matched, members_matched

MEMBERS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["event", "metric"]), "threshold": st.integers(0, 2)},
        optional={"name": st.sampled_from("ab")},
    ),
    max_size=5,
)


@given(before=MEMBERS, after=MEMBERS)
def test_no_item_is_two_and_equal_ones_are_matched_first(
    before: list[Any], after: list[Any]
) -> None:
    pairs = members_matched(before, after)

    known = [index for index in pairs if index is not None]
    assert len(known) == len(set(known))
    equal = sum(min(before.count(one), after.count(one)) for one in _distinct(after))
    assert (
        sum(i is not None and before[i] == one for i, one in zip(pairs, after, strict=True))
        == equal
    )


@given(members=MEMBERS)
def test_a_list_is_itself(members: list[Any]) -> None:
    assert members_matched(members, members) == list(range(len(members)))


@pytest.mark.parametrize(
    ("before", "after", "renumbered", "pairs"),
    [
        ([{ID: "a"}, {ID: "b"}], [{ID: "b"}, {ID: "a"}], False, [1, 0]),
        ([{ID: "a", "x": 1}], [{ID: "b", "x": 1}], False, [0]),
        ([{ID: "a", "x": 1}], [{ID: "b", "x": 2}], False, [None]),
        ([{ID: "a", "x": 1}], [{ID: "b", "x": 2}], True, [0]),
        ([{ID: ["odd"]}], [{ID: ["odd"], "x": 1}], False, [0]),
        (["a", "b"], ["b", 1], False, [1, None]),
        ([1.0], [1], False, [0]),
    ],
    ids=["by id", "by meaning", "new", "by kind", "an odd id", "texts", "numbers"],
)
def test_members_are_matched_by_id_then_meaning_then_kind(
    before: list[Any], after: list[Any], renumbered: bool, pairs: list[int | None]
) -> None:
    assert members_matched(before, after, renumbered=renumbered) == pairs


def test_a_key_that_is_none_matches_nothing() -> None:
    def odd(number: int) -> int | None:
        return number if number % 2 else None

    assert matched([1, 2], [2, 1], [(odd, odd)]) == [None, 0]


def _distinct(items: list[Any]) -> list[Any]:
    return [one for at, one in enumerate(items) if one not in items[:at]]
