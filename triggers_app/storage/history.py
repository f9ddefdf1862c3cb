"""Recorded events as the engine saw them: in log order, streamed, only those that can matter.

What can matter to a trigger (see `leaders_condition`):
1. Events that meet the conditions of one of its leaves which PostgreSQL can look up: names,
   ids of resources, literal labels. The engine tests them again, so too many do no harm.
2. Nothing else, if in the whole span nobody waited for a leader: every follower was then
   evaluated at once. The partial index on `leader_unknown` knows.
3. If somebody waited: all followers, because only followers wait, and because how many may
   wait is limited; and every leader that one of them waited for, because it released them.
   A leader that waits itself is a follower, so no other event can release anybody.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg

from events_app.domain.event import EMPTY_PAYLOAD, Event, decode_event
from events_app.domain.position import START, Position, StreamId
from events_app.storage.filter_sql import TRUE, Sql
from triggers_app.storage.history_sql import Interest, interest_condition, interest_names

_COLUMNS = """
    log_ms, log_seq, frame_index, id, occurred, event, resource::text, related::text,
    follows, leader_unknown
"""
_ORDER = "ORDER BY log_ms, log_seq, frame_index"
# The first bounds let PostgreSQL skip whole days, the tuple is exact.
_SPAN = """
    log_ms >= %s AND log_ms <= %s AND (log_ms, log_seq, frame_index) > (%s, %s, %s)
"""
_REJECTED = f"""
    SELECT log_ms, log_seq, frame_index, body FROM rejected_event WHERE {_SPAN} {_ORDER}
"""
LEADERS = "SELECT follows FROM event WHERE leader_unknown AND log_ms >= %s AND log_ms <= %s"
_AT = f"""
    SELECT {_COLUMNS}, payload FROM event
    WHERE log_ms = %s AND log_seq = %s AND frame_index = %s
"""
_WITH_ID = f"""
    SELECT {_COLUMNS}, payload FROM event WHERE id = %s
    ORDER BY log_ms DESC, log_seq DESC, frame_index DESC LIMIT 1
"""
# A cursor is read to its end, a sort should stay in memory, and compiling never pays.
_SETTINGS = """
    SELECT set_config('cursor_tuple_fraction', '1', true), set_config('work_mem', '64MB', true),
           set_config('jit', 'off', true)
"""
FETCH_ROWS = 2_000
# A list of more leaders than this costs more than reading everything.
MAX_LEADERS = 10_000
LAST_INDEX = 2**31 - 1

_resource = msgspec.json.Decoder(dict[str, str]).decode
_related = msgspec.json.Decoder(list[dict[str, str]]).decode
_position = Position._make
Connection = psycopg.Connection[Any]


class Past(NamedTuple):
    """A recorded event. `leader_known`: as the log told its readers."""

    position: Position
    event: Event
    leader_known: bool


@dataclass(frozen=True, slots=True)
class LogSpan:
    """The part of the log behind `after`, up to and including log time `until_ms`."""

    after: Position
    until_ms: int

    @classmethod
    def since(cls, since_ms: int, until_ms: int) -> "LogSpan":
        return cls(Position(since_ms, -1, -1), until_ms)

    @property
    def params(self) -> tuple[int, ...]:
        return (self.after.ms, self.until_ms, *self.after)


def events(
    connection: Connection, span: LogSpan, *, interest: Interest, waiting_for: Iterable[UUID] = ()
) -> Iterator[Past]:
    """What can matter to the triggers in the span, in log order, from a server-side cursor.

    `waiting_for`: the leaders of followers that are held at the beginning. Payloads and related
    resources are read only where the interest says so. Events that PostgreSQL refused were
    evaluated, too.
    """
    condition = leaders_condition(connection, span, interest=interest, waiting_for=waiting_for)
    statement = query(span, condition, payload=interest.payload, related=interest.related)
    recorded = _recorded(connection, statement)
    refused = _refused(connection, span)
    return heapq.merge(recorded, refused, key=itemgetter(0)) if refused else recorded


def leaders_condition(
    connection: Connection, span: LogSpan, *, interest: Interest, waiting_for: Iterable[UUID] = ()
) -> Sql:
    """Which events are to be read: cases 1 to 3 above. One query, on an almost empty index."""
    condition = interest_condition(interest)
    if condition == TRUE:
        return TRUE
    rows = connection.execute(LEADERS, (span.after.ms, span.until_ms)).fetchall()
    leaders = {*waiting_for, *(row[0] for row in rows)}
    if not leaders:
        return condition
    if len(leaders) > MAX_LEADERS:
        return TRUE
    text = f"({condition.text} OR follows IS NOT NULL OR id = ANY(%s))"
    return Sql(text, [*condition.params, list(leaders)])


def query(span: LogSpan, condition: Sql, *, payload: bool, related: bool = True) -> Sql:
    """The one statement that reads recorded events."""
    columns = _COLUMNS if related else _COLUMNS.replace("related::text", "'[]'::text")
    columns += ", payload" if payload else ""
    text = f"SELECT {columns} FROM event WHERE {_SPAN} AND {condition.text} {_ORDER}"
    return Sql(text, [*span.params, *condition.params])


def apply_settings(connection: Connection) -> None:
    """Settings of the current transaction for reading long ranges."""
    connection.execute(_SETTINGS)


def _recorded(connection: Connection, statement: Sql) -> Iterator[Past]:
    apply_settings(connection)
    with connection.cursor(name="history", binary=True) as cursor:
        cursor.execute(statement.text.encode(), statement.params)
        while rows := cursor.fetchmany(FETCH_ROWS):
            for row in rows:
                yield _past(row)


def _past(row: Sequence[Any]) -> Past:
    ms, seq, index, id_, occurred, name, resource, related, follows, leader_unknown = row[:10]
    event = Event(
        occurred=occurred,
        event=name,
        resource=_resource(resource),
        related=_related(related),
        payload=msgspec.Raw(row[10].encode()) if len(row) > 10 else EMPTY_PAYLOAD,
        id=id_,
        follows=follows,
    )
    return Past(_position((ms, seq, index)), event, not leader_unknown)


def _refused(connection: Connection, span: LogSpan) -> list[Past]:
    rows = connection.execute(_REJECTED, span.params).fetchall()
    return [Past(_position(place), decode_event(body), True) for *place, body in rows]


def event_at(connection: Connection, position: Position) -> Past | None:
    """The event at a position, with its payload. One query."""
    row = connection.execute(_AT, position, binary=True).fetchone()
    return None if row is None else _past(row)


def event_with_id(connection: Connection, event_id: UUID) -> Past | None:
    """The newest event with this id, with its payload. One query."""
    row = connection.execute(_WITH_ID, (event_id,), binary=True).fetchone()
    return None if row is None else _past(row)


def evaluated_to(connection: Connection) -> StreamId:
    """How far the evaluator has noted to have come; up to a second behind. One query."""
    row = connection.execute(
        "SELECT position_ms, position_seq FROM reader WHERE name = 'evaluate'"
    ).fetchone()
    return StreamId(*row) if row else START


def oldest_ms(connection: Connection) -> int | None:
    """Log time of the oldest recorded event; None without any. One query."""
    row = connection.execute("SELECT min(log_ms) FROM event").fetchone()
    return row[0] if row else None


def estimate(connection: Connection, span: LogSpan, *, interest: Interest) -> int:
    """About how many events will be read, from the counts by name and day. One query.

    Days at the ends count by the share of them that lies in the span.
    """
    names = interest_names(interest)
    since_ms, until_ms = span.after.ms, span.until_ms
    row = connection.execute(
        _ESTIMATE.format(names=names.text).encode(),
        [until_ms + 1, since_ms, since_ms, until_ms, *names.params],
    ).fetchone()
    return int(row[0]) if row else 0


_ESTIMATE = """
    SELECT coalesce(sum(events * (
        least(day_ms + 86400000, %s::bigint) - greatest(day_ms, %s::bigint)
    ) / 86400000.0), 0)
    FROM (
        SELECT event, events, (log_day - date '1970-01-01')::bigint * 86400000 AS day_ms
        FROM event_count
    ) AS counts
    WHERE day_ms + 86400000 > %s AND day_ms <= %s AND {names}
"""
