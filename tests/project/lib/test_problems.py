"""Problems keep what they say when the document that they are about becomes a part of another."""

from project.lib.line_ends import newlines
from project.lib.problems import Invalid, Problem


def test_a_problem_below_a_place_says_the_same_there() -> None:
    problem = Problem(("within",), "Too short.", "too_short")

    assert problem.below(("triggers", 0)) == Problem(
        ("triggers", 0, "within"), "Too short.", "too_short"
    )
    assert problem.at(()) == Problem((), "Too short.", "too_short")


def test_all_problems_of_a_refusal_go_below() -> None:
    refusal = Invalid([Problem(("a",), "1"), Problem((), "2")])

    assert [one.path for one in refusal.below(("list", 3)).problems] == ["list[3].a", "list[3]"]


def test_lines_end_alike_whoever_wrote_them() -> None:
    assert newlines("a\r\nb\rc\n\r\n") == "a\nb\nc\n\n"
