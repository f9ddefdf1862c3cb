"""The list of firings, one firing, and the firings of an event or a run."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from events_app.web.guards import page
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.paging import TimeKey, cursor_of, storable
from triggers_app.services import pages

LATEST = 12
SIZE = 50


@page
def firings(request: HtmxRequest) -> HttpResponse:
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No automation's name holds NUL.") from error
    shown = pages.newest_firings(size=SIZE, after=cursor_of(request, TimeKey.parse), text=text)
    if seen(request, shown.seen):
        return unchanged()
    base = reverse("firings:list")
    address = f"{base}?{urlencode({'q': text})}&" if text else f"{base}?"
    context = {
        "page": shown,
        "of_one": False,
        "address": address,
        "q": text,
        "filtered": bool(text),
    }
    return page_or_fragment(
        request, "triggers_app/firings.html", "triggers_app/_firing_rows.html", context
    )


@page
def latest(request: HtmxRequest) -> HttpResponse:
    shown = pages.newest_firings(size=LATEST)
    if seen(request, shown.seen):
        return unchanged()
    context = {"firings": shown, "title": "Newest firings"}
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_latest_firings.html", context)


@page
def firing(request: HtmxRequest, firing_id: UUID) -> HttpResponse:
    found = pages.firing_in_full(firing_id)
    if found is None:
        raise Http404("No firing has this id.")
    context = {
        "firing": found.firing,
        "automation": found.firing.automation,
        "actions": found.actions,
        "parameters": found.parameters,
        "verdict": found.verdict,
    }
    return render(request, "triggers_app/firing.html", context)


@page
def of_event(request: HtmxRequest) -> HttpResponse:
    found = pages.firings_of_event(_id(request, "event"))
    context = {"firings": found, "title": "Firings of an event"}
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_of_event.html", context)


@page
def of_run(request: HtmxRequest) -> HttpResponse:
    found = pages.firing_of_run(_id(request, "run"))
    context = {
        "firing": found,
        "automation": found.automation if found else None,
        "title": "What started the run",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_of_run.html", context)


def _id(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError as error:
        raise Http404(f"`{name}` must be an id.") from error
