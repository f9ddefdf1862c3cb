"""The status strip: how far the readers of the log are."""

from django.http import HttpResponse

from accounts_app.web.guards import page
from events_app.reads import reader_status
from project.lib import redis_client
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.paging import fingerprint


@page
def status(request: HtmxRequest) -> HttpResponse:
    state = reader_status.status(redis_client.client())
    mark = fingerprint((state.reachable, state.newest, state.readers))
    if seen(request, mark):
        return unchanged()
    context = {"status": state, "seen": mark, "title": "State of this server"}
    return page_or_fragment(request, "ui/alone.html", "events_app/_status.html", context)
