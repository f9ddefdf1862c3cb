"""TimeSteps of time that cover a range without a gap. Pure.

Weeks begin on Monday, days at midnight UTC: all steps are counted from one origin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ORIGIN = datetime(2024, 4, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TimeSteps:
    step: timedelta

    def number(self, moment: datetime) -> int:
        """Of the step that holds a moment."""
        return (moment - ORIGIN) // self.step

    def start(self, number: int) -> datetime:
        return ORIGIN + number * self.step

    def end(self, number: int) -> datetime:
        """The last moment that belongs to it."""
        return self.start(number + 1) - _MICROSECOND


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was counted under a value, and between when."""

    value: str
    label: str
    count: int
    start_time: datetime
    end_time: datetime


def filled(
    counts: dict[int, Count], steps: TimeSteps, *, first: int | None, last: int | None
) -> Iterator[Count]:
    """The counts by their step's number, with a count of 0 for each step that has none.

    From `first` to `last` at least; where these are open, from the first count to the last.
    """
    numbers = [*counts, *(each for each in (first, last) if each is not None)]
    for number in range(min(numbers, default=0), max(numbers, default=-1) + 1):
        start = steps.start(number)
        empty = Count(str(number), start.isoformat(), 0, start, steps.end(number))
        yield counts.get(number, empty)
