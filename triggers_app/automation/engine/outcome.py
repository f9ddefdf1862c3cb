"""What the engine remembers and what it answers. Plain values; times are integers.

`_us` are microseconds since the epoch, `_ms` milliseconds: no year is too early or too late.
What is frozen holds only what was there before it, so no cycle can go through it: the garbage
collector need not look (`gc=False`), and windows with many counted events cost it nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from events_app.domain.event import Event, from_ms
from events_app.domain.position import Position

MAX_COUNTED = 50
NEVER_US = 2**62
TRIGGERED = "Triggered"
RESOLVED = "Resolved"


class Counted(msgspec.Struct, frozen=True, gc=False):
    """A counted event, in so many words that a firing can be read after the event is gone."""

    id: UUID
    event: str
    occurred: datetime
    resource_id: str
    position: Position


class Triggering(msgspec.Struct, frozen=True, gc=False):
    """A whole event, and the log time at which it was received."""

    event: Event
    received_ms: int

    @property
    def received(self) -> datetime:
        return from_ms(self.received_ms)


class WindowKey(NamedTuple):
    automation_id: UUID
    trigger_id: UUID
    key: tuple[str, ...]


class Held(msgspec.Struct, frozen=True, gc=False):
    """An expected event kept for a window that may still open around it (case 2.5)."""

    us: int
    counted: Counted
    expires_us: int
    whole: Triggering | None = None


class Ahead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event past the end of an absence window that waits until the window is judged."""

    event: Event
    position: Position


class Slot(msgspec.Struct, frozen=True, gc=False):
    """The last firing of one child of a composite."""

    child: int
    order: int
    firing: "Firing"


class Sample(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`count` values of a metric that add up to `total`, the latest of them at `us`."""

    us: int
    total: float
    count: int = 1


@dataclass(slots=True)
class Window:
    """The state of one trigger and key. Encode it before folding on: it changes in place.

    A window is open in [start_us, end_us) of event time. `opened` is the place in the log
    where it was opened (index -1: by no event). `due_us` is the log time at which an
    absence is decided or an expired window is swept; an absence is decided `lag_us` after its
    end, because the event that opened or last moved it was that long on its way. `quiet` says
    that it begins where the window of a firing ended. A window that is not `open` only keeps
    `held` events. `counted_by`: of a follower, the triggers that have counted it at a deadline.
    """

    automation_id: UUID
    trigger_id: UUID
    key: tuple[str, ...]
    opened: Position
    start_us: int
    end_us: int
    due_us: int
    count: int = 0
    open: bool = True
    quiet: bool = False
    counted: tuple[Counted, ...] = ()
    last: Triggering | None = None
    held: tuple[Held, ...] = ()
    slots: tuple[Slot, ...] = ()
    # Of a metric: its samples, since when they meet its condition, whether it has fired.
    samples: tuple[Sample, ...] = ()
    since_us: int | None = None
    triggered: bool = False
    lag_us: int = 0
    ahead: tuple[Ahead, ...] = ()
    counted_by: tuple[UUID, ...] = ()
    # Whether it is an absence under way: read from its trigger, not state.
    absence: bool = field(default=False, compare=False)
    # When the agenda will look at it next; not state.
    queued_us: int = field(default=NEVER_US, compare=False)
    sweep_queued_us: int = field(default=NEVER_US, compare=False)

    @property
    def window_key(self) -> WindowKey:
        return WindowKey(self.automation_id, self.trigger_id, self.key)

    @property
    def closes_us(self) -> int:
        """Log time at which it must be looked at."""
        return self.due_us


class ClosedWindow(msgspec.Struct, frozen=True, gc=False):
    """How a window ended.

    `outcome`: fired, satisfied (what was expected came), expired (too few), changed,
    disabled, removed, quarantined. `filled`: of a composite, the places of the children that
    had fired.
    """

    automation_id: UUID
    trigger_id: UUID
    key: tuple[str, ...]
    start_us: int
    end_us: int
    count: int
    outcome: str
    closed_ms: int
    counted: tuple[Counted, ...] = ()
    filled: tuple[int, ...] = ()


class Firing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An answer. `position` is the event's that decided it, None for an absence.

    `fired_ms` is log time; `labels` are the values of `for_each`, sorted by label. `state`
    is Resolved when a metric left its condition, and Triggered in every other case. `snooze_id`
    names the snooze under which nothing follows from it.
    """

    id: UUID
    automation_id: UUID
    version: int
    trigger_id: UUID
    position: Position | None
    fired_ms: int
    triggering: Triggering | None
    labels: dict[str, str]
    counted: tuple[Counted, ...]
    counted_total: int
    window_start_us: int | None
    window_end_us: int | None
    child_firings: "tuple[Firing, ...]" = ()
    state: str = TRIGGERED
    snooze_id: int | None = None


@dataclass(slots=True)
class Outcome:
    """What changed since the last take. Empty is false.

    `deleted` windows are to be deleted first, then `windows` written as they now stand.
    `raised` names the automations that were set aside, with the error.
    """

    firings: list[Firing] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    deleted: list[WindowKey] = field(default_factory=list)
    closed: list[ClosedWindow] = field(default_factory=list)
    raised: dict[UUID, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.firings or self.windows or self.deleted or self.closed or self.raised)
