"""The event under evaluation: what it is, where it stands in the log, and its event time."""

from uuid import UUID

from events_app.domain.event import Event, to_us
from events_app.domain.position import Position
from triggers_app.engine.outcome import Counted, Triggering


class Moment:
    """One per evaluator, set anew for each event that a trigger wants, so as not to allocate.

    `us` is event time: when the event occurred, or when it was received if its clock runs
    ahead.
    """

    __slots__ = ("_us", "event", "index", "log_ms", "log_us", "seq")

    event: Event

    def __init__(self) -> None:
        self.log_ms = self.log_us = self.seq = self.index = 0
        self._us: int | None = None

    def set(self, event: Event, log_ms: int, seq: int, index: int) -> None:
        self.event = event
        self.log_ms = log_ms
        self.log_us = log_ms * 1000
        self.seq = seq
        self.index = index
        self._us = None

    @property
    def us(self) -> int:
        if self._us is None:
            self._us = min(to_us(self.event.occurred), self.log_us)
        return self._us

    @property
    def position(self) -> Position:
        return Position(self.log_ms, self.seq, self.index)

    @property
    def whole(self) -> Triggering:
        return Triggering(self.event, self.log_ms)

    @property
    def counted(self) -> Counted:
        event = self.event
        event_id: UUID = event.id
        return Counted(event_id, event.event, event.occurred, event.resource_id, self.position)
