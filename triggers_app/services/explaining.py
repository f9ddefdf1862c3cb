"""Why an event fired an automation, counted, or did nothing: for any recorded event.

The windows just before the event are made again: folded from the nearest snapshot, or from
where the automation was enabled, with the versions as they applied; then the engine says what
the event meant. Nothing is stored for it but a snapshot a day.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.event import Event, from_ms, from_us, rfc3339, to_us
from events_app.domain.position import Position
from events_app.storage import partitions
from project.lib.kept_connections import kept_connection
from triggers_app.automation.engine import explaining as engine
from triggers_app.automation.engine.causality import PATIENCE_US
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.engine.outcome import NEVER_US
from triggers_app.automation.engine.probing import Probe, ProbedState
from triggers_app.automation.verdict import Condition, OpenWindow, Verdict
from triggers_app.services.replaying import engine_version, fold, started, steps_behind
from triggers_app.storage import history, history_firings, history_snapshots, history_versions
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_snapshots import Start
from triggers_app.storage.history_sql import Interest
from triggers_app.storage.history_versions import PastVersion

PATIENCE_MS = PATIENCE_US // 1000
CHECK_EVERY = 1_000
_TOO_EARLY = "The automation did not exist yet."
_WAITS = "It still waits for the event that it follows."


class EventNotFound(LookupError):
    """No event with this id or position is recorded (any more)."""


class TookTooLong(Exception):
    """There are too many events between the last snapshot and this one."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What an event meant. `verdict` is None when no version had a say; `notes` tell why.

    `evaluated` is log time: later than `received` for a follower that waited. `folded_since`
    is where the fold began; `complete` is False when events before that are gone, so that
    windows may have held more.
    """

    automation_id: UUID
    version: int | None
    event: Event
    position: Position
    evaluated: datetime | None
    verdict: Verdict | None
    notes: list[str]
    folded_since: datetime | None
    complete: bool


def explain(
    automation_id: UUID, event: UUID | Position, *, now: datetime, seconds: float = 20.0
) -> Explanation:
    """What a recorded event meant to an automation. Raises EventNotFound and TookTooLong.

    Of several events with one id the newest is meant.
    """
    with kept_connection() as connection:
        past = recorded_event(connection, event)
        return _Inquiry(connection, automation_id, past, now, seconds).explanation()


def recorded_event(connection: Connection, event: UUID | Position) -> Past:
    """The newest event of an id, or the one at a position. One query. Raises EventNotFound."""
    past = (
        history.event_with_id(connection, event)
        if isinstance(event, UUID)
        else history.event_at(connection, event)
    )
    if past is None:
        raise EventNotFound
    return past


def last_log_ms(past: Past) -> int:
    """Until when the event is evaluated: a follower up to 15 minutes later."""
    return past.position[0] + (0 if past.event.follows is None else PATIENCE_MS)


def fold_to(
    probe: Probe,
    past: Past,
    events: Iterable[Past],
    steps: Sequence[PastVersion] = (),
    *,
    until_ms: int,
    ends: float,
) -> ProbedState | None:
    """How things stand just before an event; None while it waits for the one that it follows.

    `events` lead there, with or without it. `ends` is monotonic. Raises TookTooLong.
    """
    for number, _ in enumerate(fold(probe, _with(past, events), steps, until_ms=until_ms)):
        if probe.state is not None:
            break
        if number % CHECK_EVERY == 0:
            probe.take()
            if time.monotonic() > ends:
                raise TookTooLong
    return probe.state


def _with(past: Past, events: Iterable[Past]) -> Iterator[Past]:
    """The event itself may be none of those that a trigger may want."""
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


class _Inquiry:
    """One question: what did this event mean to this automation?"""

    def __init__(
        self,
        connection: Connection,
        automation_id: UUID,
        past: Past,
        now: datetime,
        seconds: float,
    ) -> None:
        self.connection = connection
        self.automation_id = automation_id
        self.past = past
        self.position = Position(*past.position)
        self.ends = time.monotonic() + seconds
        # Of a follower perhaps by a later version.
        latest_ms = max(self.position.ms, to_us(now) // 1000)
        self.until_ms = min(last_log_ms(past), latest_ms)
        self.versions = history_versions.applied(
            connection, until_ms=self.until_ms, automation_id=automation_id
        )

    def explanation(self) -> Explanation:
        before = [one for one in self.versions if one.after < self.position.stream_id]
        if not self.versions:
            return self._answer(None, None, [_TOO_EARLY])
        # A follower may have waited until there was a version.
        start, since_ms = self._start(before or self.versions[:1])
        state = self._state_at(start)
        if state is None:
            return self._answer(None, None, [_WAITS])
        if not before and state.version is None:
            return self._answer(None, None, [_TOO_EARLY])
        latest = self._in_force(before, state)
        verdict, notes = self._verdict(state, latest)
        days = partitions.existing(self.connection)
        complete = not days or since_ms >= partitions.first_ms(min(days))
        if not complete:
            notes.append("Events before the oldest recorded one are gone; windows may miss some.")
            verdict = self._stored(notes) or verdict
        if history.evaluated_to(self.connection) < self.position.stream_id:
            notes.append("The evaluator has not noted yet that it has come to this event.")
        begins = None if verdict is None else from_ms(since_ms)
        return self._answer(latest, verdict, notes, state, begins, complete=complete)

    def _in_force(self, before: list[PastVersion], state: ProbedState) -> PastVersion:
        """The version at work; if none was, the last one that applied."""
        if state.version is not None:
            return next(one for one in self.versions if one.version == state.version)
        if state.log_ms == self.position.ms:
            return before[-1]
        # What applied while a follower waited counts.
        return [one for one in self.versions if one.log_ms <= state.log_ms][-1]

    def _answer(
        self,
        version: PastVersion | None,
        verdict: Verdict | None,
        notes: list[str],
        state: ProbedState | None = None,
        begins: datetime | None = None,
        *,
        complete: bool = True,
    ) -> Explanation:
        return Explanation(
            automation_id=self.automation_id,
            version=None if version is None else version.version,
            event=self.past.event,
            position=self.position,
            evaluated=None if state is None else from_ms(state.log_ms),
            verdict=verdict,
            notes=notes,
            folded_since=begins,
            complete=complete,
        )

    def _start(self, before: list[PastVersion]) -> tuple[Start, int]:
        """A snapshot, or where the automation last began with nothing; whichever is later."""
        fresh = _fresh(before)
        snapshot = history_snapshots.newest_before(
            self.connection, self.position.stream_id, automation_id=self.automation_id
        )
        if snapshot is not None and snapshot.position.stream_id >= fresh.after:
            return snapshot, snapshot.position.ms
        # From a little before, for the sake of those who waited then.
        position = Position(max(0, fresh.after.ms - PATIENCE_MS), -1, -1)
        start = Start(position, {self.automation_id: (fresh.version - 1, False)})
        return start, fresh.after.ms

    def _state_at(self, start: Start) -> ProbedState | None:
        probe = Probe(self.automation_id, self.position)
        started(probe, start, self.versions)
        at_work = (engine_version(one) for one in self.versions if one.works)
        events = history.events(
            self.connection,
            LogSpan(start.position, self.until_ms),
            interest=Interest.of(version.trigger for version in at_work if version is not None),
            waiting_for=start.waiting_for,
        )
        steps = steps_behind(start, self.versions)
        return fold_to(probe, self.past, events, steps, until_ms=self.until_ms, ends=self.ends)

    def _verdict(self, state: ProbedState, latest: PastVersion) -> tuple[Verdict | None, list[str]]:
        if latest.deleted:
            return None, ["The automation had been deleted."]
        version = engine_version(latest)
        if version is None:
            return None, ["This Flint cannot read the version that was in force."]
        if state.version is None and version.enabled:
            off = replace(version, enabled=False)
            return self._explained(off, state), ["It had been set aside because of an error."]
        return self._explained(version, state), []

    def _explained(self, version: Version, state: ProbedState) -> Verdict:
        return engine.explain(
            version,
            state.windows,
            self.past.event,
            self.position,
            log_ms=state.log_ms,
            reported=state.counted_by,
        )

    def _stored(self, notes: list[str]) -> Verdict | None:
        """What was decided then, if it fired."""
        stored = history_firings.stored_verdict(
            self.connection, self.automation_id, self.position, until_ms=self.until_ms
        )
        if stored is None:
            return None
        notes.append("The verdict is the one that was stored when it fired.")
        return msgspec.json.decode(stored, type=Verdict)


def _fresh(before: list[PastVersion]) -> PastVersion:
    """The version with which the automation began with no windows, for the last time."""
    fresh = before[0]
    for former, version in pairwise(before):
        if not former.works or not version.works:
            fresh = version
    return fresh


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """The tree as JSON values, with a sentence for each node and each condition."""
    window = verdict.window
    return {
        **msgspec.to_builtins(verdict),
        "sentence": verdict.sentence,
        "window": None if window is None else _window_document(window),
        "conditions": [_condition_document(one) for one in verdict.conditions],
        "children": [verdict_document(child) for child in verdict.children],
    }


def _window_document(window: OpenWindow) -> dict[str, Any]:
    return {
        "start": rfc3339(from_us(window.start_us)),
        # Null: it never ends.
        "end": None if window.end_us >= NEVER_US else rfc3339(from_us(window.end_us)),
        "count": window.count,
    }


def _condition_document(condition: Condition) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(condition),
        "sentence": None if condition.met else condition.sentence,
    }
