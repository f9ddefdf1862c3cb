"""What an accepted edit sends beside its own fragment: everything that the new revision changed."""

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from project.lib.htmx import HtmxRequest
from triggers_app.services.building.drafts import Applied

EVENT = "rev-changed"


def changed(request: HtmxRequest, response: HttpResponse, applied: Applied) -> HttpResponse:
    """Add the out-of-band parts to `response`, and the client event `rev-changed`.

    Every part of the page that listens to it then asks for itself by its own address.
    """
    context = {"draft": applied.draft, "rev": applied.rev, "applied": applied}
    parts = render(request, "triggers_app/builder/_changed.html", context)
    response.write(parts.content.decode())
    return trigger_client_event(response, EVENT, {"rev": applied.rev})
