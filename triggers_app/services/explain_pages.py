"""What the pages tell about an event and a saved automation: its fate, the reason, the tree."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from events_app.domain.event import to_us
from events_app.domain.position import Position
from project.lib.problems import Invalid
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Trigger
from triggers_app.models import AutomationVersion
from triggers_app.services import fates as fates_of
from triggers_app.services import verdict_words
from triggers_app.services.backtest_result import Almost
from triggers_app.services.backtest_words import is_near, names_of, why_almost
from triggers_app.services.explaining import Explanation, explain
from triggers_app.services.fates import Fates
from triggers_app.services.verdict_words import Part
from triggers_app.storage import example_events, history_windows
from triggers_app.storage.history_windows import Expired

SECONDS = 5.0
LOOK_BACK = timedelta(days=7)
MOST_ALMOST = 10


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """An explanation in words. `tree` is None where no version had a say."""

    explanation: Explanation
    reason: str
    tree: Part | None


@dataclass(frozen=True, slots=True)
class AlmostFired:
    """A window that closed with at least half of what it needed; `last` is the event to explain."""

    when: datetime
    why: str
    last: Position | None


def explained(automation_id: UUID, event: UUID | Position, *, now: datetime) -> ExplanationView:
    """Raises EventNotFound and TookTooLong. Folds for 5 s at most."""
    explanation = explain(automation_id, event, now=now, seconds=SECONDS)
    trigger = (
        None if explanation.version is None else _trigger_of(automation_id, explanation.version)
    )
    if explanation.verdict is None:
        return ExplanationView(explanation, " ".join(explanation.notes) or "It has no say.", None)
    if trigger is None:
        return ExplanationView(explanation, explanation.verdict.sentence, None)
    return ExplanationView(
        explanation,
        verdict_words.reason_of(trigger, explanation.verdict),
        verdict_words.tree_of(trigger, explanation.verdict),
    )


def fates_of_event(event_id: UUID) -> Fates | None:
    """One row for each automation that has a say; None when the event is not recorded.

    Eight queries at most, however many automations there are.
    """
    event = example_events.with_ids([event_id]).get(event_id)
    return None if event is None else fates_of.fates(event.event, event.position)


def almost_fired(automation_id: UUID, trigger: object, *, now: datetime) -> list[AlmostFired]:
    """What nearly was in the last seven days, the newest first. One query.

    `trigger` is the document of the version that is saved; windows of others are left out.
    """
    try:
        parsed = parse_trigger(trigger)
    except Invalid:
        return []
    nodes = {node.id: node for node in parsed.walk()}
    names = names_of(parsed) if None not in nodes else {}
    listed = []
    for one in history_windows.expired(automation_id, since_ms=to_us(now - LOOK_BACK) // 1000):
        node = nodes.get(one.trigger_id)
        if node is not None and is_near(almost := _almost(one, node)):
            listed.append(
                AlmostFired(min(one.end, one.closed), why_almost(almost, node, names), one.last)
            )
    return listed[:MOST_ALMOST]


def _almost(one: Expired, node: Trigger) -> Almost:
    """Which parts had come is not kept; it is told by the tree."""
    return Almost(
        trigger_id=one.trigger_id,
        key=one.key,
        start=one.start,
        end=one.end,
        closed=one.closed,
        count=one.count,
        needed=node.needed,
        missing=[],
        counted=[],
    )


def _trigger_of(automation_id: UUID, version: int) -> Trigger | None:
    row = AutomationVersion.objects.filter(automation_id=automation_id, version=version).first()
    try:
        return None if row is None else parse_trigger(row.document["trigger"])
    except (Invalid, KeyError):
        return None
