"""Lines out of a stream of bytes, and no more of them than wanted."""

from runs_app.executor.output import MAX_LINE_BYTES, LineCutter, OutputBudget


def test_lines_are_put_together_from_chunks() -> None:
    cutter = LineCutter()

    assert cutter.feed(b"one\ntw") == ["one"]
    assert cutter.feed(b"o\r\n\nthree") == ["two", ""]
    assert cutter.end() == ["three"]


def test_a_line_that_is_too_long_is_cut_with_a_note() -> None:
    cutter = LineCutter()

    (line,) = cutter.feed(b"x" * (MAX_LINE_BYTES + 7) + b"\n")

    assert line == "x" * MAX_LINE_BYTES + " … (7 more bytes were not kept)"
    assert cutter.feed(b"next\n") == ["next"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert LineCutter().feed(b"a\0\xff\n") == ["a\ufffd\ufffd"]


def test_the_budget_tells_once_that_it_is_used_up() -> None:
    budget = OutputBudget(lines=2)

    kept = [budget.admit("x") for _ in range(4)]

    assert kept[:2] == ["x", "x"]
    assert kept[2] is not None and "was not kept" in kept[2]
    assert kept[3] is None


def test_the_budget_counts_bytes_too() -> None:
    budget = OutputBudget(bytes=5)

    assert budget.admit("12345") == "12345"
    assert budget.admit("6") != "6"
