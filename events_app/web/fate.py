"""`fate:fired` in a query: only the table knows it, so that a list with it is not live."""

from dataclasses import replace
from datetime import datetime, timedelta

from events_app.domain.search_filters import NoneOf, PlaceFilter, SearchFilter, SearchPart
from events_app.services.event_outcomes import fired_between
from events_app.web.event_query import EventQuery

# A time of firings that holds those of a time of events: clocks differ, phones are offline.
EARLIER, LATER = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=400)


def with_fate(query: EventQuery, *, now: datetime) -> SearchFilter:
    """The filter of the query, with the places of events that fired where it asks for them.

    One query if it does, else none. Of very many firings the newest count.
    """
    terms = [term for term in query.terms if term.field == "fate"]
    if not terms or query.problems:
        return query.filter
    times = query.filter.occurred
    since = max((times and times.since) or now - LONGEST, now - LONGEST)
    until = min((times and times.until) or now, now)
    fired = fired_between(since - EARLIER, until + LATER)
    places = PlaceFilter(places=tuple(fired.positions))
    parts: list[SearchPart] = [
        NoneOf(neither=(places,)) if term.negated else places for term in terms
    ]
    return query.filter.model_copy(update={"more": (*query.filter.more, *parts)})


def decided(query: EventQuery, *, now: datetime) -> EventQuery:
    """The query with the places of events that fired in its filter."""
    return replace(query, filter=with_fate(query, now=now))
