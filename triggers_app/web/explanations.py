"""What an event meant: to all automations (for its page), and to one of them (a tab)."""

from uuid import UUID

from django.http import Http404, HttpResponse

from accounts_app.web.guards import page
from events_app.domain.position import Position
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from triggers_app.services import draft_explaining, explain_pages
from triggers_app.services.explaining import EventNotFound, TookTooLong
from triggers_app.web.automation import automation_or_404, frame

FRAGMENT = "triggers_app/_fates.html"
PAGE, VERDICT = "triggers_app/explain.html", "triggers_app/_explained.html"
MISSING = "No event with this id is recorded, or not any more."
TOO_LONG = "Too much has happened between the last snapshot and this event to fold it in 5 seconds."


@page
def fates(request: HtmxRequest) -> HttpResponse:
    """One row for each automation that has a say about an event."""
    event_id = event_of(request)
    if not isinstance(event_id, UUID):
        raise Http404("`event` must be an id.")
    context = {
        "fates": explain_pages.fates_of_event(event_id),
        "event_id": event_id,
        "title": "What became of an event",
    }
    return page_or_fragment(request, "ui/alone.html", FRAGMENT, context)


@page
def explain(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    in_full = automation_or_404(automation_id)
    event_ref, problem, explanation = None, "", None
    try:
        event_ref = event_of(request)
        if event_ref is not None:
            explanation = explain_pages.explained(automation_id, event_ref, now=utcnow())
    except Http404 as wrong:
        problem = str(wrong)
    except EventNotFound:
        problem = MISSING
    except TookTooLong:
        problem = TOO_LONG
    trigger = in_full.automation.document.get("trigger")
    context = frame(request, in_full) | {
        "tab": "explain",
        "told": explanation,
        "asked": request.GET.get("event", ""),
        "problem_of_event": problem,
        "recent": draft_explaining.events_to_explain(trigger, now=utcnow()),
        "almost": explain_pages.almost_fired(automation_id, trigger, now=utcnow()),
    }
    return page_or_fragment(request, PAGE, VERDICT, context)


def event_of(request: HtmxRequest) -> UUID | Position | None:
    """The event that is asked about, by its id or its position in the log."""
    return event_named(request.GET.get("event", ""))


def event_named(text: str) -> UUID | Position | None:
    """An event by its id or its position; None for an empty text. Raises Http404."""
    text = text.strip()
    if not text:
        return None
    try:
        if text.count("-") != 2:
            return UUID(text)
        position = Position.parse(text)
        if max(position) < 2**63 and position.frame_index < 2**31:
            return position
    except ValueError:
        pass
    raise Http404("`event` must be the id of an event, or its position in the log.")
