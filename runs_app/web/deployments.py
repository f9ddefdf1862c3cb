"""The list of deployments, one deployment, pausing it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, page_or_fragment, saved
from project.lib.paging import NameKey, cursor_of, storable
from runs_app.reads import deployments as deployment_reads
from runs_app.services import confining
from runs_app.services import deployments as deploying
from runs_app.web import schedules
from runs_app.web.parameter_form import fields_of

SIZE = 50
STATUSES: dict[str, tuple[str, bool | None]] = {
    "": ("Any", None),
    "ready": ("Ready", False),
    "paused": ("Paused", True),
}
SWITCH = "runs_app/_pause.html"


@page
def deployments(request: HtmxRequest) -> HttpResponse:
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No deployment's name holds NUL.") from error
    status = request.GET.get("status", "")
    status = status if status in STATUSES else ""
    after = cursor_of(request, NameKey.parse)
    page = deployment_reads.page(size=SIZE, after=after, text=text, paused=STATUSES[status][1])
    counts = deployment_reads.counts(text)
    totals = {"": counts.total, "ready": counts.total - counts.paused, "paused": counts.paused}
    facets = [
        (word, _address(text, name), totals[name], name == status)
        for name, (word, _) in STATUSES.items()
    ]
    address = _address(text, status)
    context = {
        "page": page,
        "q": text,
        "status": status,
        "facets": facets,
        "address": f"{address}&" if "?" in address else f"{address}?",
        "warnings": _warnings(),
    }
    template = "runs_app/deployments.html"
    return page_or_fragment(request, template, "runs_app/_deployment_rows.html", context)


def _warnings() -> list[str]:
    return confining.warnings(
        user=settings.FLINT_FLOW_USER, allowed=settings.FLINT_FLOW_ROOTS, makes_user=False
    )


def _address(text: str, status: str) -> str:
    query = {name: value for name, value in (("q", text), ("status", status)) if value}
    base = reverse("deployments:list")
    return f"{base}?{urlencode(query)}" if query else base


@page
def deployment(request: HtmxRequest, deployment_id: UUID) -> HttpResponse:
    context = _context(request, deployment_id)
    return page_or_fragment(request, "runs_app/deployment.html", SWITCH, context)


def _context(request: HtmxRequest, deployment_id: UUID) -> dict[str, Any]:
    in_full = deployment_reads.in_full(deployment_id)
    if in_full is None:
        raise Http404("No deployment has this id.")
    row = in_full.deployment
    return {
        "deployment": row,
        "flow_name": row.flow.name,
        "work_pool": row.work_pool,
        "runs": in_full.runs.rows,
        "counts": in_full.counts,
        "parameters": fields_of(row.parameter_openapi_schema, row.parameters),
        "can_edit": can_edit(request),
        **schedules.context(request, deployment_id),
    }


@editing
def pause(request: HtmxRequest, deployment_id: UUID) -> HttpResponse:
    paused = request.POST.get("paused") == "true"
    if not deploying.set_paused(deployment_id, paused, now=utcnow()):
        raise Http404("No deployment has this id.")
    address = reverse("deployments:pause", args=[deployment_id])
    toast = Toast(
        "Paused." if paused else "Resumed.",
        undo=address,
        values={"paused": "false" if paused else "true"},
        target="#pause",
    )
    context = _context(request, deployment_id)
    back = reverse("deployments:one", args=[deployment_id])
    return saved(request, SWITCH, context, event="deployment-paused", back=back, toast=toast)
