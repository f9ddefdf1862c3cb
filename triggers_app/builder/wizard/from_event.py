"""From an event that was seen to a draft: how far to generalize, with live numbers."""

from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict

from accounts_app.web.guards import editing, editors_page
from events_app.domain.event import Event
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from triggers_app.automation.wizard.from_event import Choice
from triggers_app.builder.wizard import service as starts
from triggers_app.builder.wizard.view import opened

PAGE, OUTCOME = "triggers_app/builder/ladder.html", "triggers_app/builder/_ladder_outcome.html"
MOST_CHOSEN = 100


@editors_page
def climb(request: HtmxRequest) -> HttpResponse:
    """The steps of `?event=<id>`, or of the newest event called `?name=`; their outcome alone
    when something on them changed."""
    event = _event(request.GET)
    now = utcnow()
    steps, choice = starts.steps_of(event, _choice(request.GET), now=now)
    chosen = starts.chosen_of(event, choice, now=now)
    context = {"steps": steps, "chosen": chosen, "days": starts.DAYS}
    return page_or_fragment(request, PAGE, OUTCOME, context)


@editing
def begin(request: HtmxRequest) -> HttpResponse:
    event = _event(request.POST)
    _, choice = starts.steps_of(event, _choice(request.POST), now=utcnow())
    trigger = starts.trigger_of(event, choice)
    return opened(request, starts.automation_around(trigger), event_id=event.id)


def _event(params: QueryDict) -> Event:
    name = params.get("name-of", "")
    try:
        event_id = UUID(params.get("event", "")) if not name else starts.newest_of(_stored(name))
    except ValueError as error:
        raise Http404("`event` must be the id of an event.") from error
    event = starts.event_of(event_id) if event_id else None
    if event is None:
        raise Http404("This event is not recorded, or not any more.")
    return event


def _stored(name: str) -> str:
    return name.replace("\0", "")


def _choice(params: QueryDict) -> Choice | None:
    """None when nothing was chosen yet."""
    if "name" not in params:
        return None
    places = [int(text) for text in params.getlist("related")[:MOST_CHOSEN] if _is_place(text)]
    each = params.getlist("each")[:MOST_CHOSEN]
    return Choice(params.get("name", ""), params.get("resource", ""), places, each)


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5
