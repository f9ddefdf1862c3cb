"""The numbers beside every choice: how many recorded events a trigger's conditions leave.

The events are counted by kind in the database, and kinds are tested by the engine's own index
(`engine.sieve`), so a number says what production would do. Up to 200,000 events of the names in
question are counted exactly; of more, a sample that is spread over the whole period.

1. Names alone are answered from the counts by name and day.
2. What is counted fast, or was counted a moment ago, is exact at once.
3. Else a sample answers first, and `counting` says that asking again with `exact` is worth it.
"""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.engine.funnel import Funnel, Kind, LeafQuery, Left, query_of
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.triggers import GROUPS
from triggers_app.storage import event_stats
from triggers_app.storage.event_stats import Glance

logger = logging.getLogger(__name__)

DAYS = 7
MOST_EXACT = 200_000
# So many are counted while somebody waits; more only when the page asks for them.
AT_ONCE = 50_000
MOST_NAMES = 20_000
KEPT_SECONDS = 20.0
MOST_KEPT = 100_000  # kinds of events


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one event or metric trigger leaves of the events of the period.

    - `total`: events with one of its names; `met`: those that meet every condition;
      `left`: place of a row → events that it and those above it leave; `begins`: those of
      `met` that `after` waits for (None without `after`); `buckets`: how many different
      values of `for_each` they have (None without; at least so many when not exact).
    - `exact`: else from a sample, rounded. `below`: nothing in the sample meets all
      conditions; then there are fewer than this. `counting`: the exact numbers can be had.
    """

    total: int
    met: int
    since: date
    left: Mapping[str, int] = field(default_factory=dict)
    begins: int | None = None
    buckets: int | None = None
    for_each: tuple[str, ...] = ()
    exact: bool = True
    sampled: int | None = None
    counting: bool = False
    below: int | None = None

    @property
    def plain(self) -> bool:
        """Whether the names decide alone."""
        return not self.left

    def before(self, place: str) -> int:
        """How many events the rows above a row leave."""
        above = list(self.left)
        at = above.index(place)
        return self.left[above[at - 1]] if at else self.total


def numbers_of(
    nodes: Mapping[str, Mapping[str, Any]], *, now: datetime, exact: bool = False
) -> dict[str, Numbers]:
    """Numbers of those nodes (id → document) that have some: not of groups, nor of half rows.

    `exact`: count as far as it goes, also where that takes a moment. Two to four queries for
    each that differs in names or labels; none where they were asked a moment ago.
    """
    numbers = {}
    hurry = Hurry(MOST_EXACT * len(nodes) if exact else AT_ONCE)
    for node_id, node in nodes.items():
        query = None if is_group(node) else query_of(node)
        if query is not None:
            numbers[node_id] = _Count(query, now=now, hurry=hurry).numbers()
    return numbers


def is_group(node: Mapping[str, Any]) -> bool:
    return node.get("type") in GROUPS or "triggers" in node


class Hurry:
    """How many events may still be counted while somebody waits."""

    def __init__(self, events: int) -> None:
        self._left = events

    def allows(self, events: int) -> bool:
        allowed = events <= self._left
        self._left -= events if allowed else 0
        return allowed


class _Count:
    """The numbers of one trigger: cases 1 to 3."""

    def __init__(self, query: LeafQuery, *, now: datetime, hurry: Hurry) -> None:
        self.query = query
        self.now = now
        self.hurry = hurry
        self.since = now.date() - timedelta(days=DAYS - 1)
        names = Selection(query.names, {}, [])
        self.look = Glance(self.since, names, query.labels, query.looks_at_related)

    def numbers(self) -> Numbers:
        named = self._by_name().left(LeafQuery(self.query.expect, self.query.after))
        if self.query.tests_nothing:
            return self._numbers(named)
        kinds = self._kinds(named.named)
        if kinds is not None:
            return self._numbers(kinds.left(self.query))
        sample = self._sample(named.named).left(self.query)
        return self._scaled(sample, named.named)

    def _question(self, what: str) -> tuple[Any, ...]:
        look = self.look
        return what, look.since, *self.query.names, None, *look.labels, look.related

    def _by_name(self) -> "_Kinds":
        question = ("names", self.since, *self.query.names)
        kinds: _Kinds = _memory().ask(question, self._totals, now=self.now, weight=_weight)
        return kinds

    def _totals(self) -> "_Kinds":
        totals = event_stats.totals(self.look.names, since=self.since, limit=MOST_NAMES)
        return _Kinds([Kind(total.event, (), None, total.events) for total in totals])

    def _kinds(self, candidates: int) -> "_Kinds | None":
        """Of all candidates; None when they are too many, or too many for now."""
        question = self._question("kinds")
        known: _Kinds | None = _memory().get(question, now=self.now)
        if known is not None:
            return known
        if candidates > MOST_EXACT or not self.hurry.allows(candidates):
            return None
        return _cached(question, lambda: event_stats.kinds(self.look), now=self.now)

    def _sample(self, candidates: int) -> "_Kinds":
        def sampled() -> list[Kind]:
            total = event_stats.events_since(self.since)
            return event_stats.sampled_kinds(self.look, candidates=candidates, total=total)

        return _cached(self._question("sample"), sampled, now=self.now) or _Kinds([])

    def _few(self, guessed: float) -> Left | None:
        """Exactly those that an index on ids and labels finds, where they are few."""
        selection = Funnel(self.query).selection
        if guessed > event_stats.MOST_FEW or not event_stats.uses_index(selection):
            return None
        question = (*self._question("few"), selection.by, *selection.values)
        kinds = _cached(question, lambda: event_stats.few_kinds(self.look, selection), now=self.now)
        return None if kinds is None else kinds.left(self.query)

    def _numbers(self, left: Left) -> Numbers:
        return Numbers(
            total=left.named,
            met=left.met,
            since=self.since,
            left=left.rows,
            begins=left.begins if self.query.after and self.query.expect else None,
            buckets=left.buckets if self.query.for_each else None,
            for_each=self.query.for_each,
        )

    def _scaled(self, sample: Left, candidates: int) -> Numbers:
        factor = candidates / sample.named if sample.named else 0.0
        few = self._few(sample.selected * factor)
        whole = few or sample
        numbers = self._numbers(whole)
        met = whole.met if few else rounded(sample.met * factor)
        left = {place: max(rounded(n * factor), met) for place, n in sample.rows.items()}
        if few:
            left[self.query.rows[-1].place] = met
        return replace(
            numbers,
            total=candidates,
            met=met,
            left=left,
            begins=None if numbers.begins is None or few else rounded(sample.begins * factor),
            exact=few is not None,
            sampled=sample.named,
            counting=few is None and candidates <= MOST_EXACT,
            below=None if met or few else max(1, rounded(3 * factor) or candidates),
        )


def rounded(number: float) -> int:
    """Two digits of a guess are enough, and more would look like knowledge."""
    if number < 1:
        return math.ceil(number)
    return int(round(number, 1 - int(math.log10(number))))


def _cached(
    question: tuple[Any, ...], answer: Callable[[], list[Kind] | None], *, now: datetime
) -> "_Kinds | None":
    """Counted in a transaction with settings of its own; None if PostgreSQL took too long."""

    def counted() -> _Kinds | None:
        try:
            with transaction.atomic():
                event_stats.apply_settings()
                kinds = answer()
                return None if kinds is None else _Kinds(kinds)
        except OperationalError:
            logger.warning("Counting events took too long: %s", question)
            return None

    cached: _Kinds | None = _memory().ask(question, counted, now=now, weight=_weight)
    return cached


class _Kinds:
    """Kinds of events, and what triggers leave of them: an edit changes one trigger of many."""

    MOST_KEPT = 50

    def __init__(self, kinds: list[Kind]) -> None:
        self.kinds = kinds
        self._left: dict[str, Left] = {}

    def left(self, query: LeafQuery) -> Left:
        """Not to be changed by who asks."""
        key = repr(query)  # values of labels are texts or lists of them
        if key not in self._left:
            if len(self._left) >= self.MOST_KEPT:
                self._left.clear()
            self._left[key] = Funnel(query).count(self.kinds)
        return self._left[key]


def _weight(kinds: _Kinds | None) -> int:
    return 0 if kinds is None else len(kinds.kinds)


@process_memory
def _memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=KEPT_SECONDS, most=MOST_KEPT)
