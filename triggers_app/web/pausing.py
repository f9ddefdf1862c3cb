"""The brakes: stopping all acting, and what becomes of what is held."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, page_or_fragment, saved, seen, unchanged
from project.lib.paging import fingerprint
from runs_app.services import restoring
from triggers_app.models import ActionRun
from triggers_app.reads import held_actions
from triggers_app.reads.held_actions import HeldActions
from triggers_app.services import pausing

MAX_REASON = 200
PAGE, STATE = "triggers_app/brakes.html", "triggers_app/_brakes.html"
CHANGED = "brakes-changed"
BY_PEOPLE = (ActionRun.HeldFor.CEILING, ActionRun.HeldFor.STOPPED, ActionRun.HeldFor.RESTORE)


@page
def state(request: HtmxRequest) -> HttpResponse:
    context = _context(request)
    if seen(request, context["seen"]):
        return unchanged()
    return page_or_fragment(request, PAGE, STATE, context)


@page
def banner(request: HtmxRequest) -> HttpResponse:
    """What every page says while something is braked."""
    status = held_actions.pause_status()
    mark = fingerprint(status)
    if seen(request, mark):
        return unchanged()
    context = {"braked": status, "seen": mark, "title": "What the brakes hold"}
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_braked.html", context)


@editing
def stop(request: HtmxRequest) -> HttpResponse:
    reason = request.POST.get("reason", "").strip().replace("\0", "")[:MAX_REASON]
    news = pausing.stop_acting(author=request.user.get_username(), reason=reason, now=utcnow())
    return _done(request, "Acting is stopped." if news else "Acting was stopped already.")


@editing
def resume(request: HtmxRequest) -> HttpResponse:
    news = pausing.resume_acting(author=request.user.get_username(), now=utcnow())
    return _done(request, "Acting goes on." if news else "Acting was going on already.")


@editing
def release(request: HtmxRequest) -> HttpResponse:
    count = pausing.release(_which(request), author=request.user.get_username(), now=utcnow())
    return _done(request, f"Released {_actions(count)}.")


@editing
def discard(request: HtmxRequest) -> HttpResponse:
    count = pausing.discard(_which(request), author=request.user.get_username(), now=utcnow())
    return _done(request, f"Discarded {_actions(count)}.")


@editing
def start_runs(request: HtmxRequest) -> HttpResponse:
    """Of a restore: all of them start."""
    return _done(request, f"Started {_runs(restoring.resume_held(now=utcnow()))}.")


@editing
def cancel_runs(request: HtmxRequest) -> HttpResponse:
    count = restoring.cancel_held(author=request.user.get_username(), now=utcnow())
    return _done(request, f"Cancelled {_runs(count)}.")


def _which(request: HtmxRequest) -> HeldActions:
    """Never all of them: a form that lost its fields must not release everything."""
    held_for = request.POST.get("held_for", "")
    if held_for not in BY_PEOPLE:
        raise Http404("Nothing is held for this.")
    try:
        automation_id = UUID(request.POST.get("automation", ""))
    except ValueError as error:
        raise Http404("`automation` must be an id.") from error
    return HeldActions(automation_id=automation_id, held_for=held_for)


def _actions(count: int) -> str:
    return f"{count:,} action{'' if count == 1 else 's'}"


def _runs(count: int) -> str:
    return f"{count:,} run{'' if count == 1 else 's'}"


def _done(request: HtmxRequest, said: str) -> HttpResponse:
    back = reverse("brakes:state")
    context = _context(request)
    return saved(request, STATE, context, event=CHANGED, back=back, toast=Toast(said))


def _context(request: HtmxRequest) -> dict[str, Any]:
    page_context = held_actions.page()
    return {
        "brakes": page_context,
        "seen": fingerprint(page_context),
        "can_edit": can_edit(request),
    }
