"""What an event means to a draft: the windows folded up to it, as a backtest folds them."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from events_app.domain.event import Event, from_ms, to_us
from events_app.domain.parsing import TooLarge, parse_event
from events_app.domain.position import Position
from project.lib import database
from project.lib.problems import Invalid, Problem
from triggers_app.domain.triggers import Trigger
from triggers_app.domain.verdict import Verdict
from triggers_app.engine import explaining as engine
from triggers_app.engine.causality import PATIENCE_US
from triggers_app.engine.evaluator import Version
from triggers_app.engine.probing import Found, Probe
from triggers_app.services.backtest_questions import recorded_until
from triggers_app.services.explaining import EventNotFound, TookTooLong
from triggers_app.storage import history
from triggers_app.storage.history import Connection, Past, Span
from triggers_app.storage.history_sql import Interest

SECONDS = 5.0
CHECK_EVERY = 1_000
PATIENCE_MS = PATIENCE_US // 1000


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
    trigger: Trigger, event: UUID | Position, *, since_ms: int, length_ms: int
) -> Explained:
    """A recorded event. The fold begins at `since_ms`, or `length_ms` before an older event.

    Raises EventNotFound and TookTooLong.
    """
    with database.connect(application_name="flint explain") as connection:
        past = (
            history.event_with_id(connection, event)
            if isinstance(event, UUID)
            else history.event_at(connection, event)
        )
        if past is None:
            raise EventNotFound
        ms = past.position[0]
        begins_ms = since_ms if since_ms < ms else ms - length_ms
        return _explained(connection, trigger, past, begins_ms)


def explain_pasted(trigger: Trigger, event: Event, *, length_ms: int, now: datetime) -> Explained:
    """An event that is not recorded, as if it came now. Raises TookTooLong."""
    now_ms = max(to_us(now) // 1000, recorded_until(to_us(now) // 1000))
    past = Past((now_ms, 2**31 - 1, 0), event, leader_known=True)
    with database.connect(application_name="flint explain") as connection:
        found = _explained(connection, trigger, past, now_ms - length_ms)
        return Explained(
            found.event, found.position, found.verdict, found.folded_since, recorded=False
        )


def pasted(text: str, *, now: datetime) -> Event:
    """An event out of what somebody pasted; an id and the time are added where they are missing.

    Raises Invalid with located problems.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Invalid([Problem((), f"This is not JSON at {place}: {error.msg}.", "json")]) from None
    except RecursionError:
        raise Invalid([Problem((), "This is nested too deeply.", "json")]) from None
    if not isinstance(document, dict):
        raise Invalid([Problem((), "An event is a JSON object, in braces.", "dict_type")])
    given = {name: value for name, value in document.items() if value is not None}
    try:
        whole = {"id": str(uuid4()), "occurred": now.isoformat(), **given}
        return parse_event(json.dumps(whole).encode())
    except (TooLarge, UnicodeEncodeError) as error:
        raise Invalid([Problem((), str(error))]) from None


def fold_to(
    connection: Connection, version: Version, past: Past, since_ms: int, *, seconds: float
) -> Found | None:
    """The windows just before the event; None while it waits. Raises TookTooLong."""
    probe = Probe(version.automation_id, Position(*past.position))
    probe.apply(version, log_ms=since_ms)
    ms = past.position[0]
    until_ms = ms if past.event.follows is None else ms + PATIENCE_MS
    events = history.events(
        connection, Span.since(since_ms, until_ms), interest=Interest.of([version.trigger])
    )
    ends = time.monotonic() + seconds
    for number, (position, event, leader_known) in enumerate(_with(past, events)):
        probe.advance(position[0])
        probe.see(event, position, leader_known=leader_known)
        if probe.found is not None:
            return probe.found
        if number % CHECK_EVERY == 0:
            probe.take()
            if time.monotonic() > ends:
                raise TookTooLong
    probe.advance(until_ms)
    return probe.found


def _explained(connection: Connection, trigger: Trigger, past: Past, since_ms: int) -> Explained:
    version = Version(uuid4(), 1, True, trigger)
    position = Position(*past.position)
    found = fold_to(connection, version, past, since_ms, seconds=SECONDS)
    verdict = None
    if found is not None:
        verdict = engine.explain(version, found.windows, past.event, position, log_ms=found.log_ms)
    return Explained(past.event, position, verdict, from_ms(since_ms))


def _with(past: Past, events: Iterable[Past]) -> Iterator[Past]:
    """The event itself may be none of those that the trigger may want."""
    missing = True
    for one in events:
        if missing and one.position >= past.position:
            missing = False
            yield past
            if one.position == past.position:
                continue
        yield one
    if missing:
        yield past
