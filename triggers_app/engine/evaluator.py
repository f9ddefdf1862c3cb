"""The engine: a deterministic state machine over the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from events_app.domain.event import Entry
from triggers_app.domain.triggers import Trigger
from triggers_app.engine.outcome import Outcome, Window


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an automation as it applies; every trigger in it has an id."""

    automation_id: UUID
    version: int
    enabled: bool
    trigger: Trigger


class Evaluator:
    """Folds log entries into firings. See docs/semantics.md for what it decides."""

    def restore(
        self, versions: Iterable[Version], windows: Iterable[Window], *, log_ms: int
    ) -> None:
        """Go on after a restart with what was stored. Opens no window."""
        raise NotImplementedError

    def apply(self, version: Version, *, log_ms: int) -> None:
        """From this log time on, evaluate this version: created, changed, enabled, disabled."""
        raise NotImplementedError

    def remove(self, automation_id: UUID) -> None:
        raise NotImplementedError

    def advance(self, log_ms: int) -> None:
        """Decide every deadline up to and including this log time, in deadline order."""
        raise NotImplementedError

    def fold(self, entry: Entry) -> None:
        """Advance to the entry's log time, then evaluate its events in order."""
        raise NotImplementedError

    @property
    def next_deadline_ms(self) -> int | None:
        """The next log time at which an absence is decided, rounded up."""
        raise NotImplementedError

    def take(self) -> Outcome:
        """What changed since the last take."""
        raise NotImplementedError
