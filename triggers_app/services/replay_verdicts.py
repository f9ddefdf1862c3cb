"""Whether a recorded event would make an automation fire, as that is saved now.

Its windows are folded from the recorded log up to the event, as a backtest folds them: from
the last snapshot that has them, else over the seven days before.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from uuid import UUID

from events_app.domain.position import Position
from project.lib import database
from project.lib.problems import Invalid
from triggers_app.automation.engine import explaining as engine
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.engine.outcome import Firing
from triggers_app.automation.engine.probing import Probe
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.plan import Plan, plan_of
from triggers_app.automation.triggers import EventTrigger, Posture, Trigger
from triggers_app.models import Automation
from triggers_app.services import verdict_words
from triggers_app.services.backtest_questions import start_on
from triggers_app.services.explaining import TookTooLong, fold_to, last_log_ms
from triggers_app.storage import history
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_sql import Interest

LOOK_BACK_MS = timedelta(days=7) // timedelta(milliseconds=1)
FIRES, COUNTED, IGNORED, UNKNOWN = "fires", "counted", "ignored", "unknown"


@dataclass(frozen=True, slots=True)
class ReplayVerdict:
    """`fate`: fires, counted, ignored, or unknown where it could not be judged; why in words.

    `firing` is what the engine makes of it, `plan` what follows; both only where it fires.
    """

    fate: str
    sentence: str
    firing: Firing | None = None
    plan: Plan | None = None


def judge_all(
    rows: Sequence[Automation], past: Past, *, seconds: float
) -> dict[UUID, ReplayVerdict]:
    """What is not judged in that time is unknown.

    Up to six queries for each that needs history, on a connection of its own.
    """
    ends = time.monotonic() + seconds
    with ExitStack() as stack:

        @cache
        def connect() -> Connection:
            opened = database.connect(application_name="flint replay of an event")
            return stack.enter_context(opened)

        return {row.pk: _judge(row, past, ends, connect) for row in rows}


def _judge(
    row: Automation, past: Past, ends: float, connect: Callable[[], Connection]
) -> ReplayVerdict:
    try:
        trigger = parse_trigger(row.document.get("trigger"))
    except Invalid:
        return ReplayVerdict(UNKNOWN, "This Flint cannot read the automation.")
    plan = plan_of(row.document, trigger)
    version = Version(
        row.pk, row.version, True, trigger, resolves=plan.resolves, guarded=row.guarded
    )
    try:
        return _judged(version, past, plan, ends, connect)
    except TookTooLong:
        return ReplayVerdict(UNKNOWN, "There are too many events before it to judge it in time.")


def _judged(
    version: Version, past: Past, plan: Plan, ends: float, connect: Callable[[], Connection]
) -> ReplayVerdict:
    position = Position(*past.position)
    if time.monotonic() > ends:
        raise TookTooLong
    probe = Probe(version.automation_id, position)
    until_ms = last_log_ms(past)
    events: Iterator[Past] = iter(())
    if _decides_alone(version.trigger):
        probe.apply(version, log_ms=past.position[0])
    else:
        events = _history(connect(), probe, version, past, until_ms)
    state = fold_to(probe, past, events, until_ms=until_ms, ends=ends)
    if state is None:
        return ReplayVerdict(UNKNOWN, "It still waits for the event that it follows.")
    firings = [one for one in probe.take().firings if one.position == position]
    if firings:
        return ReplayVerdict(FIRES, "It would fire.", firings[-1], plan)
    verdict = engine.explain(
        version, state.windows, past.event, position,
        log_ms=state.log_ms, reported=state.counted_by,
    )  # fmt: skip
    fate = COUNTED if verdict.fate == "counted" else IGNORED
    return ReplayVerdict(fate, verdict_words.reason_of(version.trigger, verdict))


def _history(
    connection: Connection, probe: Probe, version: Version, past: Past, until_ms: int
) -> Iterator[Past]:
    """Let the probe begin before the event; what can matter from there on."""
    ms, trigger = past.position[0], version.trigger
    start = start_on(connection, version.automation_id, trigger, ms)
    if start is None:
        begins_ms = max(0, ms - LOOK_BACK_MS)
        probe.apply(version, log_ms=begins_ms)
        return history.events(
            connection, LogSpan.since(begins_ms, until_ms), interest=_interest(trigger)
        )
    probe.restore([version], start.windows, log_ms=start.position.ms)
    return history.events(
        connection,
        LogSpan(start.position, until_ms),
        interest=_interest(trigger),
        waiting_for=start.waiting_for,
    )


def _decides_alone(trigger: Trigger) -> bool:
    """Whether no other event can matter, so that none has to be read."""
    return (
        isinstance(trigger, EventTrigger)
        and trigger.posture == Posture.REACTIVE
        and trigger.threshold <= 1
        and not trigger.within
        and not trigger.after
    )


def _interest(trigger: Trigger) -> Interest:
    """The events of other parts are read whole: templates look into them."""
    interest = Interest.of([trigger])
    return replace(interest, payload=True) if trigger.children else interest
