"""A backtest as a drawing: where each dot, bar, window and sign stands. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from triggers_app.automation.engine.outcome import RESOLVED
from triggers_app.automation.triggers import EventTrigger, Posture, Trigger
from triggers_app.automation.wording import trigger_sentence
from triggers_app.builder.backtest.service import BacktestDifferences
from triggers_app.builder.backtest.timeline_shapes import (
    Column,
    Day,
    Drawing,
    DrawnFiring,
    DrawnSpan,
    LeafRow,
    Mark,
    Signs,
    Tick,
)
from triggers_app.services.backtest_result import SLOTS, Almost, BacktestResult, NodeTally, WouldBe
from triggers_app.services.backtest_words import (
    by_silence,
    ended,
    is_near,
    names_of,
    summary_of,
    when,
    why_almost,
)

AXIS, LABEL, TRACK, GAP = 20, 2, 20, 4
LANE, MOST_LANES, MOST_WINDOWS = 12, 3, 240
MOST_LEAVES = 12
TOGETHER = 1.5  # percent: signs that are nearer become one with a number
DOTS = 3  # in one place; more of them are a bar


class Scale:
    def __init__(self, since: datetime, until: datetime) -> None:
        self.since, self.until = since, until
        self.length = max(until - since, timedelta(milliseconds=1))

    def x(self, moment: datetime) -> float:
        return min(100.0, max(0.0, 100 * ((moment - self.since) / self.length)))


def draw(
    trigger: Trigger, result: BacktestResult, compared: BacktestDifferences | None = None
) -> Drawing:
    """Everything that is drawn, from top to bottom."""
    scale = Scale(result.since, result.until)
    near = [one for one in result.almost if is_near(one)]
    leaves, y = _leaves(trigger, result, scale)
    windows, windows_y = _windows(trigger, result, scale, y + LABEL), None
    if windows:
        windows_y = y
        lanes = 1 + max(round((one.y - y - LABEL) / LANE) for one in windows)
        y += LABEL + lanes * LANE + GAP
    drawn = sorted(_drawn_firings(trigger, result, near, compared), key=lambda one: one.moment)
    signs = []
    for name, kinds in _ROWS.items():
        marks = _marks(scale, drawn, kinds)
        if marks or name == "Firings":
            signs.append(Signs(name, y, marks))
            y += LABEL + TRACK + GAP
    nodes = list(trigger.walk())
    return Drawing(
        since=result.since,
        until=result.until,
        height=y,
        days=_days(result, near, scale),
        ticks=_ticks(scale),
        unknown=100.0 if result.covered_since is None else scale.x(result.covered_since),
        unread=0.0 if result.finished else 100 - scale.x(result.covered_until),
        leaves=leaves,
        leaves_left_out=sum(not one.children for one in nodes) - len(leaves),
        windows_y=windows_y,
        windows=windows,
        signs=signs,
        firings=drawn[::-1],
        summary=summary_of(result),
    )


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


def _windows(trigger: Trigger, result: BacktestResult, scale: Scale, top: float) -> list[DrawnSpan]:
    """The newest windows, packed into few lanes; what finds no room is left out."""
    nodes = {node.node_id: node for node in trigger.walk()}
    drawn_windows: list[tuple[datetime, datetime, str, float, str, bool]] = []
    absence = isinstance(trigger, EventTrigger) and trigger.posture is Posture.PROACTIVE
    for fired in result.firings:
        if fired.window_start is not None and fired.window_end is not None:
            end = fired.fired if absence or not trigger.children else fired.window_end
            length = _span_words(fired.window_start, end)
            drawn_windows.append(
                (fired.window_start, end, "fired", 1.0, f"Window of {length}, fired", absence)
            )
    for kind, windows in (("almost", result.almost), ("open", result.open)):
        for one in windows:
            full = min(1.0, one.count / one.needed) if one.needed else 1.0
            why = why_almost(one, nodes[one.trigger_id])
            end = ended(one, result.until)
            drawn_windows.append((one.start, end, kind, full, f"Window, {why}", False))
    drawn_windows.sort(key=lambda one: one[:2])
    return list(_packed(drawn_windows[-MOST_WINDOWS:], scale, top))


def _packed(
    windows: Iterable[tuple[datetime, datetime, str, float, str, bool]], scale: Scale, top: float
) -> Iterator[DrawnSpan]:
    lanes = [-1.0] * MOST_LANES
    for start, end, kind, full, title, deadline in windows:
        x = scale.x(start)
        width = max(0.5, scale.x(max(start, end)) - x)
        lane = next((n for n, taken in enumerate(lanes) if taken <= x), None)
        if lane is None or end < scale.since:
            continue
        lanes[lane] = x + width + 0.1
        yield DrawnSpan(kind, x, width, top + lane * LANE, full, title, deadline)


def _drawn_firings(
    trigger: Trigger,
    result: BacktestResult,
    near: Sequence[Almost],
    compared: BacktestDifferences | None,
) -> Iterator[DrawnFiring]:
    nodes = {node.node_id: node for node in trigger.walk()}
    names = names_of(trigger)
    for one in result.firings:
        kind = "resolved" if one.state == RESOLVED else "fired"
        yield _drawn_firing(kind, one)
    for kind, windows in (("almost", near), ("open", result.open)):
        for almost in windows:
            why = why_almost(almost, nodes[almost.trigger_id], names)
            last = almost.counted[-1].id if almost.counted else None
            yield DrawnFiring(kind, ended(almost, result.until), why, last)
    if compared is not None:
        for kind, firings in (("added", compared.added), ("removed", compared.removed)):
            for one in firings:
                yield _drawn_firing(kind, one)


def _drawn_firing(kind: str, firing: WouldBe) -> DrawnFiring:
    return DrawnFiring(kind, firing.fired, _because(firing), _event_id(firing), by_silence(firing))


def _event_id(firing: WouldBe) -> UUID | None:
    return None if firing.event is None else firing.event.id


def _because(firing: WouldBe) -> str:
    what = firing.event.event if firing.event is not None else "an absence"
    labels = ", ".join(f"{value or '(none)'}" for value in firing.labels.values())
    return f"{what} for {labels}" if labels else what


def _marks(scale: Scale, firings: Sequence[DrawnFiring], kinds: Sequence[str]) -> list[Mark]:
    """Signs of one kind that would lie on each other become one."""
    marks: list[Mark] = []
    for kind in kinds:
        last: Mark | None = None
        for one in firings:
            if one.kind != kind:
                continue
            x = scale.x(one.moment)
            title = f"{_WORDS[kind]} {when(one.moment)}: {one.what}"
            if last is not None and x - last.x < TOGETHER:
                last.moments.append(one.moment)
                last.titles.append(title)
                continue
            last = Mark(kind, x, [one.moment], [title], one.event_id, one.of)
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
