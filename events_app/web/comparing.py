"""Two events side by side: the one before of the same name, or any other."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts_app.web.guards import page
from events_app.domain.event_comparison import ComparedEvent, compare
from events_app.reads import events as event_reads
from events_app.reads.events import RecordedEvent
from project.lib.htmx import HtmxRequest


@page
def comparison(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    """`?with=` is the id of the other one; by default the one before of the same name."""
    after = event_reads.by_id(event_id)
    if after is None:
        raise Http404("No event has this id.")
    named = request.GET.get("with", "").strip()
    before, problem = _other(after, named)
    context = {
        "after": after,
        "before": before,
        "named": named,
        "problem": problem,
        "parts": [] if before is None else compare(_compared(before), _compared(after)),
    }
    return render(request, "events_app/compare.html", context, status=422 if problem else 200)


def _other(event: RecordedEvent, named: str) -> tuple[RecordedEvent | None, str]:
    """The other event, or why there is none."""
    if not named:
        return event_reads.before(event), ""
    try:
        other = event_reads.by_id(UUID(named))
    except ValueError:
        return None, "This is not the id of an event."
    return other, "" if other else "No event with this id is recorded, or not any more."


def _compared(event: RecordedEvent) -> ComparedEvent:
    return ComparedEvent(event.resource, event.related, event.payload)
