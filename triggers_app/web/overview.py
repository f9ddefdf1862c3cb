"""The overview: what arrived, what fired, what ran."""

from django.http import HttpResponse
from django.shortcuts import render

from events_app.services import pages as event_pages
from events_app.web.events import LATEST as LATEST_EVENTS
from events_app.web.guards import page
from project.lib.htmx import HtmxRequest
from runs_app.services import pages as run_pages
from runs_app.web.runs import LATEST as LATEST_RUNS
from triggers_app.services import pages
from triggers_app.web.firings import LATEST


@page
def overview(request: HtmxRequest) -> HttpResponse:
    context = {
        "firings": pages.newest_firings(size=LATEST),
        "events": event_pages.newest_events(size=LATEST_EVENTS),
        "runs": run_pages.newest_runs(size=LATEST_RUNS),
    }
    return render(request, "triggers_app/overview.html", context)
