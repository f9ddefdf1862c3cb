"""L18, L19."""

from datetime import timedelta
from typing import Any

import pytest

from tests.menagerie import compound, proactive, reactive
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import history
from triggers_app.automation.lint.context import BacktestFacts, LintContext


def fired(times: int, busiest: int = 0, *, days: int = 7, **facts: Any) -> LintContext:
    return LintContext(backtest=BacktestFacts(timedelta(days=days), times, busiest), **facts)


TRIGGER = ("trigger",)
NOISY = {
    "every event": Case(
        history.too_many_firings,
        reactive("e"),
        facts=fired(9000, 1200),
        loc=TRIGGER,
        says="fired 1,200 times",
        fixed=reactive("e", within=60),
    ),
    "more than somebody wants": Case(
        history.too_many_firings,
        reactive("e"),
        facts=fired(9, 7, noisy_per_hour=7 - 1),
        loc=TRIGGER,
        fixed=reactive("e", within=600),
    ),
    "one by one": Case(
        history.too_many_firings,
        reactive("e", for_each=["a"]),
        facts=fired(900, 61),
        loc=TRIGGER,
    ),
    "counted": Case(
        history.too_many_firings,
        reactive("e", threshold=2, within=9),
        facts=fired(900, 61),
        loc=TRIGGER,
    ),
    "a whole": Case(
        history.too_many_firings, compound(reactive("e")), facts=fired(900, 61), loc=TRIGGER
    ),
}
NEVER = Case(
    history.no_firings, reactive("e"), facts=fired(0), loc=TRIGGER, says="in the last 7 days"
)
SILENT = {
    "not tried": Case(history.too_many_firings, reactive("e")),
    "few": Case(history.too_many_firings, reactive("e"), facts=fired(900, 60)),
    "once a minute at most": Case(
        history.too_many_firings, reactive("e", within=60), facts=fired(900, 61)
    ),
    "never tried": Case(history.no_firings, reactive("e")),
    "fired once": Case(history.no_firings, reactive("e"), facts=fired(1, 1)),
    "longer than what was tried": Case(
        history.no_firings, proactive("e", within=8 * 86_400), facts=fired(0)
    ),
}


@pytest.mark.parametrize("case", NOISY.values(), ids=NOISY.keys())
def test_too_many_firings_are_named(case: Case) -> None:
    check_fires("L18", case)


def test_no_firing_at_all_is_named() -> None:
    check_fires("L19", NEVER)


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_reasonable_numbers_are_left_alone(case: Case) -> None:
    check_silent(case)
