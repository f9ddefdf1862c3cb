"""Patterns of names, values of labels, specifications of resources."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.domain.matching import (
    NamePatterns,
    compile_specification,
    compile_values,
    literal_values,
    prefixes_of,
)


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.b", "A.b", False),
        ("a.*", "a.b.c", True),
        ("a.*", "a.", False),
        ("a.*.z", "a.b.c.z", True),
        ("a.*.z", "a..z", False),
        ("*", "a", True),
        ("*", "", False),
        ("**", "a", False),
        ("**", "ab", True),
        ("*a*a*", "xaxax", True),
        ("*a*a*", "xaax", False),
        ("a*a", "a", False),
        ("a*", "b", False),
        ("a?", "ab", False),
        ("[ab]", "a", False),
        ("a[b", "a[b", True),
        ("!a", "b", False),
        ("!a", "!a", True),
        ("!a*", "!ab", True),
        ("a?", "a?", True),
        ("w?t.*", "w?t.x", True),
        ("w?t.*", "wat.x", False),
        ("[ab]", "[ab]", False),
    ],
)
def test_star_in_a_name_is_one_or_more_characters(pattern: str, name: str, matches: bool) -> None:
    assert NamePatterns([pattern]).match(name) is matches


def test_no_pattern_means_every_name() -> None:
    assert NamePatterns([]).match("anything")


def test_name_with_many_stars_is_decided_at_once() -> None:
    assert not NamePatterns(["*a" * 30 + "b"]).match("a" * 1024)


@pytest.mark.parametrize(
    ("values", "text", "matches"),
    [
        ("north", "north", True),
        ("north", "North", False),
        ("n*", "n", True),
        ("n?rth", "north", True),
        ("[ab]1", "b1", True),
        ("[z-a]", "b", False),
        ("*", "", True),
        ("!north", "south", True),
        ("!north", "north", False),
        ("!n*", "north", False),
        ("!!a", "!a", False),
        ("!!a", "a", True),
        ("!", "", False),
        (["a", "b"], "b", True),
        (["!a", "!b"], "a", True),
        (["a", "n*"], "north", True),
        ([], "a", False),
    ],
)
def test_values_of_labels_are_globs(values: str | list[str], text: str, matches: bool) -> None:
    assert compile_values(values)(text) is matches


@given(st.text("ab*?[]!-", max_size=6), st.text("ab*?[]!-", max_size=6))
def test_values_agree_with_fnmatch(value: str, text: str) -> None:
    negated = value.startswith("!")

    assert compile_values(value)(text) is (fnmatchcase(text, value[negated:]) is not negated)


def test_every_label_must_be_there_and_match() -> None:
    accepts = compile_specification({"site": "n*", "tier": "!tin"})

    assert accepts is not None
    assert accepts({"site": "north", "tier": "gold"})
    assert not accepts({"site": "north"})
    assert not accepts({"site": "south", "tier": "gold"})


def test_single_label_must_be_there_and_match() -> None:
    accepts = compile_specification({"site": "n*"})

    assert accepts is not None
    assert [accepts(labels) for labels in ({"site": "n"}, {"site": "s"}, {})] == [
        True,
        False,
        False,
    ]


def test_prefixes_are_what_names_begin_with() -> None:
    assert NamePatterns(["a.*", "b.c", "*.d"]).prefixes == ["a.", ""]


def test_nothing_asked_is_no_test() -> None:
    assert compile_specification({}) is None


@pytest.mark.parametrize(
    ("values", "literals", "prefixes"),
    [
        ("a", ["a"], ["a"]),
        (["a", "b", "a"], ["a", "b"], ["a", "b", "a"]),
        (["a", "b*"], None, ["a", "b"]),
        ("*", None, None),
        ("!a", None, None),
        ([], [], None),
        (None, None, None),
    ],
)
def test_what_an_index_can_look_up(
    values: str | list[str] | None, literals: list[str] | None, prefixes: list[str] | None
) -> None:
    assert literal_values(values) == literals
    assert prefixes_of(values) == prefixes
