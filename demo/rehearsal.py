"""A week in memory: the engine over made-up events, and everything that follows from firings.

What would come of an event comes of it: firings start runs, runs change their states, and those
are events again, until the end of history. Nothing is written here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from uuid import UUID

import msgspec

from demo.acting import ActedFlow, ActingStage
from demo.happenings import Happening
from events_app.domain.event import Entry, Event, to_us
from events_app.domain.position import StreamId
from runs_app.domain.run_request import Created, Refused
from runs_app.domain.states import Proposal, StateType
from runs_app.services.past_runs import PastLine, PastRun, PastRuns
from triggers_app.automation.causes import causes_of, next_causes
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import Firing, Outcome, Window, WindowKey
from triggers_app.automation.firing_record import FiringRecord
from triggers_app.automation.plan import Plan, PlannedAction
from triggers_app.automation.templating.templates import Templates
from triggers_app.delivery import action_events
from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.flow_runs import request_for, settlement_of
from triggers_app.delivery.registry import KINDS, refuse
from triggers_app.delivery.results import Delivered, Rejected, Settlement
from triggers_app.delivery.template_variables import Variables
from triggers_app.storage.outbox import Claimed, Owner

# The log remembers the ids of leaders for so long.
REMEMBERED_MS = 300_000


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of an automation, the moment it was saved, and what it does."""

    saved: datetime
    version: Version
    plan: Plan
    document: dict[str, object]


@dataclass(frozen=True, slots=True)
class RehearsedAction:
    """How an action of a firing ended, and when."""

    firing_id: UUID
    index: int
    settlement: Settlement
    at: datetime


@dataclass
class RehearsedDay:
    """What came of the week.

    `event_ids` are those of the events about firings that stand in `entries`; `late` are
    other events of Flint's own that are still to be received.
    """

    entries: list[Entry] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    runs: dict[UUID, PastRun] = field(default_factory=dict)
    settled: list[RehearsedAction] = field(default_factory=list)
    applied: dict[tuple[UUID, int], StreamId] = field(default_factory=dict)
    event_ids: list[UUID] = field(default_factory=list)
    late: list[Event] = field(default_factory=list)


class Rehearsal:
    """Plays a history up to log time `until`; `timer` answers monotonic seconds."""

    def __init__(
        self,
        runs: PastRuns,
        stage: ActingStage,
        *,
        random: Random,
        until: datetime,
        timer: Callable[[], float],
    ) -> None:
        self.day = RehearsedDay()
        self.evaluator = Evaluator()
        self._runs = runs
        self._stage = stage
        self._random = random
        self._until = until
        self._timer = timer
        self._templates = Templates()
        self._editions: dict[tuple[UUID, int], Edition] = {}
        self._agenda: list[tuple[datetime, int, Event | Edition | Callable[[], None]]] = []
        self._number = count()
        self._last = StreamId(0, 0)
        self._known: dict[UUID, int] = {}
        self._saved: dict[datetime, StreamId] = {}
        self._windows: dict[WindowKey, Window] = {}

    def play(self, editions: Iterable[Edition], happenings: Iterable[Happening]) -> None:
        """Everything before `until`, in the order of the log."""
        for edition in editions:
            self._editions[edition.version.automation_id, edition.version.version] = edition
            self._plan(edition.saved, edition)
        for happening in happenings:
            self._plan(happening.received, happening.event)
        while self._agenda and self._agenda[0][0] < self._until:
            moment = self._agenda[0][0]
            if (deadline := self.evaluator.next_deadline_ms) and deadline <= _ms(moment):
                self.evaluator.advance(deadline)
            else:
                self._step(*heappop(self._agenda)[::2])
            self._harvest()

    def go_on(self, log_ms: int) -> None:
        """Decide what is due up to this log time; whatever fires now is for others to act on."""
        self.evaluator.advance(log_ms)
        late = self.evaluator.take()
        self._keep(late)
        self.day.outcome.firings += late.firings
        self.day.outcome.windows = list(self._windows.values())

    @property
    def plans(self) -> dict[tuple[UUID, int], Plan]:
        return {key: edition.plan for key, edition in self._editions.items()}

    def _plan(self, moment: datetime, what: Event | Edition | Callable[[], None]) -> None:
        if moment < self._until:
            heappush(self._agenda, (moment, next(self._number), what))

    def _step(self, moment: datetime, what: Event | Edition | Callable[[], None]) -> None:
        if isinstance(what, Event):
            self._receive(moment, what)
        elif isinstance(what, Edition):
            version = what.version
            # What is saved together has one place in the log.
            place = self._saved.get(moment) or self._next_id(moment)
            self._saved[moment] = place
            self.evaluator.apply(version, log_ms=place.ms)
            self.day.applied[version.automation_id, version.version] = place
        else:
            what()

    def _receive(self, moment: datetime, event: Event) -> None:
        place = self._next_id(moment)
        leader_ms = self._known.get(event.follows) if event.follows else None
        known = leader_ms is not None and place.ms - leader_ms < REMEMBERED_MS
        entry = Entry(place, [event], frozenset({0} if known else ()))
        self._known[event.id] = place.ms
        self.evaluator.fold(entry)
        self.day.entries.append(entry)

    def _next_id(self, moment: datetime) -> StreamId:
        ms = max(_ms(moment), self._last.ms)
        self._last = StreamId(ms, self._last.seq + 1 if ms == self._last.ms else 0)
        return self._last

    def _harvest(self) -> None:
        outcome = self.evaluator.take()
        self._keep(outcome)
        for firing in outcome.firings:
            self._follow(firing)

    def _keep(self, outcome: Outcome) -> None:
        for key in outcome.deleted:
            self._windows.pop(key, None)
        for window in outcome.windows:
            self._windows[window.window_key] = window
        self.day.outcome.closed += outcome.closed
        self.day.outcome.raised |= outcome.raised

    def _follow(self, firing: Firing) -> None:
        """What a dispatcher and an executor would have done."""
        self.day.outcome.firings.append(firing)
        edition = self._editions[firing.automation_id, firing.version]
        record = _record(firing, edition.plan)
        fired, event = record.fired, record.event
        received = fired + self._about(0.004, 0.02)
        if received < self._until:
            self._plan(received, event)
            self.day.event_ids.append(event.id)
        for action in record.actions:
            at = fired + self._about(0.008, 0.04)
            job = _job(record, edition, action)
            settlement = self._carry_out(job, at)
            self.day.settled.append(RehearsedAction(firing.id, action.index, settlement, at))
            for event in action_events.events_of(job, settlement, now=at):
                self._tell(event, at)

    def _carry_out(self, job: Job, at: datetime) -> Settlement:
        batch = Batch([job], at, self._templates, self._timer)
        if job.kind != "run-deployment":
            return KINDS.get(job.kind, refuse)(batch)[0] or Delivered()
        warnings: dict[int, list[str]] = {}
        request = request_for(batch, job, Variables([job], (), now=at), warnings)
        if isinstance(request, Rejected):
            return request
        run = self._runs.make(request, now=at)
        if isinstance(run, Refused):
            return settlement_of(run, [])
        self._start(run, at)
        made = Created(run.id, existed=False, name=run.draft.subject.name)
        return settlement_of(made, warnings.get(job.claimed.id, []))

    def _start(self, run: PastRun, at: datetime) -> None:
        """Claimed, run and ended; one that would not end in time is left for today's executors."""
        self.day.runs[run.id] = run
        self._tell(run.begin(), at)
        pending_at = at + self._about(0.05, 0.6)
        running_at = pending_at + self._about(0.01, 0.05)
        acted = self._act(run, running_at + self._about(0.15, 0.3))
        if acted.ended < self._until:
            self._pass(run, Proposal(type=StateType.PENDING), pending_at)
            self._pass(run, Proposal(type=StateType.RUNNING), running_at)
            self._pass(run, acted.proposal, acted.ended)
            run.lines = _lines(run, acted, running_at)

    def _act(self, run: PastRun, at: datetime) -> ActedFlow:
        deployment_id = run.draft.subject.deployment_id
        assert deployment_id is not None
        entrypoint = self._runs.deployment(deployment_id).entrypoint
        assert entrypoint is not None
        return self._stage.act(entrypoint, run.parameters, at=at, random=self._random)

    def _pass(self, run: PastRun, proposal: Proposal, at: datetime) -> None:
        self._tell(run.enter(proposal, at), at)

    def _tell(self, event: Event, at: datetime) -> None:
        received = at + self._about(0.004, 0.015)
        if received < self._until:
            self._plan(received, event)
        else:
            self.day.late.append(event)

    def _about(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=self._random.uniform(least, most))


def _record(firing: Firing, plan: Plan) -> FiringRecord:
    triggering = firing.triggering
    before = causes_of(None if triggering is None else triggering.event)
    return FiringRecord(firing, plan, next_causes(before, firing.automation_id))


def _job(record: FiringRecord, edition: Edition, action: PlannedAction) -> Job:
    """As the dispatcher finds it in the tables."""
    firing = record.firing
    claimed = Claimed(
        id=0,
        index=action.index,
        phase=action.phase,
        action=action.text,
        firing_id=firing.id,
        automation_id=firing.automation_id,
        trigger_id=firing.trigger_id,
        fired=record.fired,
        created=record.fired,
        state=firing.state,
        event_text=record.event_text,
        labels=firing.labels,
        causes=list(record.causes),
    )
    owner = Owner(firing.automation_id, edition.plan.name, edition.document)
    return Job(claimed, msgspec.json.decode(action.text), owner)


def _lines(run: PastRun, acted: ActedFlow, began: datetime) -> list[PastLine]:
    """What the executor says around the lines of the flow."""
    subject, end = run.draft.subject, acted.proposal
    first = PastLine(began, f"Beginning flow run {subject.name!r} for flow {subject.flow_name!r}")
    level = 20 if end.type == StateType.COMPLETED else 40
    text = f"Finished in state {end.state_name}. {end.message or ''}".rstrip()
    return [first, *acted.lines, PastLine(acted.ended, text, level)]


def _ms(moment: datetime) -> int:
    return to_us(moment) // 1000
