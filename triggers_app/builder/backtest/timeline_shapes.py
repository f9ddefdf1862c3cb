"""What stands on the drawing of a backtest. Pure.

`x` and `width` are percent of the period, so that the drawing fits any page; `y` and `height`
are pixels, so that signs keep their shape.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from triggers_app.services.backtest_words import when

FIRES = ("fired", "added")  # of the draft; of a resolving firing no test is kept


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC, or the part of it that lies in the period."""

    day: date
    x: float
    width: float
    firings: int
    almost: int
    recorded: bool

    @property
    def label(self) -> str:
        return f"{self.day:%a} {self.day.day} {self.day:%b}"


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """Matching events of one slot: `dots` one above the other, or a bar."""

    x: float
    width: float
    y: float
    height: float
    count: int
    dots: list[float]
    title: str


@dataclass(frozen=True, slots=True)
class LeafRow:
    trigger_id: UUID
    name: str
    sentence: str
    matched: int
    y: float
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class DrawnSpan:
    """A window; `full` is the share of it that is filled. `kind`: fired, almost, open."""

    kind: str
    x: float
    width: float
    y: float
    full: float
    title: str
    deadline: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign, for one thing or for several that stand together. `kind`: fired, resolved, almost,
    open, added, removed. `event_id`: what to explain; None where it was no event."""

    kind: str
    x: float
    moments: list[datetime]
    titles: list[str]
    event_id: UUID | None
    of: str  # what keeping it as a test is about: the first of several

    @property
    def count(self) -> int:
        return len(self.titles)

    @property
    def fires(self) -> bool:
        return self.kind in FIRES

    @property
    def title(self) -> str:
        if self.count == 1:
            return self.titles[0]
        first, last = when(self.moments[0]), when(self.moments[-1])
        words = {"almost": "almost", "added": "more firings", "removed": "firings less"}
        return f"{self.count} {words.get(self.kind, 'firings')}, {first} to {last}"


@dataclass(frozen=True, slots=True)
class DrawnFiring:
    """A sign in words, for the table."""

    kind: str
    moment: datetime
    what: str
    event_id: UUID | None
    by_silence: bool = False  # the event, if any, only began the wait

    @property
    def of(self) -> str:
        """What keeping it as a test is about, as `keep-sign` takes it: an event or a moment."""
        silent = self.event_id is None or self.by_silence
        return self.moment.isoformat() if silent else str(self.event_id)

    @property
    def fires(self) -> bool:
        return self.kind in FIRES


@dataclass(frozen=True, slots=True)
class Signs:
    """A row of signs."""

    name: str
    y: float
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Drawing:
    since: datetime
    until: datetime
    height: float
    days: list[Day]
    ticks: list[Tick]
    unknown: float  # percent of the period of which nothing is recorded
    unread: float  # percent at its end that was not read
    leaves: list[LeafRow]
    leaves_left_out: int
    windows_y: float | None
    windows: list[DrawnSpan]
    signs: list[Signs]
    firings: list[DrawnFiring] = field(default_factory=list)
    summary: str = ""
