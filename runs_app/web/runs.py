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
    asked = _asked(request)
    found = flow_runs.page(
        size=SIZE,
        after=cursor_of(request, UUID),
        state_types=STATES[asked["state"]][1] if asked["state"] else (),
        text=asked["q"],
        deployment_id=UUID(asked["deployment"]) if asked["deployment"] else None,
    )
    if seen(request, found.page.seen):
        return unchanged()
    base = reverse("runs:list")
    query = {name: value for name, value in asked.items() if value}
    context = {
        "page": found.page,
        "asked": asked,
        "filtered": bool(query),
        "facets": _facets(base, asked, found.counts),
        "address": f"{base}?{urlencode(query)}&" if query else f"{base}?",
    }
    return page_or_fragment(request, "runs_app/runs.html", "runs_app/_rows.html", context)


def _asked(request: HtmxRequest) -> dict[str, str]:
    state, deployment = request.GET.get("state", ""), request.GET.get("deployment", "")
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
        deployment = str(UUID(deployment)) if deployment else ""
    except ValueError as error:
        raise Http404("This filter holds what no run can have.") from error
    return {"q": text, "state": state if state in STATES else "", "deployment": deployment}


def _facets(base: str, asked: dict[str, str], counts: dict[str, int]) -> list[tuple[Any, ...]]:
    def address(state: str) -> str:
        query = {name: value for name, value in (asked | {"state": state}).items() if value}
        return f"{base}?{urlencode(query)}" if query else base

    found: list[tuple[Any, ...]] = [("Any", address(""), sum(counts.values()), not asked["state"])]
    for name, (word, types) in STATES.items():
        total = sum(counts.get(kind, 0) for kind in types)
        found.append((word, address(name), total, asked["state"] == name))
    return found


@page
def latest(request: HtmxRequest) -> HttpResponse:
    shown = flow_runs.newest(size=LATEST)
    if seen(request, shown.seen):
        return unchanged()
    context = {"page": shown, "title": "Newest runs"}
    return page_or_fragment(request, "ui/alone.html", "runs_app/_latest.html", context)


@page
def run(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(run_id)
    if seen(request, found.seen):
        return unchanged()
    return page_or_fragment(request, PAGE, FRAGMENT, run_context(request, found))


def run_or_404(run_id: UUID) -> RunInFull:
    found = flow_runs.in_full(run_id)
    if found is None:
        raise Http404("No run has this id.")
    return found


def run_context(request: HtmxRequest, found: RunInFull, problem: str = "") -> dict[str, Any]:
    spans, total = spans_of(found.states, now=utcnow(), finished=found.finished)
    return {
        **tasks_context(found),
        "run": found.run,
        "flow_name": found.run.flow.name,
        "deployment": found.run.deployment,
        "work_pool": found.run.work_pool,
        "states": found.states,
        "spans": spans,
        "total_seconds": total,
        "finished": found.finished,
        "seen": found.seen,
        "fired": bool(found.run.causes),
        "starter": _starter(found.run.created_by),
        "can_edit": can_edit(request),
        "resumable": found.run.state_type == StateType.PAUSED,
        "problem": problem,
    }


def tasks_context(found: RunInFull) -> dict[str, Any]:
    """One query."""
    tasks = task_runs.timeline(found.run.pk, now=utcnow())
    # With the end of the run the region stops asking, though no task is new.
    return {"tasks": tasks, "tasks_seen": f"{tasks.seen}{'.' if found.finished else ''}"}


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
    found = run_or_404(run_id)
    old, who = found.run, request.user
    wanted = NewFlowRun(
        deployment_id=old.deployment_id,
        flow_id=old.flow_id,
        parameters=old.parameters,
        job_variables=old.job_variables,
        tags=old.tags,
        created_by={"id": str(who.pk), "type": "USER", "display_value": who.get_username()},
    )
    with transaction.atomic():
        [made] = creating.create_flow_runs([wanted], now=utcnow())
    if isinstance(made, Refused):
        return invalid(request, PAGE, FRAGMENT, run_context(request, found, made.reason))
    messages.success(request, f"Started anew, with the parameters of {old.name}.")
    address = reverse("runs:one", args=[made.flow_run_id])
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
