"""What triggers mean in Flint, said a second time: slow, obvious, and ignorant of the engine.

Written from the descriptions of Prefect's and Flint's behavior, not from the engine. Every
event is shown to every trigger, every deadline is looked for in every window. Times are
microseconds (`us`) of event time, min(occurred, received), or of log time.

Where the descriptions leave something open, this is what was chosen:

 1. A reactive trigger with `threshold` below 1 behaves like one with 1. But an event that is
    both expected and in `after` is not kept from counting by what it opens itself.
 2. An absence that expects `threshold` 0 or fewer events never fires, so it has no windows.
 3. A satisfied absence is over at once; Prefect sees it at its next tick.
 4. A key is watched for absence from its first event on; that Prefect's first windows begin
    15 minutes early holds for reactive triggers only. A late event must not invent silence.
 5. Of what is due at the same microsecond, expired windows are swept first; then followers
    are given up, by position; then absences are decided in the order of declaration, those
    of one trigger by key.
 6. An absence is decided in the millisecond of its deadline, rounded up. The deadline is the
    end of the window, and as much later as the event that opened or moved it was late. One
    that a released follower opens too late for that is due at once; but what came in time
    and in the same entry still counts.
 7. A held event is kept for max(30 minutes, `within`) of log time. It is held again if the
    log has let its id in again.
 8. A window that begins with held events has the latest of them as its last event; without
    any, the event that opened it.
 9. A held follower keeps its own event time; it is decided at the log time of its release.
10. Followers that wait when an absence is decided are counted one by one, the earliest first,
    until the absence is satisfied. The others wait on.
11. What occurred after the end of an absence that is not decided yet is seen right after the
    decision, or when the absence is satisfied, in the order in which it came. What is only
    expected by a trigger with `after` is held anyway, and so it is not seen again. Of very
    many the middle is forgotten.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from events_app.domain.event import Entry, Event, to_us
from tests.triggers_app.automation.engine.reference_triggers import SECOND, Happening, Node, World
from triggers_app.automation.engine.evaluator import Version

LEADER_AWAITED = 15 * 60 * SECOND
IGNORED = "prefect.log.write"


class Reference(World):
    """`firings` by automation, in the order in which they were decided."""

    def __init__(self) -> None:
        super().__init__()
        self.roots: dict[UUID, Node] = {}
        self.parked: list[tuple[int, Happening]] = []

    def apply(self, version: Version, *, log_ms: int) -> None:
        self.advance(log_ms)
        former = self.roots.pop(version.automation_id, None)
        if version.enabled:
            root = self.roots[version.automation_id] = Node(self, version, version.trigger)
            known = {node.trigger.node_id: node for node in former.walk()} if former else {}
            for node in root.walk():
                node.begin(known.get(node.trigger.node_id))

    def remove(self, automation_id: UUID, *, log_ms: int) -> None:
        self.advance(log_ms)
        self.roots.pop(automation_id, None)

    def fold(self, entry: Entry) -> None:
        self.advance(entry.id.ms)
        for index, event in enumerate(entry.events):
            us = min(to_us(event.occurred), entry.id.ms * 1000)
            happening = Happening(event, us, entry.position(index))
            if self.must_wait(event, index in entry.known_leaders):
                self.parked.append((self.now + LEADER_AWAITED, happening))
                self.told[happening.position] = set()
            else:
                self.process(happening)

    def advance(self, log_ms: int) -> None:
        """Decide what is due, the earliest first."""
        while due := min(self.agenda(), key=lambda one: one[0], default=None):
            (us, *_), decide, what = due
            if us > log_ms * 1000:
                break
            self.now = max(self.now, -(-us // 1000) * 1000)
            decide(what)
        self.now = max(self.now, log_ms * 1000)

    def agenda(self) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
        for due, happening in self.parked:
            yield (due, 1, happening.position), self.release, happening
        for root in self.roots.values():
            for number, node in enumerate(root.walk()):
                for key, window in node.windows.items():
                    rank = 2 if node.absence else 0
                    yield (window.due, rank, number, key), node.decide, key

    def waiting(self) -> list[Happening]:
        found = [one for _, one in self.parked if one.event.event != IGNORED]
        return sorted(found, key=lambda one: (one.us, one.position))

    def must_wait(self, event: Event, leader_known: bool) -> bool:
        leader = event.follows
        if leader is None or leader == event.id:
            return False
        return not leader_known or any(one.event.id == leader for _, one in self.parked)

    def release(self, happening: Happening) -> None:
        self.parked = [one for one in self.parked if one[1] is not happening]
        self.process(happening)

    def process(self, happening: Happening) -> None:
        event = happening.event
        told = self.told.pop(happening.position, set())
        for root in self.roots.values() if event.event != IGNORED else ():
            for node in root.walk():
                if node.trigger.node_id not in told:
                    node.feed(happening)
        waiting = [one for _, one in self.parked if one.event.follows == event.id]
        for follower in sorted(waiting, key=lambda one: (one.event.occurred, one.position)):
            if any(one is follower for _, one in self.parked):
                self.release(follower)
