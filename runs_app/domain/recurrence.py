"""iCalendar rules (RFC 5545) in wall time, read and counted by dateutil. Pure.

dateutil counts every rule from its start, and looks for the next time until the year 9999. Here
both are bounded: a rule without a count begins shortly before the time that is asked for, and the
calendar, which repeats itself every 400 years, is read as its last 400.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from dateutil.rrule import DAILY, HOURLY, MINUTELY, SECONDLY, WEEKLY, rrule, rruleset, rrulestr

_SHIFT_YEARS = 7600  # 19 times 400: what is asked of 2000 … 2399 is read in 9600 … 9999
_FIRST_YEAR, _LAST_YEAR = 1900, 2399
_MAX_COUNT = 10_000
_MOST_STEPS = 20_000  # so many times may be excluded one after the other
_UNITS = {
    SECONDLY: timedelta(seconds=1),
    MINUTELY: timedelta(minutes=1),
    HOURLY: timedelta(hours=1),
    DAILY: timedelta(days=1),
    WEEKLY: timedelta(weeks=1),
}
_DEFAULT_START = datetime(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Times at which something occurs, less those at which it does not; wall times all."""

    rules: tuple[rrule, ...]
    times: tuple[datetime, ...]
    except_rules: tuple[rrule, ...]
    except_times: tuple[datetime, ...]

    @classmethod
    def parse(cls, text: str) -> "Recurrence":
        """Zones in the text are left aside: its times are those of the schedule's zone.

        Raises ValueError.
        """
        try:
            rule = rrulestr(text, dtstart=_DEFAULT_START, ignoretz=True)
        except (TypeError, IndexError, KeyError, OverflowError) as error:
            raise ValueError(str(error) or "it cannot be read") from None
        if isinstance(rule, rruleset):
            return cls(
                tuple(_far(each) for each in rule._rrule),
                tuple(_far_time(each) for each in rule._rdate),
                tuple(_far(each) for each in rule._exrule),
                tuple(_far_time(each) for each in rule._exdate),
            )
        return cls((_far(rule),), (), (), ())

    def walls(self, start: datetime) -> Iterator[datetime]:
        """The times not before `start`, in order."""
        begin = _far_time(start)
        excluded = _Excluded(_merged(self.except_rules, self.except_times, begin))
        left = _MOST_STEPS
        for wall in _merged(self.rules, self.times, begin):
            if wall in excluded:
                left -= 1
                if not left:
                    return
                continue
            left = _MOST_STEPS
            yield wall.replace(year=wall.year - _SHIFT_YEARS)

    def ended(self, moment: datetime) -> bool:
        """Whether it has occurred, and does not from `moment` on."""
        first = next(self.walls(datetime(_FIRST_YEAR, 1, 1)), None)
        return first is not None and first < moment


class _Excluded:
    """Membership in a sequence that is asked for in order."""

    def __init__(self, walls: Iterator[datetime]) -> None:
        self._walls = walls
        self._next = next(walls, None)

    def __contains__(self, wall: object) -> bool:
        assert isinstance(wall, datetime)
        while self._next is not None and self._next < wall:
            self._next = next(self._walls, None)
        return self._next == wall


def _merged(
    rules: tuple[rrule, ...], times: tuple[datetime, ...], begin: datetime
) -> Iterator[datetime]:
    sources = [_from(rule, begin) for rule in rules]
    later = sorted(each for each in times if each >= begin)
    last = None
    for wall in heapq.merge(*sources, later):
        if wall != last:
            yield wall
        last = wall


def _from(rule: rrule, begin: datetime) -> Iterator[datetime]:
    """The rule's times from `begin` on, without counting all those before."""
    unit = _UNITS.get(rule._freq)
    if unit is not None and rule._count is None and rule._dtstart < begin:
        step = unit * rule._interval
        rule = rule.replace(dtstart=rule._dtstart + step * ((begin - rule._dtstart) // step))
    walls = iter(rule) if rule._count is None else islice(rule, _MAX_COUNT)
    return (wall for wall in walls if wall >= begin)


def _far(rule: rrule) -> rrule:
    if rule._count is not None and rule._count > _MAX_COUNT:
        raise ValueError(f"COUNT is at most {_MAX_COUNT:,}")
    if rule._interval < 1:
        raise ValueError("INTERVAL is at least 1")
    start = _far_time(rule._dtstart)
    until = None if rule._until is None else _far_time(min(rule._until, datetime(2399, 12, 31)))
    return rule.replace(dtstart=start, until=until)


def _far_time(wall: datetime) -> datetime:
    if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        raise ValueError(f"a year must be {_FIRST_YEAR} to {_LAST_YEAR}")
    return wall.replace(year=wall.year + _SHIFT_YEARS)
