"""Larch, the company of the demo: where its flows lie, and what happens in it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

from django.conf import settings

from demo.data_team import PARTNERS, data_team, delta
from demo.happenings import Happening, Stretch, happening
from demo.shop import shop
from events_app.domain.event import Event

FLOWS: Path = (settings.BASE_DIR / "docs" / "examples" / "demo").resolve()
POOL = "larch"
WEEK = timedelta(days=7)
_LEAD = timedelta(days=2)


def history(until: datetime, *, length: timedelta = WEEK) -> Iterator[Happening]:
    """What happened in the time before; the same for the same day and moment."""
    start = until - length
    # What is delivered in the first days was ordered before them.
    stretch = Stretch(start - _LEAD, until, until.date(), Random(f"larch/{until.date()}"))
    yield from (each for each in _all(stretch) if start < each.received < until)


def ahead(start: datetime, end: datetime, *, random: Random, pace: float) -> Iterator[Happening]:
    """What happens from now on, `pace` times as fast as in history."""
    # No day of the future is one of the special days of history.
    yield from _all(Stretch(start, end, date.min, random, pace))


def fresh(now: datetime, *, random: Random) -> list[Event]:
    """A handful that starts runs at once: a file that was checked, an urgent question."""
    stretch = Stretch(now, now, date.min, random, pace=10_000)
    events: list[Event] = []
    for partner in PARTNERS:
        # Some files are never checked; not these.
        while len(files := list(delta(stretch, partner, now))) < 2:
            pass
        events += [each.event for each in files]
    question = happening(
        stretch,
        now,
        "support.ticket.opened",
        f"ticket.{uuid4().hex[:6]}",
        {"priority": "urgent", "channel": "web"},
        payload={"subject": "Where is my bench?", "customer": {"id": "c-0007", "tier": "gold"}},
    )
    return [*events, question.event]


def _all(stretch: Stretch) -> Iterator[Happening]:
    yield from shop(stretch)
    yield from data_team(stretch)
