"""Lint of durations: L05, L09, L17. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, error, setting, warning
from triggers_app.automation.lint.places import event_triggers, triggers
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.plain_words import duration
from triggers_app.automation.triggers import (
    PROACTIVE_MINIMUM,
    MetricTrigger,
    Posture,
    Trigger,
    kind_of,
)

# How long a count without a window lasts at most; so the fix changes least.
_SWEPT_SECONDS = 60
_duration = TypeAdapter(timedelta)


@rule(
    "L05",
    "A count without a window",
    "More than one event is wanted, and `within` is 0: there is no window to count in. "
    "What was counted is forgotten about a minute after the first event; with `after` it "
    "never fires at all.",
)
def count_without_window(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L05: more than one event is wanted, and no time to count in."""
    for loc, trigger in event_triggers(document):
        if trigger.posture is Posture.PROACTIVE or trigger.threshold <= 1 or trigger.within:
            continue
        what = (
            "it never fires"
            if trigger.after
            else "what was counted is forgotten about a minute after the first event"
        )
        yield error(
            "L05",
            (*loc, "within"),
            f"`threshold` is {trigger.threshold} but `within` is 0: there is no window to count "
            f"in, and {what}. Say within how many seconds the events must come.",
            setting("Count within one minute", (*loc, "within"), _SWEPT_SECONDS),
        )


@rule(
    "L09",
    "A wait below ten seconds",
    "A proactive trigger waits at least 10 seconds. The API reads 0 as 10 and refuses "
    "what lies between.",
)
def too_short_for_silence(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L09: a proactive trigger that was written with less than 10 seconds (`Facts.written`)."""
    if facts.written is not None:
        yield from short_waits(facts.written)


def short_waits(written: Mapping[str, Any]) -> Iterator[Finding]:
    """L09 for a document as it was written, which need not be a valid one."""
    waiting: list[tuple[Loc, Any]] = [(("trigger",), written.get("trigger"))]
    while waiting:
        loc, trigger = waiting.pop()
        if not isinstance(trigger, Mapping):
            continue
        children = trigger.get("triggers")
        if isinstance(children, list):
            waiting += [((*loc, "triggers", i), child) for i, child in enumerate(children)]
        if trigger.get("posture") != "Proactive" or kind_of(dict(trigger)) != "event":
            continue
        within = _seconds(trigger.get("within"))
        if within is not None and within < PROACTIVE_MINIMUM:
            yield error(
                "L09",
                (*loc, "within"),
                "A proactive trigger waits at least 10 seconds: 0 is read as 10, and less is "
                "refused. Write 10 or more.",
                setting("Wait 10 seconds", (*loc, "within"), 10),
            )


def _seconds(value: Any) -> timedelta | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return _duration.validate_python(value)
    except ValidationError:
        return None


@rule(
    "L17",
    "A window longer than events are kept",
    "It works, but it can neither be tried on recorded events nor explained back to its beginning.",
)
def longer_than_kept(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L17: the window reaches further back than recorded events do."""
    if facts.retention is None:
        return
    for loc, trigger in triggers(document):
        window = window_of(trigger)
        if window is not None and window > facts.retention:
            is_metric = isinstance(trigger, MetricTrigger)
            yield warning(
                "L17",
                (*loc, "metric", "range") if is_metric else (*loc, "within"),
                f"The window is {duration(window)} long, but events are kept for "
                f"{duration(facts.retention)}: it works, yet it can neither be tried on the "
                "past nor explained to its beginning. Shorten it, or keep events for longer.",
            )


def window_of(trigger: Trigger) -> timedelta | None:
    """How far apart the events are that one firing can depend on; None if there is no limit."""
    if isinstance(trigger, MetricTrigger):
        return trigger.metric.range + trigger.metric.firing_for
    return trigger.within
