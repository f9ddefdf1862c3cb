"""What could stand in a field of the builder: from events that were really seen, with counts.

Names come from the counts by name and day; labels, values and fields of payloads from the newest
events with the names of the trigger in question. What begins with the typed text stands first.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.engine.funnel import query_of
from triggers_app.automation.engine.keys import compile_key
from triggers_app.automation.engine.selection import Selection
from triggers_app.builder.numbers.service import DAYS, is_group
from triggers_app.storage import event_stats, targets
from triggers_app.storage.event_stats import Recent, Total

MOST = 20
MOST_PATTERNS = 5
MOST_NAMES = 20_000
LOOKED_AT = 2_000
MOST_TEXT = 500  # of a value; a longer one is no use in a list
KEPT_SECONDS = 30.0
KEPT_EVENTS = 40_000
RESOURCE_NAME = "prefect.resource.name"
TARGETS = {
    "deployment": "deployment",
    "work_pool": "work_pool",
    "automation": "automation",
    "block": "block_document",
}
_BREAKS = re.compile(r"[./:_\-|]+")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `value` goes into the field, `key` (an id) beside it.

    `count` events have it, the last of them at `last`; `values` is how many texts a label
    had; `remark` says what it is.
    """

    value: str
    count: int | None = None
    last: datetime | None = None
    values: int | None = None
    remark: str = ""
    key: str = ""
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Suggestions:
    """At most 20. `looked_at`: counts are of so many newest events only; None: of seven days."""

    options: list[Option]
    looked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionQuery:
    """What is asked for: `text` was typed; `node` is the trigger, `label` the row, in question."""

    kind: str
    text: str = ""
    label: str = ""
    node: Mapping[str, Any] = field(default_factory=dict)
    now: datetime


def suggest(query: SuggestionQuery) -> Suggestions:
    """Two queries at most; one or none while the same is typed on. Unknown kinds have nothing."""
    if query.kind in TARGETS:
        return _targets(query)
    if query.kind == "event_name":
        return _names(query)
    reader = _READERS.get(query.kind)
    return Suggestions([]) if reader is None else _seen(query, reader)


def _targets(query: SuggestionQuery) -> Suggestions:
    options, _ = targets.targets(TARGETS[query.kind], text=query.text, limit=MOST)
    return Suggestions([Option(one.name, key=str(one.id)) for one in options])


def _names(query: SuggestionQuery) -> Suggestions:
    names = _all_names(query.now)
    text = query.text.rstrip("*")
    options = _ranked([Option(one.event, one.events) for one in names], text)
    patterns = _ranked(
        [
            Option(f"{beginning}*", events, is_pattern=True)
            for beginning, events in _beginnings((one.event, one.events) for one in names)
        ],
        text,
    )[:MOST_PATTERNS]
    options = options[: MOST - len(patterns)]
    days = {one.event: one.last_day for one in names}
    last = event_stats.last_seen([(one.value, days[one.value]) for one in options])
    return Suggestions([_with_last(one, last.get(one.value)) for one in options] + patterns)


def _with_last(option: Option, last: datetime | None) -> Option:
    return Option(option.value, option.count, last)


def _all_names(now: datetime) -> list[Total]:
    since = (now - timedelta(days=DAYS - 1)).date()
    every = Selection([], {}, [])
    totals: list[Total] = _memory().ask(
        ("names", since),
        lambda: event_stats.totals(every, since=since, limit=MOST_NAMES),
        now=now,
        weight=lambda names: len(names) // 10,
    )
    return totals


Reader = Callable[[Iterable[Recent], SuggestionQuery], list[Option]]


def _seen(query: SuggestionQuery, reader: Reader) -> Suggestions:
    """From the newest events with the names of the trigger."""
    events = _newest(query)
    typed = query.text
    negated = typed.startswith("!") and query.kind.endswith("_value")
    text = typed.lstrip("!").rstrip("*") if query.kind.endswith("_value") else typed
    options = _ranked(reader(events, query), text)
    patterns = [one for one in options if one.is_pattern][:MOST_PATTERNS]
    plain = [one for one in options if not one.is_pattern][: MOST - len(patterns)]
    # What came once will hardly come again: then the patterns are the better choice.
    once = len(plain) > 1 and all(one.count == 1 for one in plain)
    ordered = patterns + plain if once else plain + patterns
    ordered = [_negated(one) for one in ordered] if negated else ordered
    return Suggestions(ordered, len(events) if len(events) == LOOKED_AT else None)


def _negated(option: Option) -> Option:
    return Option(f"!{option.value}", option.count, option.last, is_pattern=option.is_pattern)


def _newest(query: SuggestionQuery) -> list[Recent]:
    node = query.node
    conditions = None if not node or is_group(node) else query_of(node)
    names = () if conditions is None else tuple(conditions.names)
    since = (query.now - timedelta(days=DAYS - 1)).date()

    def read() -> list[Recent]:
        try:
            with transaction.atomic():
                event_stats.apply_settings()
                return event_stats.newest(Selection(names, {}, []), since=since, limit=LOOKED_AT)
        except OperationalError:
            return []  # PostgreSQL took too long; typing goes on without

    events: list[Recent] = _memory().ask(
        ("newest", names, LOOKED_AT), read, now=query.now, weight=len
    )
    return events


def _ranked(options: Iterable[Option], text: str) -> list[Option]:
    """Those that begin with the text, then those that hold it; each the most frequent first."""
    typed = text.casefold()
    held = [(one.value.casefold().find(typed), one) for one in options]
    ranked = [(at > 0, -(one.count or 0), one.value, one) for at, one in held if at >= 0]
    return [one for *_, one in sorted(ranked, key=lambda entry: entry[:3])]


def _beginnings(counted: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Beginnings that several texts share, up to and with a dot, slash, colon, dash or line."""
    total: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for text, events in counted:
        for match in _BREAKS.finditer(text):
            if match.end() < len(text):
                total[text[: match.end()]] += events
                texts[text[: match.end()]] += 1
    # A beginning that selects no more than a longer one does is no choice of its own.
    longer = {
        beginning[: match.end()]: texts[beginning]
        for beginning in sorted(texts)
        for match in [*_BREAKS.finditer(beginning)][:-1]
        if texts[beginning[: match.end()]] == texts[beginning]
    }
    for beginning, events in total.items():
        if texts[beginning] > 1 and beginning not in longer:
            yield beginning, events


class _Tally:
    """Counts texts, and remembers when each came last; events come newest first."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.last: dict[str, datetime] = {}
        self.values: dict[str, set[str]] = {}
        self.remarks: dict[str, str] = {}

    def add(self, text: str, event: Recent, *, value: str | None = None, remark: str = "") -> None:
        self.counts[text] += 1
        self.last.setdefault(text, event.occurred)
        if value is not None:
            self.values.setdefault(text, set()).add(value)
        if remark:
            self.remarks.setdefault(text, remark)

    def options(self) -> list[Option]:
        return [
            Option(
                text,
                count,
                self.last[text],
                len(self.values[text]) if text in self.values else None,
                self.remarks.get(text, ""),
            )
            for text, count in self.counts.items()
            if 0 < len(text) <= MOST_TEXT
        ]


def _label_keys(events: Iterable[Recent], query: SuggestionQuery) -> list[Option]:
    tally = _Tally()
    for event in events:
        for label, text in event.resource.items():
            tally.add(label, event, value=text)
    return tally.options()


def _related_keys(events: Iterable[Recent], query: SuggestionQuery) -> list[Option]:
    tally = _Tally()
    for event in events:
        for label in {label for other in event.related for label in other}:
            tally.add(label, event)
        for other in event.related:
            for label, text in other.items():
                tally.values.setdefault(label, set()).add(text)
    return tally.options()


def _label_values(events: Iterable[Recent], query: SuggestionQuery) -> list[Option]:
    tally = _Tally()
    for event in events:
        text = event.resource.get(query.label)
        if text is not None:
            remark = event.resource.get(RESOURCE_NAME, "") if query.label == RESOURCE_ID else ""
            tally.add(text, event, remark=remark)
    return _and_patterns(tally)


def _related_values(events: Iterable[Recent], query: SuggestionQuery) -> list[Option]:
    tally = _Tally()
    for event in events:
        by_value = {other[query.label]: other for other in event.related if query.label in other}
        for text, other in by_value.items():
            parts = (other.get(RESOURCE_ROLE, ""), other.get(RESOURCE_NAME, ""))
            remark = " ".join(part for part in parts if part)
            tally.add(text, event, remark=remark if query.label == RESOURCE_ID else "")
    return _and_patterns(tally)


def _and_patterns(tally: _Tally) -> list[Option]:
    beginnings = _beginnings(tally.counts.items())
    return tally.options() + [
        Option(f"{beginning}*", count, is_pattern=True) for beginning, count in beginnings
    ]


def _keys(events: Iterable[Recent], query: SuggestionQuery) -> list[Option]:
    """What `for_each` can name: labels, and `related:<role>:<label>`, read as the engine does."""
    newest_events = list(events)
    labels = {label for event in newest_events for label in event.resource}
    labels |= {
        f"related:{other[RESOURCE_ROLE]}:{label}"
        for event in newest_events
        for other in event.related
        if other.get(RESOURCE_ROLE)
        for label in other
        if label != RESOURCE_ROLE
    }
    tally = _Tally()
    for label in labels:
        value_of = compile_key([label])
        for event in newest_events:
            (value,) = value_of(event)  # type: ignore[arg-type]  # it reads labels alone
            if value:
                tally.add(label, event, value=value)
    return tally.options()


_READERS: Mapping[str, Reader] = {
    "label_key": _label_keys,
    "label_value": _label_values,
    "related_label": _related_keys,
    "related_value": _related_values,
    "for_each": _keys,
}


@process_memory
def _memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=KEPT_SECONDS, most=KEPT_EVENTS)
