"""Fixes are edits of a copy; findings know what they stop."""

from typing import Any

import pytest

from triggers_app.automation.lint.finding import Edit, Finding, Fix, apply_fix, error, warning

DOCUMENT = {"a": {"list": [1, 2], "x/y": None}, "unknown": "kept"}


def edited(do: Any, *path: str | int, value: Any = None) -> dict[str, Any]:
    return apply_fix(DOCUMENT, Fix("", (Edit(do, path, value),)))


EDITS = {
    "a key": (edited("set", "a", "new", value=3), {"list": [1, 2], "x/y": None, "new": 3}),
    "a member": (edited("set", "a", "list", 1, value=3), {"list": [1, 3], "x/y": None}),
    "a key below nothing": (
        edited("set", "a", "x/y", "k", value=3),
        {"list": [1, 2], "x/y": {"k": 3}},
    ),
    "no key": (edited("remove", "a", "x/y"), {"list": [1, 2]}),
    "no member": (edited("remove", "a", "list", 0), {"list": [2], "x/y": None}),
    "one more": (edited("append", "a", "list", value=3), {"list": [1, 2, 3], "x/y": None}),
    "the first": (edited("append", "a", "x/y", value=3), {"list": [1, 2], "x/y": [3]}),
}


@pytest.mark.parametrize(("found", "expected"), EDITS.values(), ids=EDITS.keys())
def test_edit_changes_a_copy(found: Any, expected: Any) -> None:
    assert found == {"a": expected, "unknown": "kept"}
    assert DOCUMENT == {"a": {"list": [1, 2], "x/y": None}, "unknown": "kept"}


def test_adding_to_a_map_makes_it_the_first_member() -> None:
    fix = Fix("", (Edit("append", ("m",), 2), Edit("append", ("l", 0), 3)))

    assert apply_fix({"m": {"a": 1}, "l": [[1]]}, fix) == {"m": [{"a": 1}, 2], "l": [[1, 3]]}


GONE = {
    "a member": ("set", "a", "list", 2),
    "a key": ("remove", "a", "list2"),
    "a map": ("set", "unknown", "k"),
    "a list": ("append", "unknown"),
    "a list's key": ("set", "a", "list", "k"),
}


@pytest.mark.parametrize(("do", "path"), [(g[0], g[1:]) for g in GONE.values()], ids=GONE.keys())
def test_edit_of_a_place_that_is_gone_is_refused(do: Any, path: Any) -> None:
    with pytest.raises(LookupError):
        edited(do, *path)


def test_path_is_a_json_pointer() -> None:
    assert Edit("set", ("trigger", "match", "a/b~c", 0)).pointer == "/trigger/match/a~1b~0c/0"


@pytest.mark.parametrize(
    ("finding", "stops", "asks"),
    [
        (error("L03", (), ""), True, False),
        (error("L04", (), ""), False, True),
        (error("L05", (), ""), False, True),
        (error("L12", (), ""), False, True),
        (Finding("L12", "error", (), "", refused=True), True, False),
        (warning("L12", (), ""), False, False),
        (warning("L22", (), ""), False, False),
    ],
)
def test_finding_stops_enabling_or_asks(finding: Any, stops: bool, asks: bool) -> None:
    assert (finding.stops_enabling, finding.asks_confirmation) == (stops, asks)
