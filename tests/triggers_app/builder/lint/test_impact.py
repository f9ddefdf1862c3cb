"""How often a draft would act, in one sentence."""

from datetime import timedelta

import pytest

from triggers_app.builder.backtest.service import EffectOfEdit
from triggers_app.builder.lint.impact import impact_of

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def effect(firings: int, *, covered: timedelta = WEEK, minute: int = 1) -> EffectOfEdit:
    days = covered / timedelta(days=1)
    return EffectOfEdit(firings, covered, firings / days if days else 0.0, 60, minute)


@pytest.mark.parametrize(
    ("found", "runs", "kind", "sentence"),
    [
        (None, 1, "unknown", "How often it would act is not known yet."),
        (
            effect(0, covered=timedelta(0)),
            1,
            "unknown",
            "How often it would act is not known yet: no events recorded.",
        ),
        (effect(0), 1, "none", "It would have done nothing in the last 7 days."),
        (effect(133, minute=6), 1, "some", "About 19 runs a day, peak 6 a minute."),
        (effect(133, minute=6), 2, "some", "About 38 runs a day, peak 12 a minute."),
        (effect(133, minute=6), 0, "some", "About 19 firings a day, peak 6 a minute."),
        (effect(3), 1, "some", "About 3 runs a week, peak 1 a minute."),
        (effect(1), 1, "some", "About 1 run a week, peak 1 a minute."),
        (effect(5, covered=5.3 * HOUR), 1, "some", "About 5 runs in 5 hours, peak 1 a minute."),
    ],
    ids=[
        *("no backtest", "no events", "nothing", "runs", "two runs", "no run"),
        *("rarely", "once", "a short past"),
    ],
)
def test_it_says_how_often_and_at_most(
    found: EffectOfEdit | None, runs: int, kind: str, sentence: str
) -> None:
    told = impact_of(found, runs)

    assert (told.kind, told.sentence) == (kind, sentence)
