"""What would have made an almost-firing one: tried on the same events, and offered if it helps.

Widening the window up to what came too late, or needing no more than what came. A remedy is told
with what it really does in the whole period, so it is only looked for where a backtest is cheap.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from events_app.domain.event import to_us
from project.lib.json_documents import Document
from project.lib.moments import in_words
from project.lib.problems import Invalid
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import EventTrigger, Trigger
from triggers_app.builder.explain.why_not import WhyNot
from triggers_app.services.backtest_result import Almost, BacktestResult
from triggers_app.services.backtesting import Backtest, Question

MOST_EVENTS = 20_000
SECONDS = 0.5
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Remedy:
    """Set `key` of a trigger to `value` (`within` in seconds); `more` firings come of it."""

    node_id: UUID
    key: str
    value: float
    label: str
    more: int


def remedies_of(trigger: Trigger, result: BacktestResult, why: WhyNot) -> list[Remedy]:
    """Those that help, by how little they change. Runs two backtests of half a second at most."""
    if why.almost is None or not result.finished or result.events_read > MOST_EVENTS:
        return []
    node = next(one for one in trigger.walk() if one.node_id == why.almost.trigger_id)
    remedies = []
    for key, value, label in _candidates(node, why.almost, why):
        firings = _firings(trigger, node.node_id, key, value, result)
        if firings is not None and firings > result.firings_total:
            more = firings - result.firings_total
            remedies.append(Remedy(node.node_id, key, value, label, more))
    return remedies


def applied(document: Document, node_id: str, key: str, value: float) -> Document:
    """The trigger's document with the value set; unchanged when the node is not there."""
    if document.get("id") == node_id:
        return {**document, key: int(value) if key == "threshold" else value}
    children = document.get("triggers")
    if not isinstance(children, list):
        return document
    changed = [
        applied(child, node_id, key, value) if isinstance(child, dict) else child
        for child in children
    ]
    return {**document, "triggers": changed}


def _candidates(node: Trigger, almost: Almost, why: WhyNot) -> Iterator[tuple[str, float, str]]:
    if why.late is not None:
        first = almost.counted[0].occurred if isinstance(node, EventTrigger) else almost.start
        needed = _round(why.late - first)
        if needed <= LONGEST:
            label = f"Widen the window to {in_words(needed)}"
            yield "within", needed.total_seconds(), label
    if isinstance(node, EventTrigger) and 1 <= almost.count < node.threshold:
        label = f"Need {almost.count} instead of {node.threshold}"
        yield "threshold", float(almost.count), label


def _round(length: timedelta) -> timedelta:
    """Up to five minutes, half an hour or an hour, with something to spare."""
    minutes = length / timedelta(minutes=1) + 0.5
    step = 5 if minutes <= 60 else 30 if minutes <= 720 else 60
    return timedelta(minutes=math.ceil(minutes / step) * step)


def _firings(
    trigger: Trigger, node_id: UUID, key: str, value: float, result: BacktestResult
) -> int | None:
    """How often the changed trigger would have fired; None when that takes too long."""
    document = applied(trigger.model_dump(mode="json"), str(node_id), key, value)
    try:
        changed = parse_trigger(document)
    except Invalid:
        return None
    question = Question(
        trigger=changed,
        since_ms=to_us(result.since) // 1000,
        until_ms=to_us(result.until) // 1000,
        seconds=SECONDS,
        most=0,
    )
    outcome = Backtest(question).run()
    return outcome.firings_total if outcome.finished else None
