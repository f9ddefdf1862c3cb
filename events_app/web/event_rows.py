"""What a row of the list of events opens: the event's values, each of them a filter."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from accounts_app.web.guards import can_edit, page
from events_app.reads import events
from events_app.web.event_query import parse_query
from events_app.web.value_terms import event_lines
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment


@page
def detail(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    """Without the event, the part asks again: what the stream brings is recorded a moment later.

    The address has the query that a filter is added to.
    """
    query = parse_query(request.GET, now=utcnow())
    event = events.by_id(event_id)
    context: dict[str, Any] = {
        "event": event,
        "event_id": event_id,
        "query": query,
        "can_edit": can_edit(request),
        "title": event.event or "(no name)" if event else "On its way",
    }
    if event is not None:
        context["lines"] = event_lines(event.resource, event.related, event.payload)
    return page_or_fragment(request, "ui/alone.html", "events_app/_detail.html", context)
