"""Facts about snoozes: said by people, applied by the evaluator, read again by replays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from events_app.domain.event import to_us
from events_app.domain.position import StreamId
from triggers_app.automation.engine.snoozing import SnoozeFact
from triggers_app.models import Snooze

LONGEST = timedelta(days=90)
LATEST_MS = 2**53  # after every log time


@dataclass(frozen=True, slots=True)
class SavedSnooze:
    """A fact that holds for log entries after `max(offset, effective_after)`."""

    fact: SnoozeFact
    effective_after: StreamId

    @property
    def order(self) -> tuple[int, int, int]:
        """Among what becomes effective at one place: after the versions."""
        return 1, self.fact.id, 0


@dataclass(frozen=True, slots=True)
class AppliedSnooze:
    """From where a fact really held: after this entry, at this log time (ms)."""

    fact: SnoozeFact
    after: StreamId
    log_ms: int


# Raw SQL: runs on the evaluator's own connection, and on those of replays.
_COLUMNS = "id, automation_id, labels, until"
_NOT_APPLIED = f"""
    SELECT {_COLUMNS}, effective_after_ms, effective_after_seq
    FROM snooze WHERE applied_ms IS NULL ORDER BY id
"""
_APPLIED = f"""
    SELECT {_COLUMNS}, applied_after_ms, applied_after_seq, applied_ms
    FROM snooze WHERE applied_ms > %s AND applied_ms <= %s
    ORDER BY applied_after_ms, applied_after_seq, applied_ms, id
"""
_NOTE = """
    UPDATE snooze s
    SET applied_after_ms = n.ms, applied_after_seq = n.seq, applied_ms = n.log_ms
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS n (id, ms, seq, log_ms)
    WHERE s.id = n.id
"""


def add(
    automation_id: UUID,
    labels: Mapping[str, str],
    *,
    until: datetime,
    ends: bool,
    effective_after: StreamId,
    author: str,
    reason: str,
    now: datetime,
) -> Snooze:
    """One query."""
    return Snooze.objects.create(
        automation_id=automation_id,
        labels=dict(labels),
        until=until,
        ends=ends,
        author=author,
        reason=reason,
        created=now,
        effective_after_ms=effective_after.ms,
        effective_after_seq=effective_after.seq,
    )


def not_applied(connection: "psycopg.Connection[Any]") -> list[SavedSnooze]:
    """What was said since the evaluator last looked. One query, of an index that is empty then."""
    rows = connection.execute(_NOT_APPLIED, prepare=True)
    return [SavedSnooze(_fact(row), StreamId(row[4], row[5])) for row in rows]


def applied(
    connection: "psycopg.Connection[Any]", *, since_ms: int, until_ms: int
) -> list[AppliedSnooze]:
    """The facts that may matter between two log times, in the order in which they held. One query.

    No snooze is longer than `LONGEST`, so what is older than that matters to nothing.
    """
    oldest_ms = since_ms - int(LONGEST.total_seconds() * 1000)
    rows = connection.execute(_APPLIED, (oldest_ms, until_ms))
    return [AppliedSnooze(_fact(row), StreamId(row[4], row[5]), row[6]) for row in rows]


def note_applied(connection: "psycopg.Connection[Any]", applied: Sequence[AppliedSnooze]) -> None:
    """Write down from where each fact held, so that history can be replayed. One query."""
    connection.execute(
        _NOTE,
        (
            [one.fact.id for one in applied],
            [one.after.ms for one in applied],
            [one.after.seq for one in applied],
            [one.log_ms for one in applied],
        ),
    )


def _fact(row: Any) -> SnoozeFact:
    return SnoozeFact(row[0], row[1], row[2], to_us(row[3]) // 1000)
