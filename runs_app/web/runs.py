"""The list of runs, and one run."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse

from events_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, saved, seen, unchanged
from project.lib.paging import TimeKey, cursor_of
from runs_app.domain.states import Proposal, StateType
from runs_app.services import orchestrating, pages
from runs_app.services.pages import RunInFull

LATEST = 12
SIZE = 50
STATES = {
    "waiting": ("Waiting", ("SCHEDULED", "PENDING")),
    "running": ("Running", ("RUNNING", "CANCELLING", "PAUSED")),
    "completed": ("Completed", ("COMPLETED",)),
    "failed": ("Failed or crashed", ("FAILED", "CRASHED")),
    "cancelled": ("Cancelled", ("CANCELLED",)),
}


@page
def runs(request: HtmxRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    if state not in STATES:
        state = ""
    shown = pages.newest_runs(
        size=SIZE,
        after=cursor_of(request, TimeKey.parse),
        state_types=STATES[state][1] if state else (),
    )
    if seen(request, shown.seen):
        return unchanged()
    context = {
        "page": shown,
        "state": state,
        "states": [(value, word) for value, (word, _) in STATES.items()],
        "address": reverse("runs:list") + (f"?state={state}&" if state else "?"),
    }
    return page_or_fragment(request, "runs_app/runs.html", "runs_app/_rows.html", context)


@page
def latest(request: HtmxRequest) -> HttpResponse:
    shown = pages.newest_runs(size=LATEST)
    if seen(request, shown.seen):
        return unchanged()
    context = {"page": shown, "title": "Newest runs"}
    return page_or_fragment(request, "ui/alone.html", "runs_app/_latest.html", context)


@page
def run(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(run_id)
    if seen(request, found.seen):
        return unchanged()
    return page_or_fragment(
        request, "runs_app/run.html", "runs_app/_run.html", run_context(request, found)
    )


def run_or_404(run_id: UUID) -> RunInFull:
    found = pages.run_in_full(run_id)
    if found is None:
        raise Http404("No run has this id.")
    return found


def run_context(request: HtmxRequest, found: RunInFull, problem: str = "") -> dict[str, Any]:
    return {
        "run": found.run,
        "flow_name": found.run.flow.name,
        "deployment": found.run.deployment,
        "work_pool": found.run.work_pool,
        "states": found.states,
        "logs": found.logs,
        "more_logs": found.more_logs,
        "finished": found.finished,
        "seen": found.seen,
        "fired": bool(found.run.causes),
        "starter": _starter(found.run.created_by),
        "can_edit": can_edit(request),
        "problem": problem,
    }


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
        return invalid(request, "runs_app/run.html", "runs_app/_run.html", context)
    address = reverse("runs:one", args=[run_id])
    return saved(request, "runs_app/_run.html", context, event="run-cancelled", back=address)
