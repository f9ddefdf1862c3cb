"""Which firings an event decided: by the index on `fired`, which is the log time of the event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from events_app.domain.event import from_ms
from events_app.domain.position import Position
from triggers_app.automation.engine.causality import PATIENCE_US

MOST_FIRED = 100  # of one event

# The firings `f` (id, automation_id) of many events at once, each by the index; `n.number` says of
# which. Takes `parameters_of`.
OF_EVENTS = """
    unnest(%s::int[], %s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[])
         AS n (number, ms, seq, frame_index, earliest, latest)
    CROSS JOIN LATERAL (
        SELECT id, automation_id FROM firing
        WHERE fired BETWEEN n.earliest AND n.latest
              AND log_ms = n.ms AND log_seq = n.seq AND frame_index = n.frame_index
        LIMIT %s
    ) AS f
"""


def decided_by(position: Position, *, waited: bool) -> Q:
    """The firings of one event; `waited`: for its leader, so it may have been evaluated later."""
    earliest, latest = _span(position, waited=waited)
    return Q(
        fired__gte=earliest, fired__lte=latest,
        log_ms=position.ms, log_seq=position.seq, frame_index=position.frame_index,
    )  # fmt: skip


def parameters_of(events: Sequence[tuple[Position, bool]], *, most: int) -> list[Any]:
    """For `OF_EVENTS`: places, and whether each event waited; at most so many firings of each."""
    spans = [_span(position, waited=waited) for position, waited in events]
    return [
        list(range(len(events))),
        *([position[n] for position, _ in events] for n in range(3)),
        [earliest for earliest, _ in spans],
        [latest for _, latest in spans],
        most,
    ]


def _span(position: Position, *, waited: bool) -> tuple[datetime, datetime]:
    earliest = from_ms(position.ms)
    return earliest, earliest + timedelta(microseconds=PATIENCE_US if waited else 0)
