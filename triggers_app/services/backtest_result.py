"""What a backtest found: firings, what almost fired, and what each trigger made of its events."""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from events_app.domain.event import from_ms, from_us
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.leaf import Leaf
from triggers_app.automation.engine.ledger import Keeper, Ledger
from triggers_app.automation.engine.node import CompiledNode, counted_in
from triggers_app.automation.engine.outcome import (
    NEVER_US,
    RESOLVED,
    ClosedWindow,
    Counted,
    Firing,
    Window,
)
from triggers_app.automation.triggers import (
    Trigger,
)

SLOTS = 120  # of a time line
MINUTE_MS = 60_000


class EventRef(msgspec.Struct, frozen=True, gc=False):
    """A recorded event. `position` is where the log held it."""

    id: UUID
    event: str
    occurred: datetime
    resource_id: str
    position: str

    @classmethod
    def of(cls, counted: Counted) -> "EventRef":
        ms, seq, index = counted.position
        position = f"{ms}-{seq}-{index}"
        return cls(counted.id, counted.event, counted.occurred, counted.resource_id, position)


class WouldBe(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A firing that would have been. `event` is None for an absence of any event.

    `counted` are the latest of `counted_total`.
    """

    fired: datetime
    state: str
    event: EventRef | None
    labels: dict[str, str]
    counted: list[EventRef]
    counted_total: int
    window_start: datetime | None
    window_end: datetime | None


class Almost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A window that closed, or is still open, with too few. `closed` is None while it is open.

    `missing`: of a composite, the places of the children that had not fired. `counted` are the
    first and the latest of `count`.
    """

    trigger_id: UUID
    key: list[str]
    start: datetime
    end: datetime | None
    closed: datetime | None
    count: int
    needed: int
    missing: list[int]
    counted: list[EventRef]


class NodeTally(msgspec.Struct, frozen=True, kw_only=True):
    """What one trigger of the tree did. `matched` events met its conditions.

    `fates` counts them by what became of them; `timeline` by time, in equal slots from since
    to until. Composites match nothing themselves.
    """

    trigger_id: UUID
    type: str
    matched: int
    firings: int
    fates: dict[str, int]
    timeline: list[int]


class BacktestResult(msgspec.Struct, frozen=True, kw_only=True):
    """Lists hold the newest, the totals all. `covered`: the part that was looked at.

    `covered_since` is None when nothing is recorded. `starts`: empty (windows that had begun
    before are not seen) or snapshot. `finished` is False when time ran out. `error` says why
    the engine gave up. `busiest_hour` and `busiest_minute`: the most firings in one of the clock;
    `days` are firings by day of UTC (`2026-11-23`). Neither counts what was resolved.
    """

    since: datetime
    until: datetime
    covered_since: datetime | None
    covered_until: datetime
    starts: str
    finished: bool
    events_read: int
    nodes: list[NodeTally]
    firings: list[WouldBe]
    firings_total: int
    timeline: list[int]
    almost: list[Almost]
    almost_total: int
    open: list[Almost]
    open_total: int
    busiest_hour: int = 0
    busiest_minute: int = 0
    days: dict[str, int] = {}
    error: str | None = None


class Tally(Ledger):
    """Counts what the evaluator does from `since_ms` on, as it happens; `most` bounds each list.

    It stores nothing: firings need no ids, and how windows change is of no interest.
    """

    names_firings = False

    def __init__(
        self,
        trigger: Trigger,
        *,
        since_ms: int,
        until_ms: int,
        most: int,
        most_counted: int,
    ) -> None:
        super().__init__()
        self.witness = self.node_fired
        self.nodes = list(trigger.walk())
        self.needed = {node.node_id: node.needed for node in self.nodes}
        self.children = {node.node_id: len(node.children) for node in self.nodes}
        self.most_counted = most_counted
        self.since_ms, self.until_ms = since_ms, until_ms
        # By place in the tree: hashing an id would cost more than the rest of counting.
        self.fates: list[Counter[Fate]] = [Counter() for _ in self.nodes]
        self.timelines = [[0] * SLOTS for _ in self.nodes]
        self.fired = [0] * len(self.nodes)
        self.timeline = [0] * SLOTS
        self.newest: deque[Firing] = deque(maxlen=most)
        self.firings_total = 0
        self.minutes: Counter[int] = Counter()
        self.almost: deque[ClosedWindow] = deque(maxlen=most)
        self.almost_total = 0
        self._per_slot = max(1, (until_ms - since_ms) // SLOTS + 1)

    def matched(self, leaf: Leaf, fate: Fate, log_ms: int) -> None:
        if log_ms >= self.since_ms:
            place = leaf.rank[1]
            self.fates[place][fate] += 1
            self.timelines[place][self._slot(log_ms)] += 1

    def node_fired(self, node: Keeper, firing: Firing) -> None:
        if firing.fired_ms >= self.since_ms:
            self.fired[node.rank[1]] += 1

    def fire(self, firing: Firing) -> None:
        fired_ms = firing.fired_ms
        if fired_ms >= self.since_ms:
            self.newest.append(firing)
            self.firings_total += 1
            self.timeline[self._slot(fired_ms)] += 1
            if firing.state != RESOLVED:
                self.minutes[fired_ms // MINUTE_MS] += 1

    def notes_closed(self, outcome: str) -> bool:
        return outcome == "expired"

    def close(self, window: ClosedWindow) -> None:
        if window.closed_ms >= self.since_ms:
            self.almost.append(window)
            self.almost_total += 1

    def changed(self, keeper: Keeper, key: tuple[str, ...], window: Window | None) -> None:
        pass

    def result(
        self,
        *,
        covered_since_ms: int | None,
        covered_until_ms: int,
        starts: str,
        finished: bool,
        events_read: int,
        at_work: Iterable[CompiledNode],
    ) -> BacktestResult:
        filling = [
            window
            for node in at_work
            for window in node.windows.values()
            if window.open and 0 < window.count < self.needed[node.trigger_id]
        ]
        most = self.newest.maxlen or 0
        return BacktestResult(
            since=from_ms(self.since_ms),
            until=from_ms(self.until_ms),
            covered_since=None if covered_since_ms is None else from_ms(covered_since_ms),
            covered_until=from_ms(covered_until_ms),
            starts=starts,
            finished=finished,
            events_read=events_read,
            nodes=[self._node(place, node) for place, node in enumerate(self.nodes)],
            firings=[_would_be(firing, self.most_counted) for firing in self.newest],
            firings_total=self.firings_total,
            timeline=self.timeline,
            almost=[self._almost(window) for window in self.almost],
            almost_total=self.almost_total,
            open=[self._almost(window) for window in filling[-most:]],
            open_total=len(filling),
            busiest_hour=max(self._per(60).values(), default=0),
            busiest_minute=max(self.minutes.values(), default=0),
            days={
                f"{from_ms(day * 1440 * MINUTE_MS):%Y-%m-%d}": firings
                for day, firings in self._per(1440).items()
            },
            error=next(reversed(self.raised.values()), None),
        )

    def _per(self, minutes: int) -> Counter[int]:
        counter: Counter[int] = Counter()
        for minute, firings in self.minutes.items():
            counter[minute // minutes] += firings
        return counter

    def _slot(self, ms: int) -> int:
        return min((ms - self.since_ms) // self._per_slot, SLOTS - 1)

    def _node(self, place: int, trigger: Trigger) -> NodeTally:
        fates = {fate.value: count for fate, count in self.fates[place].items()}
        return NodeTally(
            trigger_id=trigger.node_id,
            type=trigger.type,
            matched=sum(fates.values()),
            firings=self.fired[place],
            fates=fates,
            timeline=self.timelines[place],
        )

    def _almost(self, window: ClosedWindow | Window) -> Almost:
        if isinstance(window, ClosedWindow):
            closed, filled = from_ms(window.closed_ms), window.filled
            counted = window.counted
        else:
            closed, filled = None, tuple(slot.child for slot in window.slots)
            counted = counted_in(window)
        children = range(self.children[window.trigger_id])
        return Almost(
            trigger_id=window.trigger_id,
            key=list(window.key),
            start=from_us(window.start_us),
            end=None if window.end_us >= NEVER_US else from_us(window.end_us),
            closed=closed,
            count=window.count,
            needed=self.needed[window.trigger_id],
            missing=[child for child in children if child not in filled],
            counted=[EventRef.of(one) for one in _ends(counted, self.most_counted)],
        )


def _ends(counted: tuple[Counted, ...], most: int) -> tuple[Counted, ...]:
    """The first of them and the latest."""
    return counted if len(counted) <= most else (counted[0], *counted[len(counted) + 1 - most :])


def _would_be(firing: Firing, most_counted: int) -> WouldBe:
    counted = [EventRef.of(one) for one in firing.counted[-most_counted:]]
    return WouldBe(
        fired=from_ms(firing.fired_ms),
        state=firing.state,
        event=_decisive(firing, counted),
        labels=firing.labels,
        counted=counted,
        counted_total=firing.counted_total,
        window_start=None if firing.window_start_us is None else from_us(firing.window_start_us),
        window_end=None if firing.window_end_us is None else from_us(firing.window_end_us),
    )


def _decisive(firing: Firing, counted: list[EventRef]) -> EventRef | None:
    """The event that it fires with. An absence has none; its last one is among the counted."""
    if firing.triggering is None:
        return None
    body, position = firing.triggering.event, firing.position
    if firing.counted:
        last = firing.counted[-1]
        if last.id == body.id and position in (None, last.position):
            return counted[-1]
    if position is None:
        known = [one.position for one in firing.counted if one.id == body.id]
        position = known[-1] if known else None
    text = "" if position is None else str(position)
    return EventRef(body.id, body.event, body.occurred, body.resource_id, text)
