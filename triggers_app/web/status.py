"""The status strip: what arrives, how far the readers are, what is held, what failed."""

from django.http import HttpResponse

from accounts_app.web.guards import page
from events_app.reads import reader_status
from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.paging import fingerprint
from triggers_app.reads import held_actions, overview


@page
def status(request: HtmxRequest) -> HttpResponse:
    state = reader_status.status(redis_client.client())
    acting, failed = held_actions.pause_status(), overview.refused_lately(now=utcnow())
    mark = fingerprint((state, acting, failed))
    if seen(request, mark):
        return unchanged()
    context = {
        "status": state,
        "acting": acting,
        "failed": failed,
        "seen": mark,
        "title": "State of this server",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_status.html", context)
