"""Values as people see and type them."""

from typing import Any

import pytest

from triggers_app.automation.editing import typed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (1.5, "1.5 s"),
        (60, "1 min"),
        (90, "90 s"),
        (119.5, "119.5 s"),
        (125, "2 min 5 s"),
        (1800.0, "30 min"),
        (5400, "1 h 30 min"),
        (604800, "7 d"),
        ("PT30M", "30 min"),
        ("01:30:00", "1 h 30 min"),
        ("soon", "soon"),
        (True, "true"),
        (None, "null"),
        (-5, "-5"),
        (1e300, "1e+300"),
        (float("nan"), "NaN"),
        (1e-9, "1e-09 s"),
    ],
)
def test_durations_are_shown_in_the_words_of_people(seconds: Any, words: str) -> None:
    assert typed.duration_of(seconds) == words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 min", 1800),
        ("1 h 30 min", 5400),
        ("1h30m", 5400),
        ("1 hour and 30 minutes", 5400),
        ("2 Days, 3 hours", 183600),
        ("90", 90),
        ("1.5 s", 1.5),
        (".5 s", 0.5),
        ("250 ms", 0.25),
        ("PT5M", 300),
        ("00:10:00", 600),
        ("1w", 604800),
    ],
)
def test_durations_are_read_however_they_are_written(text: str, seconds: float) -> None:
    assert typed.read_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["3 bananas", "", "-5 min", "half an hour", "min", "9" * 40 + " d", "5 min x"]
)
def test_what_is_no_duration_is_told_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="Write a time such as 30 s"):
        typed.read_duration(text)


@pytest.mark.parametrize("text", ["x", "1.5", "", "1_000", "\u0663"])
def test_only_whole_numbers_are_whole_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        typed.read_whole(text)


@pytest.mark.parametrize("text", ["x", "nan", "inf", "1_0", ""])
def test_only_numbers_are_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="Write a number"):
        typed.read_number(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3, "3"), (3.0, "3"), (0.5, "0.5"), (1e22, "1e+22"), (True, "true"), ("x", "x"), ({}, "{}")],
    ids=["whole", "float", "half", "large", "bool", "text", "object"],
)
def test_numbers_are_shown_without_a_needless_fraction(value: Any, shown: str) -> None:
    assert typed.number_of(value) == shown


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ([], ""),
        ([""], r"\x00"),
        ([" a", "b\t"], "\\x20a\nb\\x09"),
        ([" "], r"\x20"),
        (["a\nb"], r"a\x0ab"),
        ([r"C:\new"], r"C:\new"),
        ([r"\x0a"], r"\x5cx0a"),
    ],
    ids=["none", "empty", "edges", "space", "break", "backslash", "code"],
)
def test_what_a_line_cannot_show_has_a_code(values: list[str], lines: str) -> None:
    assert typed.lines_of(values) == lines
    assert typed.read_lines(lines) == values


def test_spaces_around_a_value_and_empty_lines_are_slips() -> None:
    assert typed.read_lines("  order.created \r\n\r\n\torder.paid\n") == [
        "order.created",
        "order.paid",
    ]
