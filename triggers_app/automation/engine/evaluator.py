"""The engine: a deterministic state machine over the log.

The same entries and versions give the same firings, whatever the batches, restarts and
calls of `advance` in between. Time is data: nothing here reads a clock.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from events_app.domain.causes import CAUSES_LABEL
from events_app.domain.event import Entry, Event
from events_app.domain.position import Position
from triggers_app.automation.engine.causality import NOBODY, Followers
from triggers_app.automation.engine.compiled import CompiledAutomation
from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.index import Index
from triggers_app.automation.engine.leaf import Leaf
from triggers_app.automation.engine.ledger import Ledger
from triggers_app.automation.engine.node import CompiledNode, ceil_ms
from triggers_app.automation.engine.outcome import Outcome, Window, WindowKey
from triggers_app.automation.engine.snoozing import SnoozeFact
from triggers_app.automation.triggers import Trigger

# Every log line of every run is such an event; no trigger may wait for them.
IGNORED_NAME = "prefect.log.write"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an automation as it applies; every trigger in it has an id.

    `resolves`: somebody wants to know when a metric has left its condition. `guarded`: it runs
    in a certain loop, so it ignores the events that it has caused itself.
    """

    automation_id: UUID
    version: int
    enabled: bool
    trigger: Trigger
    resolves: bool = False
    guarded: bool = False


class Evaluator:
    """Folds log entries into firings. See docs/semantics.md for what it decides."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self._ledger = Ledger() if ledger is None else ledger
        self._index: Index[Leaf] = Index()
        self._loaded: dict[UUID, CompiledAutomation] = {}
        self._moment = CurrentEvent()
        self._followers = Followers(self._ledger, self._evaluate, self._places)
        self._strangers: list[WindowKey] = []
        # Told what became of each event at each trigger that wanted it, and at which log time.
        self.watch: Callable[[Leaf, Fate, int], None] | None = None

    def restore(
        self, versions: Iterable[Version], windows: Iterable[Window], *, log_ms: int
    ) -> None:
        """Go on after a restart with what was stored. Opens no window.

        Stored windows that no version knows are reported as deleted by the next `take`.
        """
        self._ledger.now_us = log_ms * 1000
        by_automation: dict[UUID, list[Window]] = {}
        for window in windows:
            by_automation.setdefault(window.automation_id, []).append(window)
        for window in by_automation.pop(NOBODY, []):
            self._followers.resume(window)
        for version in versions:
            loaded = self._load(version)
            if loaded is not None:
                stored = by_automation.pop(version.automation_id, [])
                by_automation[version.automation_id] = loaded.restore(stored)
        self._strangers += [window.window_key for rest in by_automation.values() for window in rest]

    def apply(self, version: Version, *, log_ms: int) -> None:
        """From this log time on, evaluate this version: created, changed, enabled, disabled.

        Windows of triggers that stay the same go on. Disabling closes them all.
        """
        self.advance(log_ms)
        former = self._unload(version.automation_id)
        if not version.enabled:
            if former is not None:
                former.stop("disabled")
            return
        loaded = self._load(version)
        if former is not None:
            if loaded is None:
                former.stop("quarantined")
            else:
                loaded.succeed(former)
        if loaded is not None:
            loaded.start(log_ms)

    def remove(self, automation_id: UUID) -> None:
        former = self._unload(automation_id)
        if former is not None:
            former.stop("removed")

    def snooze(self, fact: SnoozeFact, *, log_ms: int) -> None:
        """From this log time on, firings as the fact says are marked: nothing follows from them."""
        self.advance(log_ms)
        self._ledger.snoozes.apply(fact, log_ms=log_ms)

    def advance(self, log_ms: int) -> None:
        """Decide every deadline up to and including this log time, in deadline order."""
        self._ledger.run(log_ms * 1000, self._quarantine)

    def fold(self, entry: Entry) -> None:
        """Advance to the entry's log time, then evaluate its events in order."""
        log_ms, seq = entry.id
        self.advance(log_ms)
        known = entry.known_leaders
        for index, event in enumerate(entry.events):
            self.see(event, (log_ms, seq, index), leader_known=index in known)

    def see(self, event: Event, position: tuple[int, int, int], *, leader_known: bool) -> None:
        """Evaluate one event of an entry; log time has been advanced to it."""
        followers = self._followers
        if event.follows is not None and followers.must_wait(event, leader_known=leader_known):
            followers.wait(event, Position(*position))
            return
        leaves = self._index.find(event)
        if leaves and event.event != IGNORED_NAME:
            self._feed(leaves, event, position, position[0])
        if followers.windows:
            followers.leader_seen(event.id, position[0])

    def _evaluate(
        self, event: Event, position: Position, log_ms: int, reported: Collection[UUID]
    ) -> None:
        if event.event == IGNORED_NAME:
            return
        leaves = self._index.find(event)
        if reported:
            counted = [leaf for leaf in leaves if leaf.trigger_id in reported]
            leaves = [leaf for leaf in leaves if leaf.trigger_id not in reported]
            if self.watch is not None:
                self._moment.set(event, position, log_ms)
                for leaf in counted:
                    self.watch(leaf, Fate.COUNTED_EARLIER, log_ms)
        self._feed(leaves, event, position, log_ms)

    def _places(self, event: Event) -> list[WindowKey]:
        """The windows of absences that would count the event."""
        if event.event == IGNORED_NAME:
            return []
        places = []
        for leaf in self._index.find(event):
            key = leaf.awaits(event)
            if key is not None and not (leaf.guarded and leaf.caused(event)):
                places.append(WindowKey(leaf.automation_id, leaf.trigger_id, key))
        return places

    def _feed(
        self, leaves: list[Leaf], event: Event, position: tuple[int, int, int], log_ms: int
    ) -> None:
        self._moment.set(event, position, log_ms)
        watch = self.watch
        caused = CAUSES_LABEL in event.resource
        for leaf in leaves:
            try:
                if leaf.alive:
                    if caused and leaf.guarded and leaf.caused(event):
                        fate = Fate.CAUSED
                    else:
                        fate = leaf.feed(self._moment)
                    if watch is not None:
                        watch(leaf, fate, log_ms)
            except Exception as error:
                self._quarantine(leaf.automation_id, error)

    @property
    def next_deadline_ms(self) -> int | None:
        """The next log time at which an absence is decided, rounded up."""
        next_us = self._ledger.deadlines.next_us
        return None if next_us is None else ceil_ms(next_us)

    def take(self) -> Outcome:
        """What changed since the last take."""
        outcome = self._ledger.take()
        if self._strangers:
            outcome.deleted += self._strangers
            self._strangers = []
        return outcome

    def nodes_of(self, automation_id: UUID) -> list[CompiledNode]:
        """The triggers of an automation at work, in declaration order; none if not loaded."""
        loaded = self._loaded.get(automation_id)
        return [] if loaded is None else loaded.nodes

    def _load(self, version: Version) -> CompiledAutomation | None:
        try:
            loaded = CompiledAutomation(
                version.automation_id,
                version.version,
                version.trigger,
                resolves=version.resolves,
                guarded=version.guarded,
                ledger=self._ledger,
            )
        except Exception as error:
            self._ledger.raised[version.automation_id] = _described(error)
            return None
        self._loaded[version.automation_id] = loaded
        for leaf in loaded.leaves:
            self._index.add(leaf)
        self._followers.clear_places()
        return loaded

    def _unload(self, automation_id: UUID) -> CompiledAutomation | None:
        loaded = self._loaded.pop(automation_id, None)
        if loaded is not None:
            for leaf in loaded.leaves:
                self._index.remove(leaf)
            self._followers.clear_places()
        return loaded

    def _quarantine(self, automation_id: UUID, error: Exception) -> None:
        """Quarantine: one automation's failure is nobody else's."""
        loaded = self._unload(automation_id)
        if loaded is not None:
            loaded.stop("quarantined")
        self._ledger.raised[automation_id] = _described(error)


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
