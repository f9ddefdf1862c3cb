"""The catalogue of events: every name that was recorded, and what its events carry."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from events_app.reads.event_pages import SECONDS_PER_QUESTION
from events_app.reads.time_limits import time_limit
from events_app.storage.partitions import first_ms
from project.lib.sql_like import like_literal
from triggers_app.automation.engine.evaluator import IGNORED_NAME

DAYS = 14
MOST_NAMES = 5_000  # that "nobody listens" looks through
SAMPLED_A_DAY = 50
MOST_KEYS, MOST_VALUES, MOST_PATHS = 40, 5, 80
MOST_DISTINCT = 1_000
MOST_PAYLOAD = 20_000  # bytes of a payload whose shape is read
DEEPEST = 6

# Counts by name and day, which the recorder keeps: no event is read for the list.
_NAMES = """
    SELECT event, sum(events)::bigint, min(log_day), max(log_day),
           coalesce(jsonb_object_agg(log_day, events) FILTER (WHERE log_day >= %(since)s), '{{}}')
    FROM event_count
    WHERE event <> %(ignored)s {text} {after} {only}
    GROUP BY event ORDER BY event COLLATE "C" LIMIT %(limit)s
"""
_ALL = """
    SELECT event FROM event_count WHERE event <> %(ignored)s {text}
    GROUP BY event ORDER BY event COLLATE "C" LIMIT %(limit)s
"""
# By the index on name and time: some of each day, so that a change of shape has its day. The day
# is a constant: of a bound that comes from a join PostgreSQL expects that it leaves hardly a row,
# and reads a whole day's places.
_OF_DAY = """
    (SELECT {first_ms}::bigint, resource::text, left(payload, %s), occurred FROM event
     WHERE event = %s AND log_ms >= {first_ms} AND log_ms < {first_ms} + 86400000
     ORDER BY occurred DESC LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A name with its counts of the last days, the oldest first."""

    name: str
    total: int
    first: date
    last: date
    by_day: list[int]


@dataclass(frozen=True, slots=True)
class LabelKey:
    """A label of the resource. `distinct` counts values in the sample, up to `MOST_DISTINCT`."""

    key: str
    events: int
    distinct: int
    values: list[tuple[str, int]]


class TypeChange(NamedTuple):
    """On this day a path had a type that it had not had before."""

    type: str
    day: date


@dataclass(slots=True)
class PayloadPath:
    """Where in the payload, in how many sampled events, and as which types."""

    path: str
    events: int = 0
    types: Counter[str] = field(default_factory=Counter)
    changes: list[TypeChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventShape:
    """What the sampled events of a name carry. `capped`: there were more keys or paths."""

    sampled: int
    labels: list[LabelKey]
    paths: list[PayloadPath]
    capped: bool


def days_until(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def names(
    *,
    today: date,
    limit: int,
    text: str = "",
    after: str | None = None,
    only: Sequence[str] | None = None,
) -> list[CatalogueRow]:
    """In the order of names. One query, of counts; `only`: of these names."""
    days = days_until(today)
    params: dict[str, Any] = {
        "since": days[0], "ignored": IGNORED_NAME, "limit": limit, "after": after,
        "text": f"%{like_literal(text)}%", "only": list(only or ()),
    }  # fmt: skip
    query = _NAMES.format(
        text="AND event ILIKE %(text)s" if text else "",
        after='AND event COLLATE "C" > %(after)s' if after is not None else "",
        only="AND event = ANY(%(only)s)" if only is not None else "",
    )
    return [
        CatalogueRow(name, total, first, last, _counts(by_day, days))
        for name, total, first, last, by_day in _rows(query, params)
    ]


def all_names(text: str = "") -> list[str]:
    """At most `MOST_NAMES`, in the order of names. One query."""
    query = _ALL.format(text="AND event ILIKE %(text)s" if text else "")
    params = {"ignored": IGNORED_NAME, "text": f"%{like_literal(text)}%", "limit": MOST_NAMES}
    return [name for (name,) in _rows(query, params)]


def shape(name: str, days: Sequence[date]) -> EventShape:
    """What the last 50 events of each of these days carry. One query.

    Raises QueryTooSlow.
    """
    if not days:
        return EventShape(0, [], [], False)
    of_days = " UNION ALL ".join(_OF_DAY.format(first_ms=first_ms(day)) for day in days)
    params = [MOST_PAYLOAD + 1, name, SAMPLED_A_DAY] * len(days)
    with time_limit(SECONDS_PER_QUESTION):
        rows = _rows(f"SELECT * FROM ({of_days}) AS sample ORDER BY 1, 4", params)
    labels, capped_labels = _labels(resource for _, resource, _, _ in rows)
    paths, capped_paths = _paths(
        (datetime.fromtimestamp(ms / 1000, UTC).date(), payload) for ms, _, payload, _ in rows
    )
    return EventShape(len(rows), labels, paths, capped_labels or capped_paths)


def _labels(resources: Iterable[str]) -> tuple[list[LabelKey], bool]:
    values: dict[str, Counter[str]] = {}
    capped = False
    for text in resources:
        for key, value in _resource(text).items():
            if key not in values and len(values) >= MOST_KEYS:
                capped = True
                continue
            values.setdefault(key, Counter())[value] += 1
    keys = [
        LabelKey(key, counts.total(), len(counts), counts.most_common(MOST_VALUES))
        for key, counts in values.items()
    ]
    return sorted(keys, key=lambda one: (-one.events, one.key)), capped


def _paths(payloads: Iterable[tuple[date, str]]) -> tuple[list[PayloadPath], bool]:
    """The types of every path, with the days on which another one came."""
    known: dict[str, PayloadPath] = {}
    capped = False
    for day, text in payloads:
        if len(text) > MOST_PAYLOAD:
            capped = True
            continue
        types: dict[str, str] = {}
        _walk(_payload(text), "", types, 0)
        for path, kind in types.items():
            if path not in known and len(known) >= MOST_PATHS:
                capped = True
                continue
            one = known.setdefault(path, PayloadPath(path))
            if one.types and kind not in one.types:
                one.changes.append(TypeChange(kind, day))
            one.events += 1
            one.types[kind] += 1
    return sorted(known.values(), key=lambda one: one.path), capped


def _walk(value: object, path: str, types: dict[str, str], depth: int) -> None:
    if path:
        types.setdefault(path, _kind(value))
    if depth >= DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _walk(inner, f"{path}.{key}" if path else str(key), types, depth + 1)
    elif isinstance(value, list):
        for inner in value[:3]:
            _walk(inner, f"{path}[]", types, depth + 1)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
    return "object"


_resource = msgspec.json.Decoder(dict[str, str]).decode
_payload = msgspec.json.Decoder().decode


def _counts(by_day: Any, days: Sequence[date]) -> list[int]:
    counts = msgspec.json.decode(by_day) if isinstance(by_day, str) else by_day
    return [int(counts.get(day.isoformat(), 0)) for day in days]


def _rows(query: str, params: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
