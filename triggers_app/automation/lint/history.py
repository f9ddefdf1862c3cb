"""Lint of what the engine made of recorded events: L18, L19. Pure."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import TypeGuard

from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, Fix, setting, warning
from triggers_app.automation.lint.places import triggers
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.lint.windows import window_of
from triggers_app.automation.plain_words import duration
from triggers_app.automation.triggers import EventTrigger, Posture, Trigger


@rule(
    "L18",
    "Too many firings",
    "In the busiest hour there were more firings than wanted (60, unless set otherwise).",
)
def too_many_firings(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L18: more firings in an hour than anybody wants to look at."""
    most = max(1, facts.noisy_per_hour)
    if facts.backtest is None or facts.backtest.busiest_hour <= most:
        return
    trigger = document.trigger
    debounced = _fires_once_a_window(trigger) and trigger.within * most >= timedelta(hours=1)
    if not debounced:
        yield warning(
            "L18",
            ("trigger",),
            f"In the busiest hour it would have fired {facts.backtest.busiest_hour:,} times. "
            "Narrow it, or let it fire once in a while with `threshold` and `within`.",
            _debounced(document, most),
        )


def _fires_once_a_window(trigger: Trigger) -> TypeGuard[EventTrigger]:
    return (
        isinstance(trigger, EventTrigger)
        and trigger.posture is Posture.REACTIVE
        and not trigger.after
        and not trigger.for_each
    )


def _debounced(document: AutomationDocument, most: int) -> Fix | None:
    trigger = document.trigger
    if not _fires_once_a_window(trigger) or trigger.threshold > 1 or trigger.within:
        return None
    seconds = math.ceil(3600 / most)
    often = duration(timedelta(seconds=seconds))
    return setting(f"Fire at most once in {often}", ("trigger", "within"), seconds)


@rule(
    "L19",
    "No firing at all",
    "Not once in the past that was looked at, which is longer than every window of the "
    "trigger. Explain an event that should have counted: the verdict says which condition "
    "it did not meet.",
)
def no_firings(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L19: it would not have fired at all, in a past that is long enough to tell."""
    if facts.backtest is None or facts.backtest.firings:
        return
    windows = (window_of(trigger) for _, trigger in triggers(document))
    longest = max((one for one in windows if one is not None), default=timedelta(0))
    if longest <= facts.backtest.covered:
        yield warning(
            "L19",
            ("trigger",),
            f"It would not have fired once in the last {duration(facts.backtest.covered)}. "
            "If that is not what you expect, explain an event that should have counted.",
        )
