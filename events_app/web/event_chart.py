"""The chart above the list of events: how many, how many of them fired, and the time around."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts_app.web.guards import page
from events_app.domain.filters import EventFilter
from events_app.reads import event_counts
from events_app.reads.event_counts import Bar, Histogram
from events_app.reads.events import PATIENCE_SECONDS
from events_app.reads.time_limits import QueryTooSlow, time_limit
from events_app.services.event_outcomes import FiredEvents, fired_between
from events_app.web.event_query import TIMES, EventQuery, parse_query
from events_app.web.fate import EARLIER, LATER, decided
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar of the chart and the address of its events; `fired` of them fired automations."""

    label: str
    count: int
    fired: int = 0
    address: str = ""
    since: str = ""
    until: str = ""


@page
def histogram(request: HtmxRequest) -> HttpResponse:
    """Six queries at most."""
    now = utcnow()
    query = decided(parse_query(request.GET, now=now), now=now)
    try:
        context = _chart(query, now)
    except QueryTooSlow:
        context = {"too_slow": True, "bars": []}
    context |= {"title": "Events over time", "base": query.address(reverse("events:list"))}
    return page_or_fragment(request, "ui/alone.html", "events_app/_histogram.html", context)


def _chart(query: EventQuery, now: datetime) -> dict[str, Any]:
    occurred = query.filter.occurred
    since, until = (occurred.since, occurred.until) if occurred else (None, None)
    chart = event_counts.histogram(query.filter, since=since, until=until, now=now)
    firings = _firings(chart)
    fired = _fired(chart, firings, query.filter)
    bars = [_bar(query, bar, count) for bar, count in zip(chart.bars, fired, strict=True)]
    return {
        "too_slow": False,
        "bars": bars,
        "total": sum(bar.count for bar in bars),
        "fired": sum(fired),
        "all_firings": firings.complete,
        "earlier": _beside(query, chart, -1, now),
        "later": _beside(query, chart, 1, now),
        "whole": _address(query, query.without(*TIMES)) if _has_times(query) else "",
        "without_times": query.without(*TIMES),
    }


def _firings(chart: Histogram) -> FiredEvents:
    if not chart.bars:
        return FiredEvents((), True)
    since, until = chart.bars[0].start, chart.bars[-1].end
    try:
        return fired_between(since - EARLIER, until + LATER)
    except OverflowError:
        return fired_between(since, until)


def _fired(chart: Histogram, firings: FiredEvents, filter: EventFilter) -> list[int]:
    with time_limit(PATIENCE_SECONDS):
        return event_counts.by_bar(chart, firings.positions, filter)


def _has_times(query: EventQuery) -> bool:
    return any(term.field in TIMES for term in query.terms)


def _bar(query: EventQuery, bar: Bar, fired: int) -> ChartBar:
    daily = bar.end - bar.start >= timedelta(days=1)
    label = f"{bar.start:%a %b %d}" if daily else f"{bar.start:%b %d, %H:%M}"
    address = _address(query, query.between(bar.start, bar.end))
    ends = f"{bar.start:%Y-%m-%dT%H:%M}", f"{bar.end:%Y-%m-%dT%H:%M}"
    return ChartBar(label, bar.count, fired, address, *ends)


def _beside(query: EventQuery, chart: Histogram, by: int, now: datetime) -> str:
    """The address of the time before or after that of the chart; "" where there is none."""
    if not chart.bars:
        return ""
    times = query.filter.occurred
    since = (times and times.since) or chart.bars[0].start
    until = (times and times.until) or (now if times else chart.bars[-1].end)
    try:
        moved = since + (until - since) * by, until + (until - since) * by
    except OverflowError:
        return ""
    return "" if moved[0] >= now else _address(query, query.between(*moved))


def _address(query: EventQuery, text: str) -> str:
    return query.address(reverse("events:list"), text=text)
