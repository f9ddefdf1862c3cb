"""Why a draft would not have fired on a day: one reason, in one sentence.

The first of these that holds is the reason:

1. Nothing of that day is recorded, or the backtest did not cover it. Or: it did fire.
2. A window closed with too few: the fullest of the day, the whole trigger's before its parts'.
3. Nothing met the conditions of a part that was needed: the event of that name which came
   nearest, and the condition that it failed; or that none of that name came.
4. An absence: what was expected came in time.
5. A window was still filling at the end.
6. Something else kept the last matching event from firing it: asked of the engine.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID

from events_app.domain.event import from_ms, to_us
from events_app.domain.position import Position
from project.lib.alike import most_alike
from project.lib.kept_connections import kept_connection
from project.lib.moments import in_words
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.triggers import (
    EventTrigger,
    Leaf,
    Posture,
    SequenceTrigger,
    Trigger,
)
from triggers_app.automation.verdict import Condition
from triggers_app.services.backtest_result import Almost, BacktestResult
from triggers_app.services.backtest_words import ended, name_of, names_of, when, why_almost
from triggers_app.storage import history
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_sql import Interest

MOST_EVENTS = 20_000
SECONDS = 2.0
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`reason` is a sentence; `event` the one to look at, whose verdict shows the rest.

    `kind`: fired, unrecorded, almost, nothing, came, filling, other.
    """

    day: date
    kind: str
    reason: str
    event: UUID | Position | None = None
    more: str = ""
    almost: Almost | None = None
    late: datetime | None = None  # when what was missing came after all


@dataclass
class Seen:
    """What one leaf saw in a day: how many events had its name, and met all it wants."""

    leaf: Leaf
    named: int = 0
    matched: int = 0
    last: Past | None = None
    nearest: Past | None = None
    failed: Condition | None = None
    met: int = -1

    def look(self, past: Past) -> None:
        decided = conditions(self.leaf, past.event)
        if not decided[0].met:
            return
        self.named += 1
        failed = [one for one in decided if not one.met]
        if not failed:
            self.matched += 1
            self.last = past
        elif (met := len(decided) - len(failed)) >= self.met:
            self.met, self.nearest, self.failed = met, past, failed[0]


def why_not(trigger: Trigger, result: BacktestResult, day: date) -> WhyNot:
    """The one reason for which it did not fire on that day of UTC.

    Reads at most 20,000 events of the day, for 2 s at most.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    since, until = max(start, result.since), min(start + DAY, result.until)
    early = _not_covered(result, day, since, until)
    if early is not None:
        return early
    with kept_connection() as connection:
        almost = _almost(trigger, result, day)
        if almost is not None:
            return _of_almost(connection, trigger, almost, day, result.until)
        span = LogSpan(Position(to_us(since) // 1000, -1, -1), to_us(until) // 1000 - 1)
        seen, complete = _seen(connection, trigger, span)
        lacking = next((one for one in seen if not one.matched and _needed(one.leaf)), None)
        if lacking is not None:
            name = names_of(trigger)[lacking.leaf.node_id]
            return _of_lack(connection, lacking, name, day=day, complete=complete)
    return _calm(trigger, seen, day) or _filling(trigger, result, day) or _last(seen, day)


def _not_covered(
    result: BacktestResult, day: date, since: datetime, until: datetime
) -> WhyNot | None:
    """Case 1."""
    if since >= until:
        return WhyNot(day, "unrecorded", "This day is not part of the period that was backtested.")
    if result.covered_since is None:
        return WhyNot(day, "unrecorded", "No events are recorded yet.")
    if result.covered_since >= until:
        sentence = f"Events are recorded since {when(result.covered_since)} only."
        return WhyNot(day, "unrecorded", sentence)
    if result.covered_until <= since:
        sentence = f"Time ran out at {when(result.covered_until)}. Choose a shorter period."
        return WhyNot(day, "unrecorded", sentence)
    firings = result.days.get(f"{day}", 0)
    if not firings:
        return None
    listed = [one for one in result.firings if one.fired.astimezone(UTC).date() == day]
    last = f", the last time at {listed[-1].fired:%H:%M}" if listed else ""
    event = listed[-1].event.id if listed and listed[-1].event else None
    times = "once" if firings == 1 else f"{firings:,} times"
    return WhyNot(day, "fired", f"It did fire, {times}{last}.", event)


def _almost(trigger: Trigger, result: BacktestResult, day: date) -> Almost | None:
    """Case 2: the root's before its parts', the fullest, the earliest."""
    ranks = {node.node_id: rank for rank, node in enumerate(trigger.walk())}
    that_day = [
        one for one in result.almost if ended(one, result.until).astimezone(UTC).date() == day
    ]
    root = [one for one in that_day if ranks[one.trigger_id] == 0]
    return max(
        root or that_day,
        key=lambda one: (one.count / max(1, one.needed), -ranks[one.trigger_id], -to_us(one.start)),
        default=None,
    )


def _of_almost(
    connection: Connection, trigger: Trigger, almost: Almost, day: date, until: datetime
) -> WhyNot:
    node = next(one for one in trigger.walk() if one.node_id == almost.trigger_id)
    end = ended(almost, until)
    span = f"between {almost.start:%H:%M} and {end:%H:%M}"
    if isinstance(node, SequenceTrigger) and not almost.missing:
        reason = f"All its parts came, {span}, but in another order."
    else:
        reason = f"Almost: {why_almost(almost, node, names_of(trigger))}, {span}."
    missing = [node.children[place] for place in almost.missing] or [node]
    late = _came_later(connection, missing[0], end)
    more = "" if late is None else _too_late(late, end)
    last = almost.counted[-1] if almost.counted else None
    event = Position.parse(last.position) if last is not None else None
    came = None if late is None else from_ms(late.position[0])
    return WhyNot(day, "almost", reason, event, more, almost, came)


def _came_later(connection: Connection, node: Trigger, end: datetime) -> Past | None:
    """The first event that would have counted, within a day of the window's end."""
    since_ms = to_us(end) // 1000
    span = LogSpan.since(since_ms + 1, since_ms + 86_400_000)
    leaves = node.leaves
    for past in islice(history.events(connection, span, interest=Interest.of(leaves)), MOST_EVENTS):
        for leaf in leaves:
            if all(one.met for one in conditions(leaf, past.event)):
                return past if past.event.occurred > end else None
    return None


def _too_late(late: Past, end: datetime) -> str:
    event = late.event
    after = in_words(event.occurred - end)
    return (
        f"The next {event.event} came {when(event.occurred)}, {after} after the window had closed."
    )


def _seen(connection: Connection, trigger: Trigger, span: LogSpan) -> tuple[list[Seen], bool]:
    """What every leaf saw; False when there was more than could be read."""
    seen = [Seen(leaf) for leaf in trigger.leaves]
    ends = time.monotonic() + SECONDS
    number = 0
    for number, past in enumerate(_named(connection, seen, span), start=1):
        for one in seen:
            one.look(past)
        if number % 500 == 0 and time.monotonic() > ends:
            return seen, False
    return seen, number < MOST_EVENTS


def _named(connection: Connection, seen: list[Seen], span: LogSpan) -> Iterator[Past]:
    """Events of the names that the leaves wait for, whatever else they want."""
    names = [Selection(one.leaf.event_names, {}, []) for one in seen]
    events = history.events(connection, span, interest=Interest(tuple(names)))
    return islice(events, MOST_EVENTS)


def _needed(leaf: Trigger) -> bool:
    """An absence needs nothing, unless something has to begin it."""
    return not (isinstance(leaf, EventTrigger) and leaf.posture is Posture.PROACTIVE) or bool(
        leaf.after or leaf.for_each
    )


def _of_lack(
    connection: Connection, lacking: Seen, name: str, *, day: date, complete: bool
) -> WhyNot:
    """Case 3."""
    if lacking.nearest is not None and lacking.failed is not None:
        times = "once" if lacking.named == 1 else f"{lacking.named:,} times"
        read = "" if complete else f" among the first {MOST_EVENTS:,} events"
        what = lacking.failed.sentence
        came = "came once, but" if lacking.named == 1 else f"came {times}{read}, but never matched:"
        reason = f"{name} {came} {what}."
        return WhyNot(day, "nothing", reason, Position(*lacking.nearest.position))
    similar = _similar(connection, lacking, day)
    return WhyNot(day, "nothing", f"No event named {name} came.", None, similar)


def _similar(connection: Connection, lacking: Seen, day: date) -> str:
    """A name that did come and looks like it."""
    rows = connection.execute(
        "SELECT event, events FROM event_count WHERE log_day = %s ORDER BY events DESC LIMIT 2000",
        (day,),
    ).fetchall()
    counts = dict(rows)
    for name in lacking.leaf.event_names:
        near = most_alike(name, counts, least=0.75)
        if near is not None:
            return f"{near} did, {counts[near]:,} times."
    return ""


def _calm(trigger: Trigger, seen: list[Seen], day: date) -> WhyNot | None:
    """Case 4, for a trigger that is one absence."""
    if not isinstance(trigger, EventTrigger) or trigger.posture is not Posture.PROACTIVE:
        return None
    (one,) = seen
    if one.last is None:
        return None
    times = "once" if one.matched == 1 else f"{one.matched:,} times"
    limit = in_words(trigger.within)
    reason = f"{name_of(trigger)} came {times}, so it was never missing for {limit}."
    return WhyNot(day, "came", reason, Position(*one.last.position))


def _filling(trigger: Trigger, result: BacktestResult, day: date) -> WhyNot | None:
    """Case 5."""
    nodes = {node.node_id: node for node in trigger.walk()}
    for one in sorted(result.open, key=lambda one: one.count / max(1, one.needed), reverse=True):
        end = one.end or result.until
        if one.start.astimezone(UTC).date() <= day <= end.astimezone(UTC).date():
            why = why_almost(one, nodes[one.trigger_id], names_of(trigger))
            until = f"until {when(one.end)}" if one.end else "without an end"
            event = Position.parse(one.counted[-1].position) if one.counted else None
            return WhyNot(day, "filling", f"A window is still filling, {until}: {why}.", event)
    return None


def _last(seen: list[Seen], day: date) -> WhyNot:
    """Case 6: the caller asks the engine about the event."""
    matched = [one for one in seen if one.last is not None]
    if not matched:
        return WhyNot(day, "other", "Nothing of what it waits for came.")
    last = max((one.last for one in matched if one.last), key=lambda past: past.position)
    return WhyNot(day, "other", "", Position(*last.position))
