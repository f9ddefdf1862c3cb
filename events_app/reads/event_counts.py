"""Recorded events counted: by time, name and resource, for the API and for pages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from events_app.domain.filters import EventFilter, OccurredFilter
from events_app.domain.position import Position
from events_app.domain.spans import ORIGIN, Count, TimeSteps, filled
from events_app.reads import event_pages, events
from events_app.storage.filter_sql import TRUE, Sql, name_condition, where
from events_app.storage.stored_events import AT_PLACES, place_params, query_rows
from project.lib.problems import Invalid, Problem
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache

MAX_COUNTS = 1_000


class Countable(StrEnum):
    DAY = "day"
    TIME = "time"
    EVENT = "event"
    RESOURCE = "resource"


class TimeUnit(StrEnum):
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


MOST_BARS = 200

FEWEST_BARS = 7

# TimeSteps of a histogram by the length of time that it covers.
_STEPS = (
    (timedelta(hours=3), timedelta(minutes=5)),
    (timedelta(hours=13), timedelta(minutes=15)),
    (timedelta(hours=49), timedelta(hours=1)),
    (timedelta(days=9), timedelta(hours=6)),
    (timedelta(days=90), timedelta(days=1)),
)

_LONGEST_STEP = timedelta(days=7)

# Steps around these still are within the years that a datetime can hold.
_EARLIEST = datetime.min.replace(tzinfo=UTC) + 2 * _LONGEST_STEP
_LATEST = datetime.max.replace(tzinfo=UTC) - 2 * _LONGEST_STEP

_MONDAY = datetime(2024, 4, 1, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True)
class Bar:
    """Events of one step of time; `end` does not belong to it."""

    start: datetime
    end: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """`by_receipt`: each event is in the step in which it was received, not in that of its time."""

    bars: list[Bar]
    by_receipt: bool


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Events by day of log time, events that PostgreSQL refused, whether any ever came."""

    by_day: dict[date, int]
    rejected: int
    any: bool


_BY_DAY = """
    SELECT log_day, sum(events)::bigint FROM event_count
    WHERE log_day >= %s AND {condition} GROUP BY 1 ORDER BY 1
"""

# One bin per row and nothing else: three times as fast as the API's counts, which tell more.
_BY_STEP = """
    SELECT date_bin(%s, occurred, %s), count(*) FROM event WHERE {condition} GROUP BY 1
"""

_AT_BY_STEP = f"""
    SELECT floor({{since_start}} / %s)::int, count(*) FROM event
    WHERE {AT_PLACES} AND {{condition}} GROUP BY 1
"""
_SINCE_START = {
    False: "extract(epoch FROM occurred - %s)",
    True: "(log_ms / 1000.0 - extract(epoch FROM %s::timestamptz))",
}

_NAMES = """
    SELECT event, sum(events)::bigint AS total FROM event_count
    GROUP BY 1 ORDER BY max(log_day) DESC, total DESC LIMIT %s
"""

PAST_KEPT_SECONDS = 60.0

_REJECTED = """
    SELECT coalesce((SELECT jsonb_object_agg(log_day, events) FROM (
               SELECT log_day, sum(events)::bigint AS events FROM event_count
               WHERE log_day >= %s GROUP BY 1) AS days), '{}'),
           (SELECT count(*) FROM rejected_event),
           EXISTS (SELECT FROM event_count)
"""

_SQL_ORIGIN = f"timestamptz '{ORIGIN.isoformat()}'"

_LABELS = "resource->>'prefect.resource.name', resource->>'prefect.name', resource_id"


def count_by(
    countable: Countable,
    filter: EventFilter,
    *,
    unit: TimeUnit,
    interval: float,
    now: datetime,
) -> list[Count]:
    """Matching events by step of time, name or resource. Raises Invalid.

    At most 1,000 counts: more steps of time are refused, of names and resources the most
    frequent are given. TimeSteps without events count 0: from `since` on and up to `until` or now
    where the filter says them, else between the first and the last event.
    """
    if countable in (Countable.EVENT, Countable.RESOURCE):
        by_event = countable is Countable.EVENT
        counting = count_by_event if by_event else count_by_resource
        with event_pages.within_time():
            return counting(filter, limit=MAX_COUNTS)
    if countable is Countable.DAY:
        unit, interval = TimeUnit.DAY, 1.0
    return _count_by_time(filter, TimeSteps(timedelta(**{f"{unit}s": interval})), now=now)


def _count_by_time(filter: EventFilter, steps: TimeSteps, *, now: datetime) -> list[Count]:
    times = filter.occurred or OccurredFilter()
    first = None if times.since is None else steps.number(times.since)
    ends = times.since or times.until
    last = None if ends is None else steps.number(min(times.until or now, now))
    if first is not None and last is not None:
        _check_steps([first, last])
    with event_pages.within_time():
        rows = count_by_time(filter, steps.step, limit=MAX_COUNTS + 1)
    counts = {int(each.value): each for each in rows}
    if not counts and first is None:
        return []
    _check_steps([*counts, *(each for each in (first, last) if each is not None)])
    return list(filled(counts, steps, first=first, last=last))


def _check_steps(numbers: list[int]) -> None:
    if max(numbers) - min(numbers) >= MAX_COUNTS:
        sentence = f"This makes more than {MAX_COUNTS:,} steps; ask for longer steps or less time."
        raise Invalid([Problem(("time_interval",), sentence)])


def total(filter: EventFilter) -> int:
    """How many events match. By name only, it is read from counts, however many there are."""
    if filter.only_names and not filter.distinct:
        names = TRUE if filter.event is None else name_condition(filter.event)
        query = f"SELECT coalesce(sum(events), 0)::bigint FROM event_count WHERE {names.text}"
        return int(query_rows(query, names.params)[0][0])
    counted = "count(DISTINCT resource_id)" if filter.distinct else "count(*)"
    condition = where(filter)
    query = f"SELECT {counted} FROM event WHERE {condition.text}"
    return int(query_rows(query, condition.params)[0][0])


def count_by_time(filter: EventFilter, step: timedelta, *, limit: int) -> list[Count]:
    """Events per step, the oldest first; steps without events are left out."""
    start = f"date_bin(%s, occurred, {_SQL_ORIGIN})"
    number = f"floor(extract(epoch FROM {start} - {_SQL_ORIGIN}) / %s)::bigint::text"
    label = f"""to_char({start} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
    params = [step, step.total_seconds(), step]
    return _counts(number, label, params, where(filter), order="min(occurred)", limit=limit)


def count_by_event(filter: EventFilter, *, limit: int) -> list[Count]:
    order = "count(*) DESC, min(event)"
    return _counts("event", "min(event)", [], where(filter), order=order, limit=limit, group="1")


def count_by_resource(filter: EventFilter, *, limit: int) -> list[Count]:
    """The label is the newest name of the resource."""
    label = f"(array_agg(coalesce({_LABELS}) ORDER BY occurred DESC))[1]"
    condition = where(filter)
    order = "count(*) DESC, resource_id"
    return _counts("resource_id", label, [], condition, order=order, limit=limit, group="1")


def _counts(
    value: str,
    label: str,
    params: Sequence[Any],
    condition: Sql,
    *,
    order: str,
    limit: int,
    group: str = "1, 2",
) -> list[Count]:
    query = (
        f"SELECT {value}, {label}, count(*), min(occurred), max(occurred) FROM event"
        f" WHERE {condition.text} GROUP BY {group} ORDER BY {order} LIMIT %s"
    )
    return [Count(*row) for row in query_rows(query, [*params, *condition.params, limit])]


def histogram(
    filter: EventFilter, *, since: datetime | None, until: datetime | None, now: datetime
) -> Histogram:
    """Counts by step of time, without gaps. One query. Raises QueryTooSlow.

    Without a time, days of 30 days where names are all that is asked, beginning with the first
    that has events (and 7 at least); hours of one day otherwise. Long times of names come from
    the counts by day, however many events there are.
    """
    names_only = filter.model_copy(update={"occurred": None}).only_names
    if names_only and since is None and until is None:
        return Histogram(_from_first(_by_day(filter, now - timedelta(days=29), now)), True)
    until = min(until or now, _LATEST)
    since = max(since or until - timedelta(days=1), _EARLIEST)
    if names_only and until - since > timedelta(days=3):
        return Histogram(_by_day(filter, since, until), True)
    step = step_for(until - since)
    ranged = filter.model_copy(update={"occurred": OccurredFilter(since=since, until=until)})
    with events.limited(ranged):
        known = happened_by_step(ranged, step, origin=_MONDAY)
    start = since - (since - _MONDAY) % step
    bars: list[Bar] = []
    while start <= until and len(bars) < MOST_BARS:
        bars.append(Bar(start, start + step, known.get(start, 0)))
        start += step
    return Histogram(bars, False)


def _by_day(filter: EventFilter, since: datetime, until: datetime) -> list[Bar]:
    first = max(since, until - timedelta(days=MOST_BARS - 1)).date()
    by_day = received_by_day(filter, since=first)
    days = [first + timedelta(days=n) for n in range((until.date() - first).days + 1)]
    return [Bar(_midnight(d), _midnight(d) + timedelta(days=1), by_day.get(d, 0)) for d in days]


def _from_first(bars: list[Bar]) -> list[Bar]:
    first = next((n for n, bar in enumerate(bars) if bar.count), 0)
    return bars[min(first, len(bars) - FEWEST_BARS) :]


def step_for(length: timedelta) -> timedelta:
    return next((step for longest, step in _STEPS if length <= longest), _LONGEST_STEP)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def received_by_day(filter: EventFilter, *, since: date) -> dict[date, int]:
    """Counts of events with these names; nothing but names may be asked. One query."""
    condition = TRUE if filter.event is None else name_condition(filter.event)
    query = _BY_DAY.format(condition=condition.text)
    return dict(query_rows(query, [since, *condition.params]))


def happened_by_step(
    filter: EventFilter, step: timedelta, *, origin: datetime
) -> dict[datetime, int]:
    """Counts by the beginning of each step that has events. One query."""
    condition, params = where(filter)
    return dict(query_rows(_BY_STEP.format(condition=condition), [step, origin, *params]))


def by_bar(chart: Histogram, positions: Sequence[Position], filter: EventFilter) -> list[int]:
    """Of the events at these places that match, how many are in each bar. One query, or none."""
    counts = [0] * len(chart.bars)
    if not positions or not chart.bars:
        return counts
    start, step = chart.bars[0].start, chart.bars[0].end - chart.bars[0].start
    condition = where(filter)
    query = _AT_BY_STEP.format(since_start=_SINCE_START[chart.by_receipt], condition=condition.text)
    params = [start, step.total_seconds(), *place_params(positions), *condition.params]
    for number, total in query_rows(query, params):
        if 0 <= number < len(counts):
            counts[number] = total
    return counts


def seen_names() -> list[tuple[str, int]]:
    """Up to 200 names with how often they came: the latest day first, the most frequent.

    One query.
    """
    return [(name, total) for name, total in query_rows(_NAMES, [200])]


def arrivals(*, now: datetime) -> Arrivals:
    """Of today and the six days before, which are as they were up to a minute ago. One query."""
    today = now.date()
    past: dict[date, int] | None = _past_days().get(today, now=now)
    first = today - timedelta(days=6) if past is None else today
    days, rejected, any_ = query_rows(_REJECTED, [first])[0]
    counts = json.loads(days) if isinstance(days, str) else days
    by_day = {date.fromisoformat(day): n for day, n in counts.items()}
    if past is None:
        past = {day: n for day, n in by_day.items() if day < today}
        _past_days().ask(today, lambda: past, now=now)
    return Arrivals(past | by_day, rejected, any_)


@process_memory
def _past_days() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=PAST_KEPT_SECONDS, most=2)


def named(patterns: Sequence[str], *, since: date) -> dict[str, int]:
    """How many events of each name (which may end in `*`) were recorded since a day. One query."""
    rows = query_rows(_NAMED, [list(patterns), since])
    return dict(rows)


_NAMED = r"""
    SELECT p.pattern, coalesce(sum(c.events), 0)::bigint
    FROM unnest(%s::text[]) WITH ORDINALITY AS p (pattern, place)
    LEFT JOIN event_count AS c
           ON c.log_day >= %s
          AND CASE WHEN right(p.pattern, 1) = '*'
                   THEN starts_with(c.event, left(p.pattern, -1)) ELSE c.event = p.pattern END
    GROUP BY p.pattern, p.place ORDER BY p.place
"""
