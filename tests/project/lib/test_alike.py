"""What "did you mean" proposes."""

import pytest

from project.lib.alike import most_alike


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("orders.file.landet", ["orders.file.lost", "orders.file.landed"], "orders.file.landed"),
        ("b", ["ab", "bc"], "ab"),
        ("orders", ["stock", "shops"], None),
        ("orders", [], None),
        ("", ["", "a"], ""),
    ],
    ids=["a slip", "first of equals", "nothing like it", "nothing known", "no text"],
)
def test_most_alike_is_that_which_agrees_in_most(
    text: str, known: list[str], expected: str | None
) -> None:
    assert most_alike(text, iter(known), least=0.6) == expected


def test_names_are_compared_and_not_their_counts() -> None:
    assert most_alike("orders", {"order": 3, "3": 1}, least=0.6) == "order"
