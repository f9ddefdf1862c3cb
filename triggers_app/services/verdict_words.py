"""A verdict in words: the one reason, and a tree that names its parts. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events_app.domain.event import from_us
from triggers_app.automation.engine.outcome import NEVER_US
from triggers_app.automation.triggers import (
    CompoundTrigger,
    MetricTrigger,
    SequenceTrigger,
    Trigger,
)
from triggers_app.automation.verdict import Condition, Verdict
from triggers_app.automation.wording import trigger_sentence
from triggers_app.services.backtest_words import name_of, when

FRAMES = {"any": "ANY", "all": "ALL"}


@dataclass(frozen=True, slots=True)
class Part:
    """A trigger of the tree with what the event meant to it.

    `frame`: EVENT, METRIC, ALL, ANY, 2 OF 3, THEN. `have` is None where nothing is counted.
    `until` is None for a window without an end.
    """

    frame: str
    name: str
    sentence: str
    fate: str
    note: str
    have: int | None
    needed: int
    since: datetime | None
    until: datetime | None
    labels: dict[str, str]
    conditions: Sequence[Condition]
    children: "list[Part]"


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def humane(sentence: str) -> str:
    """The times in it as people read them: `Mon 23 Nov 09:45:39`."""
    return _MOMENT.sub(lambda match: _moment(datetime.fromisoformat(match[0])), sentence)


def _moment(moment: datetime) -> str:
    return f"{when(moment)}:{moment:%S}"


def tree_of(trigger: Trigger, verdict: Verdict) -> Part:
    known = {child.node_id: child for child in trigger.walk()}
    return _part(known[verdict.trigger_id], verdict, known)


def reason_of(trigger: Trigger, verdict: Verdict) -> str:
    """Why it fired or did not, in one sentence: the first thing that decided it."""
    return humane(_reason(trigger, verdict))


def _reason(trigger: Trigger, verdict: Verdict) -> str:
    if verdict.fate == "fired" or not trigger.children:
        return verdict.sentence
    if verdict.fate == "counted":
        return _counted(trigger, verdict)
    if verdict.reason in ("disabled", "log line"):
        return verdict.sentence
    nearest = max(_leaves(trigger, verdict), key=lambda pair: _met(pair[1]), default=None)
    if nearest is None or not _met(nearest[1]):
        return "Ignored: no part of it waits for an event of this name."
    why = nearest[1].sentence.removeprefix("Ignored: ")
    return f"Ignored: it has the name that {name_of(nearest[0])} waits for, but {why}"


def _counted(trigger: Trigger, verdict: Verdict) -> str:
    have = 0 if verdict.window is None else verdict.window.count
    deepest = next((v for _, v in _leaves(trigger, verdict) if v.fate == "counted"), None)
    if deepest is not None and not have:
        return deepest.sentence
    fired = {one.trigger_id for one in verdict.children if one.fate == "fired"}
    rest = [name_of(child) for child in trigger.children if child.node_id not in fired]
    until = "" if verdict.window is None else _until(verdict.window.end_us)
    waiting = f"; it needs {verdict.needed - have} more of {', '.join(rest)}" if rest else ""
    if isinstance(trigger, SequenceTrigger) and have >= verdict.needed:
        waiting = "; its parts came in another order"
    return f"Counted: {have} of {verdict.needed}{waiting}{until}."


def _leaves(trigger: Trigger, verdict: Verdict) -> Iterator[tuple[Trigger, Verdict]]:
    nodes = {node.node_id: node for node in trigger.walk()}
    for one in _walk(verdict):
        if not one.children:
            yield nodes[one.trigger_id], one


def _walk(verdict: Verdict) -> Iterator[Verdict]:
    yield verdict
    for child in verdict.children:
        yield from _walk(child)


def _met(verdict: Verdict) -> int:
    """How many conditions were met before one was not; 0 when the name was not."""
    met = 0
    for one in verdict.conditions:
        if not one.met:
            break
        met += 1
    return met


def _part(trigger: Trigger, verdict: Verdict, known: Mapping[UUID, Trigger]) -> Part:
    window = verdict.window
    counting = verdict.needed > 1 or bool(trigger.children)
    have = None
    if counting:
        have = verdict.needed if verdict.fate == "fired" else (window.count if window else 0)
    plain = (trigger.children or verdict.fate == "fired") and verdict.reason != "before"
    return Part(
        frame=_frame(trigger),
        name=name_of(trigger) if not trigger.children else "",
        sentence=trigger_sentence(trigger),
        fate=verdict.fate,
        note="" if plain else humane(verdict.sentence),
        have=have,
        needed=verdict.needed,
        since=None if window is None else from_us(window.start_us),
        until=None if window is None or window.end_us >= NEVER_US else from_us(window.end_us),
        labels=verdict.labels,
        conditions=verdict.conditions,
        children=[_part(known[child.trigger_id], child, known) for child in verdict.children],
    )


def _frame(trigger: Trigger) -> str:
    if isinstance(trigger, CompoundTrigger):
        return FRAMES.get(str(trigger.require), f"{trigger.require} OF {len(trigger.triggers)}")
    if isinstance(trigger, SequenceTrigger):
        return "THEN"
    return "METRIC" if isinstance(trigger, MetricTrigger) else "EVENT"


def _until(end_us: int) -> str:
    if end_us >= NEVER_US:
        return ""
    end = from_us(end_us)
    return f", until {end:%a} {end.day} {end:%b %H:%M}"
