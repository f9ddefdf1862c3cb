"""Open windows of one automation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events_app.domain.event import from_us
from triggers_app.automation.engine.outcome import NEVER_US, Window
from triggers_app.automation.engine.windows import decode_window
from triggers_app.automation.triggers import (
    Composite,
    EventTrigger,
    Posture,
    Trigger,
    for_each_of,
)
from triggers_app.automation.wording import trigger_sentence
from triggers_app.models import Bucket
from triggers_app.reads.automations import AutomationInFull


@dataclass(frozen=True, slots=True)
class WindowRow:
    """An open window in words: how full it is, for which key, and when it closes."""

    sentence: str
    labels: dict[str, str]
    count: int
    needed: int
    opened: datetime
    closes: datetime | None  # None: never
    absence: bool


def open_windows(in_full: AutomationInFull) -> list[WindowRow]:
    """The open windows of an automation, those that close first; at most 50. One query."""
    if in_full.document is None:
        return []
    triggers = {trigger.id: trigger for trigger in in_full.document.trigger.walk()}
    listed = []
    for bucket in open_buckets(in_full.automation.pk):
        trigger = triggers.get(bucket.trigger_id)
        try:
            window = decode_window(bytes(bucket.state))
        except (ValueError, TypeError):
            continue  # of another version of Flint; the evaluator says so
        if trigger is not None and window.open:
            listed.append(_window_row(trigger, window))
    return listed


def open_buckets(automation_id: UUID) -> list[Bucket]:
    """Those that close first, at most 50. One query."""
    rows = Bucket.objects.filter(automation_id=automation_id)
    return list(rows.order_by("closes_us", "trigger_id", "key")[:50])


def _window_row(trigger: Trigger, window: Window) -> WindowRow:
    names = sorted(for_each_of(trigger))
    composite = isinstance(trigger, Composite)
    absence = isinstance(trigger, EventTrigger) and trigger.posture is Posture.PROACTIVE
    closes_us = window.due_us if absence else window.end_us
    return WindowRow(
        sentence=trigger_sentence(trigger),
        labels=dict(zip(names, window.key, strict=False)),
        count=len(window.slots) if composite else window.count,
        needed=trigger.needed,
        opened=from_us(window.start_us),
        # An absence is judged later than its window ends if its sender lags.
        closes=None if closes_us >= NEVER_US else from_us(closes_us),
        absence=absence,
    )
