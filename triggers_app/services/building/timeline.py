"""A backtest as a drawing: where each dot, bar, window and sign stands. Pure.

`x` and `width` are percent of the period, so that the drawing fits any page; `y` and `height`
are pixels, so that signs keep their shape.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from triggers_app.domain.sentence import trigger_sentence
from triggers_app.domain.triggers import EventTrigger, MetricTrigger, Posture, Trigger
from triggers_app.engine.outcome import RESOLVED
from triggers_app.services.backtest_result import SLOTS, Almost, BacktestResult, NodeTally, WouldBe
from triggers_app.services.building.backtests import Differences

AXIS, LABEL, TRACK, GAP = 22, 18, 26, 8
LANE, MOST_LANES, MOST_WINDOWS = 12, 3, 240
MOST_LEAVES = 12
TOGETHER = 1.5  # percent: signs that are nearer become one with a number
DOTS = 3  # in one place; more of them are a bar
NEVER_CAME = "never came"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC, or the part of it that lies in the period."""

    day: date
    x: float
    width: float
    firings: int
    almost: int
    recorded: bool

    @property
    def label(self) -> str:
        return f"{self.day:%a} {self.day.day} {self.day:%b}"


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """Matching events of one slot: `dots` one above the other, or a bar."""

    x: float
    width: float
    y: float
    height: float
    count: int
    dots: list[float]
    title: str


@dataclass(frozen=True, slots=True)
class LeafRow:
    trigger_id: UUID
    name: str
    sentence: str
    matched: int
    y: float
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class Span:
    """A window; `full` is the share of it that is filled. `kind`: fired, almost, open."""

    kind: str
    x: float
    width: float
    y: float
    full: float
    title: str
    deadline: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign, for one thing or for several that stand together. `kind`: fired, resolved, almost,
    open, added, removed. `event_id`: what to explain; None where it was no event."""

    kind: str
    x: float
    moments: list[datetime]
    titles: list[str]
    event_id: UUID | None

    @property
    def count(self) -> int:
        return len(self.titles)

    @property
    def title(self) -> str:
        if self.count == 1:
            return self.titles[0]
        first, last = when(self.moments[0]), when(self.moments[-1])
        words = {"almost": "almost", "added": "more firings", "removed": "firings less"}
        return f"{self.count} {words.get(self.kind, 'firings')}, {first} to {last}"


@dataclass(frozen=True, slots=True)
class Told:
    """A sign in words, for the table."""

    kind: str
    moment: datetime
    what: str
    event_id: UUID | None


@dataclass(frozen=True, slots=True)
class Signs:
    """A row of signs."""

    name: str
    y: float
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Drawing:
    since: datetime
    until: datetime
    height: float
    days: list[Day]
    ticks: list[Tick]
    unknown: float  # percent of the period of which nothing is recorded
    unread: float  # percent at its end that was not read
    leaves: list[LeafRow]
    leaves_left_out: int
    windows_y: float | None
    windows: list[Span]
    signs: list[Signs]
    told: list[Told] = field(default_factory=list)
    summary: str = ""


class Scale:
    def __init__(self, since: datetime, until: datetime) -> None:
        self.since, self.until = since, until
        self.length = max(until - since, timedelta(milliseconds=1))

    def x(self, moment: datetime) -> float:
        return min(100.0, max(0.0, 100 * ((moment - self.since) / self.length)))


def draw(trigger: Trigger, result: BacktestResult, compared: Differences | None = None) -> Drawing:
    """Everything that is drawn, from top to bottom."""
    scale = Scale(result.since, result.until)
    near = [one for one in result.almost if is_near(one)]
    leaves, y = _leaves(trigger, result, scale)
    windows, windows_y = _windows(trigger, result, scale, y + LABEL), None
    if windows:
        windows_y = y
        lanes = 1 + max(round((one.y - y - LABEL) / LANE) for one in windows)
        y += LABEL + lanes * LANE + GAP
    told = sorted(_told(trigger, result, near, compared), key=lambda one: one.moment)
    signs = []
    for name, kinds in _ROWS.items():
        marks = _marks(scale, told, kinds)
        if marks or name == "Firings":
            signs.append(Signs(name, y, marks))
            y += LABEL + TRACK + GAP
    found = list(trigger.walk())
    return Drawing(
        since=result.since,
        until=result.until,
        height=y,
        days=_days(result, near, scale),
        ticks=_ticks(scale),
        unknown=100.0 if result.covered_since is None else scale.x(result.covered_since),
        unread=0.0 if result.finished else 100 - scale.x(result.covered_until),
        leaves=leaves,
        leaves_left_out=sum(not one.children for one in found) - len(leaves),
        windows_y=windows_y,
        windows=windows,
        signs=signs,
        told=told[::-1],
        summary=summary_of(result),
    )


def summary_of(result: BacktestResult) -> str:
    """`Would have fired 11 times in 7 days, last Fri 21 Nov 04:12`."""
    days = (result.covered_until - (result.covered_since or result.until)) / timedelta(days=1)
    length = f"{days * 24:.0f} hours" if days < 2 else f"{days:.0f} days"
    if result.covered_since is None or days <= 0:
        return "No events are recorded yet"
    fired = [one for one in result.firings if one.state != RESOLVED]
    total = result.firings_total - (len(result.firings) - len(fired))
    if not total:
        return f"Would not have fired in {length}"
    times = "once" if total == 1 else f"{total:,} times"
    return f"Would have fired {times} in {length}, last {when(fired[-1].fired)}"


def is_near(almost: Almost) -> bool:
    """Whether at least half of what was needed had come; else nobody would say "almost"."""
    return almost.count * 2 >= almost.needed


def name_of(trigger: Trigger) -> str:
    """A trigger in two or three words."""
    if isinstance(trigger, EventTrigger):
        names = trigger.expect or ["any event"]
        return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"
    if isinstance(trigger, MetricTrigger):
        return f"{trigger.metric.name} of runs"
    parts = [name_of(child) for child in trigger.children]
    return parts[0] if len(parts) == 1 else f"{len(parts)} parts"


def names_of(trigger: Trigger) -> dict[UUID, str]:
    """Every leaf in a few words; leaves of one name are told apart by what they want of it."""
    alike: dict[str, list[EventTrigger | MetricTrigger]] = {}
    for node in trigger.walk():
        if isinstance(node, EventTrigger | MetricTrigger):
            alike.setdefault(name_of(node), []).append(node)
    names: dict[UUID, str] = {}
    for name, leaves in alike.items():
        shared = Counter(text for leaf in leaves for text in set(_wanted(leaf)))
        for leaf in leaves:
            own = [text for text in _wanted(leaf) if shared[text] < len(leaves)]
            names[leaf.node_id] = " · ".join([name, *own[:1]])
    return names


def _wanted(leaf: EventTrigger | MetricTrigger) -> list[str]:
    values = [*leaf.match.values()]
    values += [value for one in leaf.related_specifications for value in one.values()]
    return [value if isinstance(value, str) else " or ".join(value) for value in values]


def why_almost(almost: Almost, node: Trigger, names: Mapping[UUID, str] | None = None) -> str:
    """`inventory.snapshot.done never came, 1 of 2`."""
    share = f"{almost.count} of {almost.needed}"
    whom = f" for {', '.join(part or '(none)' for part in almost.key)}" if almost.key else ""
    if node.children:
        lacking = [node.children[place] for place in almost.missing]
        missing = [(names or {}).get(one.node_id, name_of(one)) for one in lacking]
        named = " and ".join(missing) if len(missing) < 3 else f"{len(missing)} of its parts"
        word = NEVER_CAME if almost.closed else "has not come yet"
        return f"{named} {word}, {share}{whom}"
    return f"{share} {name_of(node)} came{whom}"


def when(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def ended(almost: Almost, until: datetime) -> datetime:
    """When it was clear: the end of the window, and not when somebody looked at it."""
    return min(almost.end or until, almost.closed or until, until)


def _leaves(trigger: Trigger, result: BacktestResult, scale: Scale) -> tuple[list[LeafRow], float]:
    tallies = {one.trigger_id: one for one in result.nodes}
    names = names_of(trigger)
    y = float(AXIS)
    rows: list[LeafRow] = []
    for node in trigger.walk():
        if node.children or len(rows) == MOST_LEAVES:
            continue
        tally = tallies[node.node_id]
        columns = list(_columns(tally, scale, y + LABEL))
        sentence = trigger_sentence(node)
        rows.append(LeafRow(node.node_id, names[node.node_id], sentence, tally.matched, y, columns))
        y += LABEL + TRACK + GAP
    return rows, y


def _columns(tally: NodeTally, scale: Scale, top: float) -> Iterator[Column]:
    most = max(tally.timeline, default=0)
    width = 100 / SLOTS
    step = scale.length / SLOTS
    for slot, count in enumerate(tally.timeline):
        if not count:
            continue
        height = max(3.0, (count / most) ** 0.5 * (TRACK - 2))
        dots = [top + TRACK - 4 - 7 * n for n in range(count)] if most <= DOTS else []
        start = scale.since + slot * step
        title = f"{count:,} matching, {when(start)} to {start + step:%H:%M}"
        yield Column(slot * width, width, top + TRACK - height, height, count, dots, title)


def _windows(trigger: Trigger, result: BacktestResult, scale: Scale, top: float) -> list[Span]:
    """The newest windows, packed into few lanes; what finds no room is left out."""
    nodes = {node.node_id: node for node in trigger.walk()}
    found: list[tuple[datetime, datetime, str, float, str, bool]] = []
    absence = isinstance(trigger, EventTrigger) and trigger.posture is Posture.PROACTIVE
    for fired in result.firings:
        if fired.window_start is not None and fired.window_end is not None:
            end = fired.fired if absence or not trigger.children else fired.window_end
            length = _span_words(fired.window_start, end)
            found.append(
                (fired.window_start, end, "fired", 1.0, f"Window of {length}, fired", absence)
            )
    for kind, windows in (("almost", result.almost), ("open", result.open)):
        for one in windows:
            full = min(1.0, one.count / one.needed) if one.needed else 1.0
            why = why_almost(one, nodes[one.trigger_id])
            end = ended(one, result.until)
            found.append((one.start, end, kind, full, f"Window, {why}", False))
    found.sort(key=lambda one: one[:2])
    return list(_packed(found[-MOST_WINDOWS:], scale, top))


def _packed(
    found: Iterable[tuple[datetime, datetime, str, float, str, bool]], scale: Scale, top: float
) -> Iterator[Span]:
    lanes = [-1.0] * MOST_LANES
    for start, end, kind, full, title, deadline in found:
        x = scale.x(start)
        width = max(0.5, scale.x(max(start, end)) - x)
        lane = next((n for n, taken in enumerate(lanes) if taken <= x), None)
        if lane is None or end < scale.since:
            continue
        lanes[lane] = x + width + 0.1
        yield Span(kind, x, width, top + lane * LANE, full, title, deadline)


def _told(
    trigger: Trigger, result: BacktestResult, near: Sequence[Almost], compared: Differences | None
) -> Iterator[Told]:
    nodes = {node.node_id: node for node in trigger.walk()}
    names = names_of(trigger)
    for one in result.firings:
        kind = "resolved" if one.state == RESOLVED else "fired"
        yield Told(kind, one.fired, _because(one), _event_id(one))
    for kind, windows in (("almost", near), ("open", result.open)):
        for almost in windows:
            why = why_almost(almost, nodes[almost.trigger_id], names)
            last = almost.counted[-1].id if almost.counted else None
            yield Told(kind, ended(almost, result.until), why, last)
    if compared is not None:
        for kind, firings in (("added", compared.added), ("removed", compared.removed)):
            for one in firings:
                yield Told(kind, one.fired, _because(one), _event_id(one))


def _event_id(firing: WouldBe) -> UUID | None:
    return None if firing.event is None else firing.event.id


def _because(firing: WouldBe) -> str:
    what = firing.event.event if firing.event is not None else "an absence"
    labels = ", ".join(f"{value or '(none)'}" for value in firing.labels.values())
    return f"{what} for {labels}" if labels else what


def _marks(scale: Scale, told: Sequence[Told], kinds: Sequence[str]) -> list[Mark]:
    """Signs of one kind that would lie on each other become one."""
    marks: list[Mark] = []
    for kind in kinds:
        last: Mark | None = None
        for one in told:
            if one.kind != kind:
                continue
            x = scale.x(one.moment)
            title = f"{_WORDS[kind]} {when(one.moment)}: {one.what}"
            if last is not None and x - last.x < TOGETHER:
                last.moments.append(one.moment)
                last.titles.append(title)
                continue
            last = Mark(kind, x, [one.moment], [title], one.event_id)
            marks.append(last)
    return marks


_ROWS = {
    "Firings": ("fired", "resolved"),
    "Almost": ("almost", "open"),
    "Against the saved one": ("added", "removed"),
}
_WORDS = {
    "fired": "Fired",
    "resolved": "Resolved",
    "almost": "Almost",
    "open": "Filling until",
    "added": "More than the saved one:",
    "removed": "Not any more:",
}


def _days(result: BacktestResult, near: Sequence[Almost], scale: Scale) -> list[Day]:
    almost: dict[date, int] = {}
    for one in near:
        day = ended(one, result.until).astimezone(UTC).date()
        almost[day] = almost.get(day, 0) + 1
    days = []
    for day in _dates(scale.since, scale.until):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        x, end = scale.x(start), scale.x(start + timedelta(days=1))
        known = result.covered_since is not None and start + timedelta(days=1) > (
            result.covered_since
        )
        days.append(Day(day, x, end - x, result.days.get(f"{day}", 0), almost.get(day, 0), known))
    return days


def _dates(since: datetime, until: datetime) -> list[date]:
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _ticks(scale: Scale) -> list[Tick]:
    """Midnights, or every third hour of a single day; every fifth day of a month has a name."""
    if scale.length <= timedelta(days=2):
        hour = scale.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [hour + timedelta(hours=n) for n in range(1, 50)]
        return [
            Tick(scale.x(one), f"{one:%H:%M}" if one.hour else f"{one:%a} {one.day}")
            for one in hours
            if one.hour % 3 == 0 and one < scale.until
        ]
    days = _dates(scale.since, scale.until)[1:]
    every = 1 if len(days) <= 10 else 5
    return [
        Tick(
            scale.x(datetime(day.year, day.month, day.day, tzinfo=UTC)),
            f"{day:%a} {day.day}" if n % every == 0 else "",
        )
        for n, day in enumerate(days)
    ]


def _span_words(start: datetime, end: datetime) -> str:
    minutes = round((end - start) / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
