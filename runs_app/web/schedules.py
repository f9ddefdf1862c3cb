"""The schedules of a deployment: when it runs next, and pausing one of them."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, saved
from runs_app.models import Deployment
from runs_app.services import schedules

FRAGMENT = "runs_app/_schedules.html"


def context(request: HtmxRequest, deployment_id: UUID) -> dict[str, Any]:
    """What the fragment shows. Raises Deployment.DoesNotExist."""
    shown = schedules.upcoming_of(deployment_id, now=utcnow())
    return {"schedules": shown, "deployment_id": deployment_id, "can_edit": can_edit(request)}


@editing
def activate(request: HtmxRequest, deployment_id: UUID, schedule_id: UUID) -> HttpResponse:
    active = request.POST.get("active") == "true"
    try:
        found = schedules.change(deployment_id, schedule_id, {"active": active}, now=utcnow())
    except Deployment.DoesNotExist:
        found = False
    if not found:
        raise Http404("No schedule has this id.")
    toast = Toast("Schedule resumed." if active else "Schedule paused.")
    back = reverse("deployments:one", args=[deployment_id])
    shown = context(request, deployment_id)
    return saved(request, FRAGMENT, shown, event="schedule-saved", back=back, toast=toast)
