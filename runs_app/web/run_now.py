"""Running a deployment now, with parameters typed into a form."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts_app.web.guards import editing, editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment
from project.lib.problems import Problem
from runs_app.domain.run_request import NewFlowRun, Refused
from runs_app.models import Deployment
from runs_app.reads import deployments
from runs_app.services import creating
from runs_app.web.parameter_form import TypedParameters, fields_of, read, read_object

PAGE, FORM = "runs_app/run_now.html", "runs_app/_run_now.html"
MAX_NAME = 200


@editors_page
def form(request: HtmxRequest, deployment_id: UUID) -> HttpResponse:
    return page_or_fragment(request, PAGE, FORM, _context(_deployment(deployment_id), None, ()))


@editing
def run_now(request: HtmxRequest, deployment_id: UUID) -> HttpResponse:
    row = _deployment(deployment_id)
    posted = request.POST.dict()
    typed = _read(row, posted)
    if not typed.problems:
        who = request.user
        new_run = NewFlowRun(
            deployment_id=row.pk,
            parameters=typed.values,
            name=posted.get("name", "").strip()[:MAX_NAME] or None,
            created_by={"id": str(who.pk), "type": "USER", "display_value": who.get_username()},
        )
        with transaction.atomic():
            [made] = creating.create_flow_runs([new_run], now=utcnow())
        if not isinstance(made, Refused):
            return _made(request, made.flow_run_id)
        typed.problems += made.problems or [Problem((), made.reason)]
    return invalid(request, PAGE, FORM, _context(row, posted, typed.problems))


def _made(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    messages.success(request, "Started.")
    address = reverse("runs:one", args=[run_id])
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _deployment(deployment_id: UUID) -> Deployment:
    row = deployments.row(deployment_id)
    if row is None:
        raise Http404("No deployment has this id.")
    return row


def _read(row: Deployment, posted: dict[str, str]) -> TypedParameters:
    fields = fields_of(row.parameter_openapi_schema, row.parameters)
    if fields:
        return read(fields, posted)
    return read_object(posted.get("parameters", ""))


def _context(
    row: Deployment, posted: dict[str, str] | None, problems: Sequence[Problem]
) -> dict[str, Any]:
    fields = fields_of(row.parameter_openapi_schema, row.parameters, posted, problems)
    places = {each.name: each.id for each in fields}
    heads = [str(problem.loc[0]) if problem.loc else "" for problem in problems]
    typed = posted or {}
    return {
        "deployment": row,
        "flow_name": row.flow.name,
        "fields": fields,
        "problems": [
            (places.get(head, ""), str(problem))
            for head, problem in zip(heads, problems, strict=True)
        ],
        "name": typed.get("name", ""),
        "whole": typed.get("parameters", ""),
        "waits_for": _waits_for(row),
    }


def _waits_for(row: Deployment) -> str:
    """Who has to come for the run to begin; empty when Flint itself runs it."""
    if row.work_pool is None:
        return "a process that serves this deployment"
    return "" if row.work_pool.type == "flint" else f"a worker of the pool {row.work_pool.name}"
