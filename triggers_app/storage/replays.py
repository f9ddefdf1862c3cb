"""The firings of one event: those that it decided, and those for which somebody replayed it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events_app.domain.position import Position
from events_app.storage.stored_events import COLUMNS, query_rows, recorded_of
from triggers_app.models import Firing
from triggers_app.storage.decided_firings import MOST_FIRED, decided_by
from triggers_app.storage.history import Past


@dataclass(frozen=True, slots=True)
class FiringOfEvent:
    """`by_hand`: who replayed the event; None where the event itself decided it."""

    id: UUID
    automation_id: UUID
    fired: datetime
    shadow: bool
    snoozed: bool
    by_hand: str | None

    @property
    def acted(self) -> bool:
        return not self.shadow and not self.snoozed


_WITH_ID = f"""
    SELECT {COLUMNS}, leader_unknown FROM event WHERE id = %s
    ORDER BY log_ms DESC, log_seq DESC, frame_index DESC LIMIT 1
"""


def event_with_id(event_id: UUID) -> Past | None:
    """The newest event with this id, as the engine saw it. One query."""
    rows = query_rows(_WITH_ID, [event_id])
    if not rows:
        return None
    *columns, leader_unknown = rows[0]
    recorded = recorded_of(tuple(columns))
    return Past(recorded.position, recorded.event, not leader_unknown)


def firings_of_event(event_id: UUID, position: Position, *, waited: bool) -> list[FiringOfEvent]:
    """The oldest first, at most 100 that it decided and 100 others. Two queries, each by index.

    `waited`: it may have been evaluated later.
    """
    decided = Firing.objects.filter(decided_by(position, waited=waited))
    replayed = Firing.objects.filter(replay_of=event_id)
    rows: list[FiringOfEvent] = []
    for firings in (decided, replayed):
        values = firings.order_by("fired", "id").values_list(
            "id", "automation_id", "fired", "shadow", "snooze_id", "by_hand"
        )
        rows += [FiringOfEvent(*row[:4], row[4] is not None, row[5]) for row in values[:MOST_FIRED]]
    return rows
