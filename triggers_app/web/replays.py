"""Replaying an event: what it would do now, and the deed in shadow or for real."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, page_or_fragment, saved
from triggers_app.services import event_replays
from triggers_app.services.event_replays import NotEvaluatedYet, ReplayResult
from triggers_app.services.explaining import EventNotFound

PAGE, FRAGMENT = "triggers_app/replay.html", "triggers_app/_replay.html"
MAX_KEY = 64
NOBODY = "Choose at least one automation for which it would fire."
TOO_EARLY = "The evaluator has not come to this event yet. Try again in a moment."


@page
def ask(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    """What the event would do now; `?automation=` asks for one, also when it is off."""
    return page_or_fragment(request, PAGE, FRAGMENT, _context(request, event_id))


@editing
def start(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    """Replay it to the automations that are ticked. The same form sent twice does it once."""
    ids = [one for one in map(_id, request.POST.getlist("automation")) if one]
    try:
        result = event_replays.replay(
            event_id,
            ids,
            shadow=request.POST.get("do") != "real",
            again=request.POST.get("again") == "true",
            author=request.user.get_username(),
            key=request.POST.get("key", "")[:MAX_KEY],
            now=utcnow(),
        )
    except EventNotFound as error:
        raise Http404("No event has this id.") from error
    except NotEvaluatedYet:
        return _refused(request, event_id, TOO_EARLY)
    if not ids:
        return _refused(request, event_id, NOBODY)
    said = _sentence(result, in_shadow=request.POST.get("do") != "real")
    context, toast = _context(request, event_id) | {"result": said}, Toast(said)
    return saved(
        request, FRAGMENT, context, event="event-replayed", back=context["address"], toast=toast
    )


def _refused(request: HtmxRequest, event_id: UUID, problem: str) -> HttpResponse:
    context = _context(request, event_id) | {"problem": problem}
    return invalid(request, PAGE, FRAGMENT, context)


def _sentence(result: ReplayResult, *, in_shadow: bool) -> str:
    fired, left = len(result.fired), len(result.left)
    words = f"{fired} automation{'s' * (fired != 1)} fired{' in shadow' * in_shadow}"
    return f"{words}, {left} left alone." if left else f"{words}."


def _context(request: HtmxRequest, event_id: UUID) -> dict[str, Any]:
    only = _id(request.GET.get("automation", "") or request.POST.get("only", ""))
    try:
        preview = event_replays.preview(event_id, only=only, now=utcnow())
    except EventNotFound as error:
        raise Http404("No event has this id.") from error
    base = reverse("replays:ask", args=[event_id])
    return {
        "preview": preview,
        "event": preview.event.event,
        "only": only,
        "address": f"{base}?{urlencode({'automation': str(only)})}" if only else base,
        "key": uuid4(),
        "can_edit": can_edit(request),
        "problem": "",
        "result": "",
    }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404("It must be an id.") from error
