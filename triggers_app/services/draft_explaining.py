"""What an event means to a draft: the windows folded up to it, as a backtest folds them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import OperationalError, transaction

from events_app.domain.event import Event, from_ms, to_us
from events_app.domain.position import Position
from events_app.storage import stored_events
from events_app.storage.stored_events import StoredEvent
from project.lib.kept_connections import kept_connection
from triggers_app.automation.engine import explaining as engine
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.engine.probing import Probe
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.triggers import Trigger, event_names_of
from triggers_app.automation.verdict import Verdict
from triggers_app.models import Automation
from triggers_app.services.backtest_questions import recorded_until
from triggers_app.services.explaining import fold_to, last_log_ms, recorded_event
from triggers_app.storage import example_events, history
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_sql import Interest

SECONDS = 5.0
LOOK_BACK = timedelta(days=7)
MOST_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Explained:
    """`verdict` is None while the event waits for the one that it follows.

    `recorded` is False for a pasted event, which came after everything that is recorded.
    """

    event: Event
    position: Position
    verdict: Verdict | None
    folded_since: datetime
    recorded: bool = True

    @property
    def received(self) -> datetime:
        return from_ms(self.position.ms)


def explain_recorded(
    trigger: Trigger,
    event: UUID | Position,
    *,
    since_ms: int,
    length_ms: int,
    of: Automation | None = None,
) -> Explained:
    """A recorded event. The fold begins at `since_ms`, or `length_ms` before an older event.

    `of` is the automation that the draft was made of: if it is guarded, so is the draft.
    Raises EventNotFound and TookTooLong.
    """
    with kept_connection() as connection:
        past = recorded_event(connection, event)
        ms = past.position[0]
        begins_ms = since_ms if since_ms < ms else ms - length_ms
        return _explained(connection, _version(trigger, of), past, begins_ms)


def explain_pasted(trigger: Trigger, event: Event, *, length_ms: int, now: datetime) -> Explained:
    """An event that is not recorded, as if it came now. Raises TookTooLong."""
    now_ms = max(to_us(now) // 1000, recorded_until(to_us(now) // 1000))
    past = Past(Position(now_ms, 2**31 - 1, 0), event, leader_known=True)
    with kept_connection() as connection:
        explanation = _explained(connection, _version(trigger, None), past, now_ms - length_ms)
        return Explained(
            explanation.event,
            explanation.position,
            explanation.verdict,
            explanation.folded_since,
            recorded=False,
        )


def events_to_explain(trigger: object, *, now: datetime) -> list[StoredEvent]:
    """The newest events with the names that a trigger waits for; else the newest of all.

    `trigger` is a document, and may be incomplete. One query, given up after 0.3 s.
    """
    names = [list(dict.fromkeys(name)) for name in _names_in(trigger)]
    selections = tuple(Selection(name, {}, []) for name in names) or (Selection([], {}, []),)
    try:
        with transaction.atomic():
            stored_events.limit_time(0.3)
            return example_events.newest(
                Interest(selections), since=now - LOOK_BACK, limit=MOST_OFFERED
            )
    except OperationalError:
        return []


def _names_in(trigger: object) -> Iterator[list[str]]:
    if not isinstance(trigger, dict):
        return
    names = event_names_of(trigger)
    if names is not None:
        yield names
    children = trigger.get("triggers")
    for child in children if isinstance(children, list) else ():
        yield from _names_in(child)


def _version(trigger: Trigger, of: Automation | None) -> Version:
    if of is None:
        return Version(uuid4(), 1, True, trigger)
    return Version(of.pk, 1, True, trigger, guarded=of.guarded)


def _explained(connection: Connection, version: Version, past: Past, since_ms: int) -> Explained:
    position = past.position
    probe = Probe(version.automation_id, position)
    probe.apply(version, log_ms=since_ms)
    until_ms = last_log_ms(past)
    events = history.events(
        connection, LogSpan.since(since_ms, until_ms), interest=Interest.of([version.trigger])
    )
    ends = time.monotonic() + SECONDS
    folded = fold_to(probe, past, events, until_ms=until_ms, ends=ends)
    verdict = None
    if folded is not None:
        verdict = engine.explain(
            version,
            folded.windows,
            past.event,
            position,
            log_ms=folded.log_ms,
            reported=folded.counted_by,
        )
    return Explained(past.event, position, verdict, from_ms(since_ms))
