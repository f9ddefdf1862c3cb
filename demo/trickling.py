"""Events as they come, through the door, for as long as somebody watches."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

import redis

from demo import company
from events_app.domain.event import Event
from events_app.stream import log

# A week of 20,000 events is one in half a minute: nobody watches that.
PACE = 60.0
_AHEAD = timedelta(seconds=20)


def send_fresh(client: redis.Redis, *, now: datetime) -> int:
    """A few events that start runs at once; how many. Raises log.LogFull."""
    events = company.fresh(now, random=Random())
    return log.append(client, events).accepted


def trickle(
    client: redis.Redis,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    pace: float = PACE,
) -> Iterator[Event]:
    """Send what happens from now on, each event when its time has come. Never ends.

    Raises log.LogFull.
    """
    random, number = Random(), count()
    agenda: list[tuple[datetime, int, Event]] = []
    played_until = clock()
    while True:
        if clock() + _AHEAD / 2 > played_until:
            start, played_until = played_until, clock() + _AHEAD
            for each in company.ahead(start, played_until, random=random, pace=pace):
                heappush(agenda, (each.received, next(number), each.event))
        while agenda and agenda[0][0] <= clock():
            event = heappop(agenda)[2]
            log.append(client, [event])
            yield event
        sleep(0.2)
