"""What enabling a draft would set going, in a sentence taken from its backtest."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from triggers_app.automation.document import FIRED_LISTS, actions_in
from triggers_app.automation.plain_words import duration
from triggers_app.builder.backtest.service import EffectOfEdit
from triggers_app.builder.backtest.service import effect_of as _effect_of
from triggers_app.models import Draft
from triggers_app.services.backtest_result import BacktestResult


@dataclass(frozen=True, slots=True)
class Impact:
    """`kind`: some, none (it would not have fired), or unknown; `sentence` says it."""

    kind: Literal["some", "none", "unknown"]
    sentence: str


def effect_of(draft: Draft, result: BacktestResult | None) -> Impact:
    """By the draft's backtest, None where there is none yet."""
    return impact_of(None if result is None else _effect_of(result), _runs(draft))


def impact_of(effect: EffectOfEdit | None, runs: int) -> Impact:
    """`runs`: how many runs of deployments follow from one firing."""
    if effect is None:
        return Impact("unknown", "How often it would act is not known yet.")
    if not effect.covered:
        return Impact("unknown", "How often it would act is not known yet: no events recorded.")
    if not effect.firings:
        return Impact("none", f"It would have done nothing in the last {duration(_round(effect))}.")
    return Impact("some", f"About {_often(effect, runs)}.")


def _runs(draft: Draft) -> int:
    """How many runs follow from one firing."""
    return sum(
        name in FIRED_LISTS and action.get("type") == "run-deployment"
        for (name, _), action in actions_in(draft.document)
    )


def _often(effect: EffectOfEdit, runs: int) -> str:
    what = "run" if runs else "firing"
    times = max(runs, 1)
    peak = effect.busiest_minute * times
    per_day = effect.per_day * times
    if effect.covered < timedelta(days=1):
        total = effect.firings * times
        often = f"{_counted(total, what)} in {duration(_round(effect))}"
    elif per_day >= 1:
        often = f"{_counted(round(per_day), what)} a day"
    else:
        often = f"{_counted(max(1, round(per_day * 7)), what)} a week"
    return f"{often}, peak {peak:,} a minute"


def _round(effect: EffectOfEdit) -> timedelta:
    """In whole days, or hours, or minutes: nobody wants to read more."""
    for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
        if effect.covered >= unit:
            return unit * round(effect.covered / unit)
    return timedelta(minutes=1)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
