"""The event under evaluation: what it is, where it stands in the log, and its event time."""

from uuid import UUID

from events_app.domain.event import Event, to_us
from events_app.domain.position import Position
from triggers_app.automation.engine.outcome import Counted, Triggering


class CurrentEvent:
    """One per evaluator, set anew for each event that a trigger wants, so as not to allocate.

    `us` is event time: when the event occurred, or when it was received if its clock runs
    ahead. `log_ms` is the log time at which it is evaluated: when it was received, or, for
    a follower that was held back, when it was released.
    """

    __slots__ = ("_place", "_us", "event", "log_ms", "received_ms")

    event: Event

    def __init__(self) -> None:
        self.log_ms = self.received_ms = 0
        self._place: tuple[int, int, int] = Position(0, 0, 0)
        self._us: int | None = None

    def set(self, event: Event, position: tuple[int, int, int], log_ms: int) -> None:
        self.event = event
        self.received_ms = position[0]
        self._place = position
        self.log_ms = log_ms
        self._us = None

    @property
    def log_us(self) -> int:
        return self.log_ms * 1000

    @property
    def us(self) -> int:
        if self._us is None:
            self._us = min(to_us(self.event.occurred), self.received_ms * 1000)
        return self._us

    @property
    def lag_us(self) -> int:
        """How long the event was on its way into the log; waiting for a leader is not."""
        return self.received_ms * 1000 - self.us

    @property
    def position(self) -> Position:
        place = self._place
        if not isinstance(place, Position):
            place = self._place = Position(*place)
        return place

    @property
    def whole(self) -> Triggering:
        return Triggering(self.event, self.received_ms)

    @property
    def counted(self) -> Counted:
        event = self.event
        event_id: UUID = event.id
        return Counted(event_id, event.event, event.occurred, event.resource_id, self.position)
