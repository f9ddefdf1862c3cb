"""L05, L09, L17."""

from datetime import timedelta
from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, proactive, reactive, sequence
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import windows
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import apply_fix

WITHIN = ("trigger", "within")
WEEK = LintContext(retention=timedelta(days=7))
METRIC = {"name": "lateness", "threshold": 1, "operator": ">", "range": 604_800}

COUNTS = {
    "no window": Case(
        windows.count_without_window,
        reactive("e", threshold=3),
        loc=WITHIN,
        says="about a minute",
        fixed=reactive("e", threshold=3, within=60),
    ),
    "a window of no length": Case(
        windows.count_without_window,
        reactive("e", threshold=2, within=0, after=["a"]),
        loc=WITHIN,
        says="it never fires",
        fixed=reactive("e", threshold=2, within=60, after=["a"]),
    ),
}
LONG = {
    "one trigger": Case(
        windows.longer_than_kept,
        reactive("e", within=8 * 86_400),
        facts=WEEK,
        loc=WITHIN,
        says="8 days long, but events are kept for 7 days",
    ),
    "the whole": Case(
        windows.longer_than_kept,
        sequence(reactive("a"), reactive("b"), within=604_801),
        facts=WEEK,
        loc=WITHIN,
    ),
    "a metric": Case(
        windows.longer_than_kept,
        {"type": "metric", "metric": METRIC},
        facts=WEEK,
        loc=("trigger", "metric", "range"),
    ),
}
SILENT = {
    "one is enough": Case(windows.count_without_window, reactive("e")),
    "counted in a window": Case(windows.count_without_window, reactive("e", threshold=2, within=1)),
    "silence": Case(windows.count_without_window, proactive("e", threshold=2)),
    "retention not known": Case(windows.longer_than_kept, reactive("e", within=1e9)),
    "just as long": Case(
        windows.longer_than_kept,
        compound(reactive("e", within=604_800), reactive("f")),
        facts=WEEK,
    ),
    "text not at hand": Case(windows.too_short_for_silence, proactive("e", within=0)),
}


@pytest.mark.parametrize("case", COUNTS.values(), ids=COUNTS.keys())
def test_count_without_window_is_named(case: Case) -> None:
    check_fires("L05", case)


@pytest.mark.parametrize("case", LONG.values(), ids=LONG.keys())
def test_window_longer_than_events_are_kept_is_named(case: Case) -> None:
    check_fires("L17", case)


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_windows_that_work_are_left_alone(case: Case) -> None:
    check_silent(case)


@pytest.mark.parametrize("within", [0, 9.9, "PT5S", "00:00:09", -1])
def test_wait_below_ten_seconds_is_named_and_raised(within: Any) -> None:
    written: Document = {"trigger": compound(reactive("a"), proactive("e", within=within))}

    [finding] = windows.short_waits(written)
    assert finding.fix is not None
    repaired = apply_fix(written, finding.fix)

    assert (finding.code, finding.loc) == ("L09", ("trigger", "triggers", 1, "within"))
    assert repaired["trigger"]["triggers"][1]["within"] == 10
    assert list(windows.short_waits(repaired)) == []


LONG_ENOUGH = {
    "ten": {"trigger": proactive("e", within=10)},
    "left out": {"trigger": proactive("e")},
    "reactive": {"trigger": reactive("e", within=5)},
    "not a duration": {"trigger": proactive("e", within="soon")},
    "a truth": {"trigger": proactive("e", within=True)},
    "a metric": {"trigger": {"type": "metric", "posture": "Proactive", "within": 1}},
    "no trigger": {},
    "nonsense": {"trigger": {"triggers": [None, 3, "x", {"triggers": {}}]}},
}


@pytest.mark.parametrize("written", LONG_ENOUGH.values(), ids=LONG_ENOUGH.keys())
def test_what_was_written_otherwise_is_left_alone(written: Document) -> None:
    assert list(windows.short_waits(written)) == []


def test_wait_is_judged_as_it_was_written() -> None:
    written = {"trigger": proactive("e", within=0)}

    case = Case(windows.too_short_for_silence, proactive("e"), facts=LintContext(written=written))

    assert [finding.code for finding in case.findings()] == ["L09"]
