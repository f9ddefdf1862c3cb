"""What was really seen, for whoever chooses: kinds of events with how often they came, and names.

PostgreSQL only puts together events that are alike; whether a kind of event meets a condition
is always decided by the engine.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from events_app.domain.event import RESOURCE_ID
from events_app.storage.filter_sql import TRUE, Sql, newest_of_name
from events_app.storage.partitions import first_ms
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.automation.engine.funnel import Kind
from triggers_app.automation.engine.selection import Selection
from triggers_app.storage.history_sql import Interest, interest_condition, interest_names

# More labels than this are read as one: the whole resource.
MOST_LABELS = 12
# Whoever waits for a number waits a moment; a database that is busy must not be kept so.
SECONDS = 3
SAMPLED = 20_000
# Of blocks that are read in vain: names that are a small share of everything.
MOST_READ = 100_000
# Found by an id or a label, whatever else there is.
MOST_FEW = 20_000
MOST_VALUES = 20
_SEED = 7  # the same blocks every time, so that a number does not tremble

_SETTINGS = """
    SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true),
           set_config('statement_timeout', %s, true)
"""
_TOTALS = """
    SELECT event, sum(events)::bigint, max(log_day) FROM event_count
    WHERE log_day >= %s AND event <> %s AND {names} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
"""
_KINDS = """
    SELECT event, {texts}{related}, count(*) FROM {source} WHERE {condition} GROUP BY {group}
"""
# In the order of the log, in which partitions stand one after the other.
_NEWEST = """
    SELECT event, occurred, resource::text, related::text FROM event
    WHERE log_ms >= %s AND event <> %s AND {condition}
    ORDER BY log_ms DESC, log_seq DESC, frame_index DESC LIMIT %s
"""
_LAST_SEEN = f"""
    SELECT n.name, (SELECT e.occurred FROM event e
                    {newest_of_name("n.name", "e.log_ms >= n.first_ms")} LIMIT 1)
    FROM unnest(%s::text[], %s::bigint[]) AS n (name, first_ms)
"""
_resource = msgspec.json.Decoder(dict[str, str]).decode
_related = msgspec.json.Decoder(list[dict[str, str]]).decode


class Total(NamedTuple):
    event: str
    events: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Glance:
    """What has to be told apart: events since a day that have one of the names, by some labels."""

    since: date
    names: Selection
    labels: tuple[str, ...]
    related: bool


def apply_settings() -> None:
    """Settings of the current transaction for reading many rows once."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS, [f"{SECONDS}s"])


def totals(names: Selection, *, since: date, limit: int) -> list[Total]:
    """Names that the selection may want and how often they came, most frequent first. One query."""
    condition = interest_names(Interest((names,)))
    query = _TOTALS.format(names=condition.text)
    return [Total(*row) for row in _rows(query, [since, IGNORED_NAME, *condition.params, limit])]


def events_since(day: date) -> int:
    """How many events were recorded since the day began. One query, on the counts."""
    query = "SELECT coalesce(sum(events), 0)::bigint FROM event_count WHERE log_day >= %s"
    return int(_rows(query, [day])[0][0])


def kinds(look: Glance) -> list[Kind]:
    """Every kind of event with how often it came, found by name and day. One query."""
    return _kinds(look, "event", _since(look, interest_condition(Interest((look.names,)))))


def sampled_kinds(look: Glance, *, candidates: int, total: int) -> list[Kind]:
    """The same from about 20,000 of that many candidates, in blocks spread evenly over the log.

    `total` events are recorded altogether. Whole blocks of the table are taken or left, so this
    costs what it reads; each block has the same chance, and the table stands in log order. One
    query.
    """
    share = min(SAMPLED / max(candidates, 1), MOST_READ / max(total, 1), 1.0)
    percent = max(share * 100, 0.001)
    source = f"event TABLESAMPLE SYSTEM ({percent:.6f}) REPEATABLE ({_SEED})"
    return _kinds(look, source, _since(look, interest_condition(Interest((look.names,)))))


def uses_index(selection: Selection) -> bool:
    """Whether an index narrows the selection: by ids, or by literal texts of a label."""
    return bool(selection.by) and len(selection.values) <= MOST_VALUES


def few_kinds(look: Glance, selection: Selection) -> list[Kind] | None:
    """Kinds of what such an index finds; None if that is more than a few. Two queries."""
    narrowed = _since(look, _all([interest_condition(Interest((selection,))), _held(selection)]))
    source = f"(SELECT * FROM event WHERE {narrowed.text} LIMIT {MOST_FEW + 1}) AS event"
    # So few rows are wanted that PostgreSQL may hope to meet them soon without an index.
    _rows("SELECT set_config('enable_seqscan', 'off', true)", [])
    kinds = _kinds(look, source, TRUE, params=narrowed.params)
    return kinds if sum(kind.events for kind in kinds) <= MOST_FEW else None


def _held(selection: Selection) -> Sql:
    """The same condition as the index on labels wants it."""
    if selection.by != "label" or selection.label == RESOURCE_ID:
        return TRUE
    held = [json.dumps({selection.label: value}) for value in selection.values]
    return Sql("(" + " OR ".join(["resource @> %s::jsonb"] * len(held)) + ")", held)


def _all(conditions: Sequence[Sql]) -> Sql:
    text = " AND ".join(condition.text for condition in conditions)
    return Sql(text, [param for condition in conditions for param in condition.params])


def _since(look: Glance, condition: Sql) -> Sql:
    text = f"log_ms >= %s AND event <> %s AND {condition.text}"
    return Sql(text, [first_ms(look.since), IGNORED_NAME, *condition.params])


def _kinds(look: Glance, source: str, condition: Sql, params: Sequence[Any] = ()) -> list[Kind]:
    whole = len(look.labels) > MOST_LABELS
    columns, labels = (["resource::text"], []) if whole else _columns(look.labels)
    group = ["event", *(str(number) for number in range(2, len(columns) + 2))]
    if look.related:
        group.append("event.related")
    text = _KINDS.format(
        texts="".join(f"{column}, " for column in columns),
        related="event.related::text" if look.related else "NULL::text",
        source=source,
        condition=condition.text,
        group=", ".join(group),
    )
    rows = _rows(text, [*labels, *params, *condition.params])
    if whole:
        return [
            Kind(name, [resource.get(label) for label in look.labels], related, events)
            for name, text, related, events in rows
            for resource in [_resource(text)]
        ]
    size = len(look.labels)
    return [Kind(row[0], row[1 : 1 + size], row[-2], row[-1]) for row in rows]


def _columns(labels: Sequence[str]) -> tuple[list[str], list[Any]]:
    columns = ["resource_id" if one == RESOURCE_ID else "resource->>%s::text" for one in labels]
    return columns, [one for one in labels if one != RESOURCE_ID]


def _rows(query: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class Recent(NamedTuple):
    """An event that was seen."""

    event: str
    occurred: datetime
    resource: dict[str, str]
    related: list[dict[str, str]]


def newest(names: Selection, *, since: date, limit: int) -> list[Recent]:
    """The newest events of these names, newest first. One query, from the end of the log."""
    text = _NEWEST.format(
        condition=(condition := interest_condition(Interest((names,)))).text,
    )
    rows = _rows(text, [first_ms(since), IGNORED_NAME, *condition.params, limit])
    return [
        Recent(name, occurred, _resource(resource), _related(related))
        for name, occurred, resource, related in rows
    ]


def last_seen(days: Sequence[tuple[str, date]]) -> dict[str, datetime]:
    """When each of these names came last; with each, the last day on which it did. One query."""
    names = [name for name, _ in days]
    firsts = [first_ms(day) for _, day in days]
    return {name: last for name, last in _rows(_LAST_SEEN, [names, firsts]) if last}
