"""The list of runs, one run, its logs, and what may be done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, page_or_fragment, saved, seen, unchanged
from project.lib.paging import cursor_of, storable
from runs_app.domain.run_request import NewFlowRun, Refused
from runs_app.domain.states import Proposal, StateType
from runs_app.reads import flow_runs, task_runs
from runs_app.reads.flow_runs import RunInFull
from runs_app.services import creating, orchestrating
from runs_app.web.timelines import spans_of

LATEST = 12
SIZE = 50
STATES = {
    "waiting": ("Waiting", ("SCHEDULED", "PENDING")),
    "running": ("Running", ("RUNNING", "CANCELLING", "PAUSED")),
    "completed": ("Completed", ("COMPLETED",)),
    "failed": ("Failed or crashed", ("FAILED", "CRASHED")),
    "cancelled": ("Cancelled", ("CANCELLED",)),
}
PAGE, FRAGMENT = "runs_app/run.html", "runs_app/_run.html"


@page
def runs(request: HtmxRequest) -> HttpResponse:
    params = _params(request)
    listed = flow_runs.page(
        size=SIZE,
        now=utcnow(),
        after=cursor_of(request, UUID),
        state_types=STATES[params["state"]][1] if params["state"] else (),
        text=params["q"],
        deployment_id=UUID(params["deployment"]) if params["deployment"] else None,
    )
    if seen(request, listed.page.seen):
        return unchanged()
    base = reverse("runs:list")
    query = {name: value for name, value in params.items() if value}
    context = {
        "page": listed.page,
        "asked": params,
        "filtered": bool(query),
        "facets": _facets(base, params, listed.counts),
        "address": f"{base}?{urlencode(query)}&" if query else f"{base}?",
    }
    return page_or_fragment(request, "runs_app/runs.html", "runs_app/_rows.html", context)


def _params(request: HtmxRequest) -> dict[str, str]:
    state, deployment = request.GET.get("state", ""), request.GET.get("deployment", "")
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
        deployment = str(UUID(deployment)) if deployment else ""
    except ValueError as error:
        raise Http404("This filter holds what no run can have.") from error
    return {"q": text, "state": state if state in STATES else "", "deployment": deployment}


def _facets(base: str, params: dict[str, str], counts: dict[str, int]) -> list[tuple[Any, ...]]:
    def address(state: str) -> str:
        query = {name: value for name, value in (params | {"state": state}).items() if value}
        return f"{base}?{urlencode(query)}" if query else base

    facets: list[tuple[Any, ...]] = [
        ("Any", address(""), sum(counts.values()), not params["state"])
    ]
    for name, (word, types) in STATES.items():
        total = sum(counts.get(kind, 0) for kind in types)
        facets.append((word, address(name), total, params["state"] == name))
    return facets


@page
def latest(request: HtmxRequest) -> HttpResponse:
    page = flow_runs.newest(size=LATEST)
    if seen(request, page.seen):
        return unchanged()
    context = {"page": page, "title": "Newest runs"}
    return page_or_fragment(request, "ui/alone.html", "runs_app/_latest.html", context)


@page
def run(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    in_full = run_or_404(run_id)
    if seen(request, in_full.seen):
        return unchanged()
    return page_or_fragment(request, PAGE, FRAGMENT, run_context(request, in_full))


def run_or_404(run_id: UUID) -> RunInFull:
    run = flow_runs.in_full(run_id)
    if run is None:
        raise Http404("No run has this id.")
    return run


def run_context(request: HtmxRequest, run: RunInFull, problem: str = "") -> dict[str, Any]:
    spans, total = spans_of(run.states, now=utcnow(), finished=run.finished)
    return {
        **tasks_context(run),
        "run": run.run,
        "flow_name": run.run.flow.name,
        "deployment": run.run.deployment,
        "work_pool": run.run.work_pool,
        "states": run.states,
        "spans": spans,
        "total_seconds": total,
        "finished": run.finished,
        "seen": run.seen,
        "fired": bool(run.run.causes),
        "starter": _starter(run.run.created_by),
        "can_edit": can_edit(request),
        "resumable": run.run.state_type == StateType.PAUSED,
        "problem": problem,
    }


def tasks_context(run: RunInFull) -> dict[str, Any]:
    """One query."""
    tasks = task_runs.timeline(run.run.pk, now=utcnow())
    # With the end of the run the region stops asking, though no task is new.
    return {"tasks": tasks, "tasks_seen": f"{tasks.seen}{'.' if run.finished else ''}"}


def _starter(created_by: Any) -> str:
    """A client's own document: whatever it holds."""
    value = created_by.get("display_value") if isinstance(created_by, dict) else None
    return str(value) if value else ""


@editing
def cancel(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    run_or_404(run_id)
    by = f"Cancelled by {request.user.get_username()}."
    proposal = Proposal(type=StateType.CANCELLING, message=by)
    outcome = orchestrating.set_state(run_id, proposal, now=utcnow())
    problem = "" if outcome.written else str(outcome.details.get("reason", "It has ended."))
    context = run_context(request, run_or_404(run_id), problem)
    if problem:
        return invalid(request, PAGE, FRAGMENT, context)
    address = reverse("runs:one", args=[run_id])
    toast = Toast("Cancelling this run.")
    return saved(request, FRAGMENT, context, event="run-cancelled", back=address, toast=toast)


@editing
def resume(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    """Of a run that was suspended: it is scheduled anew."""
    run_or_404(run_id)
    outcome = orchestrating.resume(run_id, now=utcnow())
    problem = "" if outcome.written else str(outcome.details.get("reason", "It is not paused."))
    context = run_context(request, run_or_404(run_id), problem)
    if problem:
        return invalid(request, PAGE, FRAGMENT, context)
    address = reverse("runs:one", args=[run_id])
    return saved(
        request, FRAGMENT, context, event="run-resumed", back=address, toast=Toast("Resumed.")
    )


@editing
def retry(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    """A new run with the same parameters; this one stays as it ended."""
    in_full = run_or_404(run_id)
    old, who = in_full.run, request.user
    new_run = NewFlowRun(
        deployment_id=old.deployment_id,
        flow_id=old.flow_id,
        parameters=old.parameters,
        job_variables=old.job_variables,
        tags=old.tags,
        created_by={"id": str(who.pk), "type": "USER", "display_value": who.get_username()},
    )
    with transaction.atomic():
        [made] = creating.create_flow_runs([new_run], now=utcnow())
    if isinstance(made, Refused):
        return invalid(request, PAGE, FRAGMENT, run_context(request, in_full, made.reason))
    messages.success(request, f"Started anew, with the parameters of {old.name}.")
    address = reverse("runs:one", args=[made.flow_run_id])
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
