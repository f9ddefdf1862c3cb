"""The list of events with its filters and counts, one event, and what is newest."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from accounts_app.web.guards import can_edit, page
from events_app.reads import event_counts, reader_status, seen_terms
from events_app.reads import events as event_reads
from events_app.reads.time_limits import QueryTooSlow
from events_app.services import event_outcomes
from events_app.web.cursors import key_of
from events_app.web.event_query import RANGES, EventQuery, muted, parse_query
from events_app.web.fate import decided
from events_app.web.feed_preferences import FeedPreferences, preferences_of
from events_app.web.payloads import label_rows, payload_text, payload_view, related_rows
from events_app.web.saved_views import views_context
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, seen, unchanged
from project.lib.paging import cursor_of

LATEST = 12
SIZE = 50
PAGE, ROWS = "events_app/events.html", "events_app/_rows.html"


@page
def events(request: HtmxRequest) -> HttpResponse:
    query = parse_query(request.GET, now=utcnow())
    if "add" in request.GET and not query.problems:
        return HttpResponseRedirect(query.address(reverse("events:list")))
    kept = preferences_of(request)
    if "everything" not in request.GET:
        query = muted(query, kept.mutes)
    if query.problems:
        return invalid(request, PAGE, ROWS, _context(query, kept))
    query = decided(query, now=utcnow())
    # Before the rows are read: what is recorded meanwhile comes by the stream.
    after = reader_status.recorded_until()
    try:
        page = event_reads.page(query.filter, size=SIZE, after=cursor_of(request, key_of))
    except QueryTooSlow:
        return page_or_fragment(request, PAGE, ROWS, _context(query, kept, too_slow=True))
    outcomes = event_outcomes.outcomes_at([row.position for row in page.rows])
    context = _context(query, kept, page, after=str(after))
    context |= {"outcomes": outcomes, "can_edit": can_edit(request)}
    return page_or_fragment(request, PAGE, ROWS, context)


def _context(
    query: EventQuery,
    kept: FeedPreferences,
    page: Any = None,
    *,
    after: str = "",
    too_slow: bool = False,
) -> dict[str, Any]:
    live = page is not None and page.first and not query.until and not query.fate
    base = reverse("events:list")
    address = query.address(base)
    return views_context(query, kept.views) | {
        "page": page,
        "clock": query.clock or kept.clock,
        "ranges": list(RANGES.items()),
        "address": f"{address}&" if "?" in address else f"{address}?",
        "chart": query.address(reverse("events:histogram"), mutes=True),
        "stream": query.address(reverse("events:stream"), mutes=True) if live else "",
        "facets": query.address(reverse("events:facets"), mutes=True),
        "after": after,
        "now": utcnow(),
        "too_slow": too_slow,
        "hidden": event_counts.named(query.mutes, since=utcnow().date()) if query.mutes else {},
    }


@page
def stream(request: HtmxRequest) -> HttpResponse:
    """Where Django is served by another front than Flint's, there is no stream: see feed_stream."""
    return HttpResponse(status=204)


@page
def complete(request: HtmxRequest) -> HttpResponse:
    """What could continue the term that somebody types into the query box."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context = {"seen_terms": seen_terms.terms_like(typed), "title": "Suggestions"}
    return page_or_fragment(request, "ui/alone.html", "events_app/_complete.html", context)


@page
def latest(request: HtmxRequest) -> HttpResponse:
    page = event_reads.newest(size=LATEST)
    if seen(request, page.seen):
        return unchanged()
    context = {"page": page, "title": "Newest events"}
    return page_or_fragment(request, "ui/alone.html", "events_app/_latest.html", context)


@page
def event(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    event = event_reads.by_id(event_id)
    if event is None:
        raise Http404("No event has this id.")
    around = timedelta(minutes=5)
    nearby = {
        "since": f"{_utc(event.occurred, -around):%Y-%m-%dT%H:%M}",
        "until": f"{_utc(event.occurred, around):%Y-%m-%dT%H:%M}",
    }
    context = {
        "event": event,
        "payload": payload_view(event.payload),
        "labels": label_rows(event.resource),
        "related": related_rows(event.related),
        "nearby": nearby,
        "can_edit": can_edit(request),
    }
    return render(request, "events_app/event.html", context)


@page
def payload(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    """All of a payload that is too long for the page of its event."""
    event = event_reads.by_id(event_id)
    if event is None:
        raise Http404("No event has this id.")
    context = {"text": payload_text(event.payload), "title": f"Payload of {event.event}"}
    return page_or_fragment(request, "ui/alone.html", "events_app/_payload.html", context)


def _utc(moment: datetime, by: timedelta) -> datetime:
    try:
        return (moment + by).astimezone(UTC)
    except OverflowError:
        return moment.astimezone(UTC)


@page
def arriving(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    """Where a composed event leads: it is in the log at once, and recorded a moment later."""
    if event_reads.by_id(event_id) is None:
        context = {"event_id": event_id, "title": "On its way"}
        return page_or_fragment(request, "ui/alone.html", "events_app/_arriving.html", context)
    if request.htmx:
        return HttpResponseClientRefresh()
    return event(request, event_id)
