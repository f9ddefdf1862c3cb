"""What the pages about events show."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import redis
from django.db import OperationalError, transaction
from psycopg.errors import QueryCanceled

from events_app.domain.event import from_ms, to_us
from events_app.domain.filters import EventFilter, OccurredFilter
from events_app.domain.position import StreamId
from events_app.storage import browsing, page_rows
from events_app.storage.browsing import Key
from events_app.storage.page_rows import Arrivals, EventRow, FoundEvent, RecordedEvent
from events_app.stream import log
from project.lib.paging import Page, page_of

PATIENCE_SECONDS = 3.0
MOST_BARS = 200
FEWEST_BARS = 7
_READERS = {"record": "Recording", "evaluate": "Evaluating"}
# TimeSteps of a histogram by the length of time that it covers.
_STEPS = (
    (timedelta(hours=3), timedelta(minutes=5)),
    (timedelta(hours=13), timedelta(minutes=15)),
    (timedelta(hours=49), timedelta(hours=1)),
    (timedelta(days=9), timedelta(hours=6)),
    (timedelta(days=90), timedelta(days=1)),
)
_LONGEST_STEP = timedelta(days=7)
_ORIGIN = datetime(2024, 4, 1, tzinfo=UTC)  # a Monday


class QueryTooSlow(Exception):
    """The question was given up; a narrower one is answered."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Events of one step of time; `end` does not belong to it."""

    start: datetime
    end: datetime
    count: int


@dataclass(frozen=True, slots=True)
class ReaderState:
    """`behind` is seconds of log time; None before the reader's first step."""

    word: str
    behind: float | None


@dataclass(frozen=True, slots=True)
class Status:
    reachable: bool
    newest: datetime | None
    readers: list[ReaderState]


def newest_events(*, size: int) -> Page[EventRow]:
    """The events that were received last. One query."""
    rows = page_rows.newest_events(limit=size + 1)
    return page_of(rows, size=size, key=lambda row: row.position)


def events(filter: EventFilter, *, size: int, after: Key | None = None) -> Page[FoundEvent]:
    """A page of events, those that happened last first. One query. Raises TooSlow."""
    with _in_time(filter):
        rows = page_rows.matching_events(filter, limit=size + 1, after=after)
    return page_of(rows, size=size, key=_place, first=after is None)


def is_cheap(filter: EventFilter) -> bool:
    """Whether an index leads to the events, so that asking every 2 s costs nothing much."""
    return not (filter.text or filter.related or filter.any_resource or _labels(filter))


def histogram(
    filter: EventFilter, *, since: datetime | None, until: datetime | None, now: datetime
) -> list[Bar]:
    """Counts by step of time, without gaps. One query. Raises TooSlow.

    Without a time, days of 30 days where names are all that is asked, beginning with the first
    that has events (and 7 at least); hours of one day otherwise. Long times of names come from
    the counts by day, however many events there are.
    """
    names_only = filter.model_copy(update={"occurred": None}).only_names
    if names_only and since is None and until is None:
        return _from_first(_by_day(filter, now - timedelta(days=29), now))
    until = until or now
    since = since or until - timedelta(days=1)
    if names_only and until - since > timedelta(days=3):
        return _by_day(filter, since, until)
    step = step_for(until - since)
    ranged = filter.model_copy(update={"occurred": OccurredFilter(since=since, until=until)})
    with _in_time(ranged):
        known = page_rows.happened_by_step(ranged, step, origin=_ORIGIN)
    start = since - (since - _ORIGIN) % step
    bars: list[Bar] = []
    while start <= until and len(bars) < MOST_BARS:
        bars.append(Bar(start, start + step, known.get(start, 0)))
        start += step
    return bars


def _by_day(filter: EventFilter, since: datetime, until: datetime) -> list[Bar]:
    first = max(since, until - timedelta(days=MOST_BARS - 1)).date()
    by_day = page_rows.received_by_day(filter, since=first)
    days = [first + timedelta(days=n) for n in range((until.date() - first).days + 1)]
    return [Bar(_midnight(d), _midnight(d) + timedelta(days=1), by_day.get(d, 0)) for d in days]


def _from_first(bars: list[Bar]) -> list[Bar]:
    first = next((n for n, bar in enumerate(bars) if bar.count), 0)
    return bars[min(first, len(bars) - FEWEST_BARS) :]


def step_for(length: timedelta) -> timedelta:
    return next((step for longest, step in _STEPS if length <= longest), _LONGEST_STEP)


def event_by_id(event_id: UUID) -> RecordedEvent | None:
    return page_rows.event_by_id(event_id)


def seen_names() -> list[tuple[str, int]]:
    """Up to 200 names of events, with how often they came. One query."""
    return page_rows.seen_names(limit=200)


def arrivals(*, now: datetime) -> Arrivals:
    """Of today and the six days before. One query."""
    return page_rows.arrivals(since=(now - timedelta(days=6)).date())


def status(client: redis.Redis) -> Status:
    """How far the readers are. One query."""
    try:
        last = log.last_id(client)
    except redis.RedisError:
        return Status(reachable=False, newest=None, readers=[])
    positions = page_rows.reader_positions()
    readers = [
        ReaderState(word, _behind(positions.get(name), last)) for name, word in _READERS.items()
    ]
    return Status(True, from_ms(last.ms) if last.ms else None, readers)


def _behind(position: StreamId | None, last: StreamId) -> float | None:
    if position is None:
        return None
    return max(0, last.ms - position.ms) / 1000 if position < last else 0.0


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _labels(filter: EventFilter) -> bool:
    return filter.resource is not None and bool(filter.resource.labels)


def _place(row: FoundEvent) -> str:
    return f"{to_us(row.occurred)}-{row.position}"


@contextmanager
def _in_time(filter: EventFilter) -> Iterator[None]:
    """Only what no index leads to can take long; the limit costs a question of its own."""
    if is_cheap(filter) and filter.occurred is None:
        yield
        return
    try:
        with transaction.atomic():
            browsing.limit_time(PATIENCE_SECONDS)
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise QueryTooSlow from None
