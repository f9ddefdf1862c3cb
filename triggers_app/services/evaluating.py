"""The evaluator's lease: the one place where the log, the engine and the tables meet.

A batch is read from the log, the catalogue is refreshed after that, the engine folds the
batch in memory, and one transaction writes offset, windows, firings and action runs. On
any error the memory is thrown away and loaded again by the next lease.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import redis

from events_app.domain.event import Entry
from events_app.domain.position import START, StreamId
from events_app.storage import reader
from events_app.stream import log
from project.lib import stopping
from project.lib.problems import Invalid
from project.lib.wake import DISPATCH, RELAY
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import Outcome
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.plan import Plan, plan_of
from triggers_app.storage import snoozes, state, version_feed
from triggers_app.storage.snoozes import AppliedSnooze, SavedSnooze
from triggers_app.storage.version_feed import AppliedVersion, SavedVersion

logger = logging.getLogger(__name__)

READER = "evaluate"
LEASE_SECONDS = 5.0
MAX_EVENTS = 2000
# An offset that nothing else depends on is written this often, and at the end of a lease.
IDLE_OFFSET_SECONDS = 1.0


@dataclass
class Memory:
    """What an owner keeps between leases; good only while the reader's row agrees.

    `position` is how far it has read, `log_ms` how far log time has come; both may be ahead
    of the offset in the row as long as nothing that has to be written came of it.
    """

    held: reader.HeldLease | None = None
    evaluator: Evaluator = field(default_factory=Evaluator)
    plans: dict[tuple[UUID, int], Plan] = field(default_factory=dict)
    pending: list[SavedVersion | SavedSnooze] = field(default_factory=list)
    applied: list[AppliedVersion] = field(default_factory=list)
    snoozed: list[AppliedSnooze] = field(default_factory=list)
    raised: dict[UUID, str] = field(default_factory=dict)
    seen_change: int = 0
    position: StreamId = START
    log_ms: int = 0

    @classmethod
    def at(cls, position: StreamId) -> "Memory":
        return cls(position=position, log_ms=position.ms)


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What a lease did: events read, firings written; `owner` is False when another holds it.

    `memory` is for the next lease of this process.
    """

    owner: bool
    memory: Memory | None = None
    events: int = 0
    firings: int = 0


def run_lease(
    memory: Memory | None,
    *,
    client: redis.Redis,
    clock: Callable[[], datetime],
    wake: Callable[[str], object],
    seconds: float = LEASE_SECONDS,
) -> EvaluationReport:
    """Evaluate for `seconds`; returns at once when another process owns the reader.

    `wake` is called, after a commit, with the name of a task that has something to do.

    `memory` is the `memory` of this process' previous report. Whatever is raised, that
    memory is not to be used again.
    """
    try:
        lease = reader.take(READER, held=memory.held if memory else None)
    except reader.TakenEntries:
        return EvaluationReport(owner=False)
    with lease:
        if memory is None or not lease.kept:
            memory = _loaded(lease)
        return _Turn(memory, lease, client, clock, wake).run(seconds)


def _loaded(lease: reader.Lease) -> Memory:
    """A memory filled from the tables; nothing in it is newer than the offset."""
    memory = Memory.at(lease.position)
    versions = [
        version
        for saved in version_feed.in_force(lease.connection)
        if (version := _version(saved, memory)) is not None
    ]
    windows = state.windows(lease.connection)
    memory.evaluator.restore(versions, windows, log_ms=memory.log_ms)
    facts = snoozes.applied(lease.connection, since_ms=memory.log_ms, until_ms=snoozes.LATEST_MS)
    for one in facts:
        memory.evaluator.snooze(one.fact, log_ms=memory.log_ms)
    lease.connection.commit()  # ends the transaction that read; nothing was written
    return memory


def _version(saved: SavedVersion, memory: Memory) -> Version | None:
    """The version as the engine takes it; None, and a reason, if it cannot be read."""
    try:
        trigger = parse_trigger(saved.document["trigger"])
    except Invalid as error:
        memory.raised[saved.automation_id] = f"It cannot be read any more: {error}"
        return None
    plan = plan_of(saved.document, trigger)
    memory.plans[saved.automation_id, saved.version] = plan
    return Version(
        saved.automation_id,
        saved.version,
        saved.enabled,
        trigger,
        resolves=plan.resolves,
        guarded=saved.guarded,
    )


def _identity(saved: SavedVersion | SavedSnooze) -> tuple[object, ...]:
    if isinstance(saved, SavedSnooze):
        return (saved.fact.id,)
    return saved.automation_id, saved.version


class _Turn:
    """One lease under way."""

    def __init__(
        self,
        memory: Memory,
        lease: reader.Lease,
        client: redis.Redis,
        clock: Callable[[], datetime],
        wake: Callable[[str], object],
    ) -> None:
        self.memory = memory
        self.lease = lease
        self.client = client
        self.clock = clock
        self.wake = wake
        self.events = 0
        self.firings = 0
        self.offset_written = time.monotonic()

    def run(self, seconds: float) -> EvaluationReport:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and not stopping.stop_requested():
            self._batch(block_ms=max(1, min(1000, int(left * 1000))))
        if self.memory.position != self.lease.position:
            self._write_offset()
        self.memory.held = self.lease.held()
        return EvaluationReport(True, self.memory, self.events, self.firings)

    def _batch(self, *, block_ms: int) -> None:
        memory = self.memory
        read = log.read_or_advance(
            self.client,
            after=memory.position,
            max_events=MAX_EVENTS,
            block_ms=block_ms,
            until_ms=memory.evaluator.next_deadline_ms,
        )
        # The log first, the catalogue second: whoever was told "saved" before sending an
        # event finds that version here.
        self._refresh()
        started_at = memory.position
        floor_ms = read.floor_ms
        for entry in read.entries:
            if stopping.stop_requested():
                floor_ms = memory.log_ms  # what follows has not been looked at
                break
            self._apply_due(started_at, before=entry)
            memory.evaluator.fold(entry)
            memory.position = entry.id
            self.events += len(entry.events)
        memory.log_ms = max(memory.log_ms, floor_ms)
        self._apply_due(started_at, before=None)
        memory.evaluator.advance(memory.log_ms)
        self._commit(memory.evaluator.take())

    def _refresh(self) -> None:
        memory = self.memory
        connection = self.lease.connection
        # Outside a transaction, which would cost two round trips more for each batch.
        connection.autocommit = True
        saved = version_feed.saved_after(connection, memory.seen_change)
        facts = snoozes.not_applied(connection)
        connection.autocommit = False
        if not (saved or facts):
            return
        known = {_identity(one) for one in memory.pending}
        news: list[SavedVersion | SavedSnooze] = [*saved, *facts]
        memory.pending += [one for one in news if _identity(one) not in known]
        memory.pending.sort(key=lambda one: (one.effective_after, one.order))
        memory.seen_change = max([memory.seen_change, *(version.change for version in saved)])

    def _apply_due(self, started_at: StreamId, *, before: Entry | None) -> None:
        """Apply the versions and snoozes that hold from here on: their place lies behind us."""
        memory = self.memory
        while memory.pending:
            saved = memory.pending[0]
            if before is None and saved.effective_after > memory.position:
                return
            if before is not None and saved.effective_after >= before.id:
                return
            memory.pending.pop(0)
            after = max(started_at, saved.effective_after)
            log_ms = max(memory.log_ms, after.ms)
            if isinstance(saved, SavedSnooze):
                self._snooze(saved, after, log_ms)
            else:
                self._apply(saved, after, log_ms)

    def _snooze(self, saved: SavedSnooze, after: StreamId, log_ms: int) -> None:
        memory = self.memory
        memory.log_ms = log_ms
        memory.evaluator.snooze(saved.fact, log_ms=log_ms)
        memory.snoozed.append(AppliedSnooze(saved.fact, after, log_ms))

    def _apply(self, saved: SavedVersion, after: StreamId, log_ms: int) -> None:
        memory = self.memory
        memory.log_ms = log_ms
        memory.evaluator.advance(log_ms)
        version = None if saved.deleted else _version(saved, memory)
        if version is None:
            memory.evaluator.remove(saved.automation_id)
        else:
            memory.evaluator.apply(version, log_ms=log_ms)
        memory.applied.append(AppliedVersion(saved.automation_id, saved.version, after, log_ms))

    def _commit(self, outcome: Outcome) -> None:
        memory = self.memory
        raised = memory.raised | outcome.raised
        if not (outcome or memory.applied or memory.snoozed or raised):
            self._maybe_write_offset()
            return
        connection = self.lease.connection
        if memory.applied:
            version_feed.note_applied(connection, memory.applied)
        if memory.snoozed:
            snoozes.note_applied(connection, memory.snoozed)
        if raised:
            version_feed.quarantine(connection, raised)
        written = state.write(connection, outcome, plans=memory.plans, now=self.clock())
        self._write_offset()
        self.firings += len(outcome.firings)
        for automation_id, reason in raised.items():
            logger.error("Automation %s was set aside: %s", automation_id, reason)
        self._drop_superseded()
        memory.raised.clear()
        memory.snoozed.clear()
        # Whoever dispatches wakes the relay after its own commit: a lone firing and what comes
        # of it reach the log as one entry.
        if written.action_runs:
            self.wake(DISPATCH)
        elif written.events:
            self.wake(RELAY)

    def _drop_superseded(self) -> None:
        """The plans of versions that were in force until this batch."""
        memory = self.memory
        latest = {version.automation_id: version.version for version in memory.applied}
        if latest:
            memory.plans = {
                key: plan for key, plan in memory.plans.items() if key[1] >= latest.get(key[0], 0)
            }
        memory.applied.clear()

    def _maybe_write_offset(self) -> None:
        behind = self.memory.position != self.lease.position
        if behind and time.monotonic() - self.offset_written > IDLE_OFFSET_SECONDS:
            self._write_offset()

    def _write_offset(self) -> None:
        self.lease.advance(self.memory.position)
        self.lease.connection.commit()
        self.offset_written = time.monotonic()
