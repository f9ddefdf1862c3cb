"""The list of deployments, and one deployment."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from events_app.web.guards import page
from project.lib.htmx import HtmxRequest
from project.lib.paging import NameKey, cursor_of
from runs_app.services import pages

SIZE = 50


@page
def deployments(request: HtmxRequest) -> HttpResponse:
    shown = pages.deployments(size=SIZE, after=cursor_of(request, NameKey.parse))
    return render(request, "runs_app/deployments.html", {"page": shown})


@page
def deployment(request: HtmxRequest, deployment_id: UUID) -> HttpResponse:
    found = pages.deployment_in_full(deployment_id)
    if found is None:
        raise Http404("No deployment has this id.")
    context = {
        "deployment": found.deployment,
        "flow_name": found.deployment.flow.name,
        "work_pool": found.deployment.work_pool,
        "runs": found.runs.rows,
    }
    return render(request, "runs_app/deployment.html", context)
