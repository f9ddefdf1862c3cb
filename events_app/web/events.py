"""The list of events, and one event."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from events_app.services import pages
from events_app.web.cursors import position_of
from events_app.web.guards import page
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.paging import cursor_of

LATEST = 12
SIZE = 50


@page
def events(request: HtmxRequest) -> HttpResponse:
    name = request.GET.get("name", "").strip().replace("\0", "")
    shown = pages.newest_events(size=SIZE, after=cursor_of(request, position_of), name=name)
    if seen(request, shown.seen):
        return unchanged()
    query = f"{urlencode({'name': name})}&" if name else ""
    address = f"{reverse('events:list')}?{query}"
    context = {"page": shown, "name": name, "address": address}
    return page_or_fragment(request, "events_app/events.html", "events_app/_rows.html", context)


@page
def latest(request: HtmxRequest) -> HttpResponse:
    shown = pages.newest_events(size=LATEST)
    if seen(request, shown.seen):
        return unchanged()
    context = {"page": shown, "title": "Newest events"}
    return page_or_fragment(request, "ui/alone.html", "events_app/_latest.html", context)


@page
def event(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    found = pages.event_by_id(event_id)
    if found is None:
        raise Http404("No event has this id.")
    return render(request, "events_app/event.html", {"event": found})
