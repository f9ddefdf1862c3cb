"""The list of firings, one firing, and the firings of an event or a run."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import (
    HtmxRequest,
    Toast,
    invalid,
    page_or_fragment,
    saved,
    seen,
    unchanged,
)
from project.lib.paging import TimeKey, cursor_of, storable
from triggers_app.models import ActionRun
from triggers_app.reads import firings as firing_reads
from triggers_app.services import causal_chain, retrying

LATEST = 12
SIZE = 50
PAGE, ACTIONS = "triggers_app/firing.html", "triggers_app/_actions.html"


@page
def firings(request: HtmxRequest) -> HttpResponse:
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No automation's name holds NUL.") from error
    page = firing_reads.newest(size=SIZE, after=cursor_of(request, TimeKey.parse), text=text)
    if seen(request, page.seen):
        return unchanged()
    base = reverse("firings:list")
    address = f"{base}?{urlencode({'q': text})}&" if text else f"{base}?"
    context = {
        "page": page,
        "of_one": False,
        "address": address,
        "q": text,
        "filtered": bool(text),
    }
    return page_or_fragment(
        request, "triggers_app/firings.html", "triggers_app/_firing_rows.html", context
    )


@page
def latest(request: HtmxRequest) -> HttpResponse:
    page = firing_reads.newest(size=LATEST)
    if seen(request, page.seen):
        return unchanged()
    context = {"firings": page, "title": "Newest firings"}
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_latest_firings.html", context)


@page
def firing(request: HtmxRequest, firing_id: UUID) -> HttpResponse:
    context = {**_context(request, firing_id), "problem": ""}
    return render(request, PAGE, context)


@editing
def retry(request: HtmxRequest, firing_id: UUID, index: int) -> HttpResponse:
    firing = _context(request, firing_id)["firing"]
    author = request.user.get_username()
    try:
        pk = retrying.action_of(firing.automation_id, firing_id, index)
        retrying.retry(pk, author=author, now=utcnow())
    except ActionRun.DoesNotExist as error:
        raise Http404("The firing has no such action.") from error
    except retrying.NotFailed as refusal:
        context = {**_context(request, firing_id), "problem": str(refusal)}
        return invalid(request, PAGE, ACTIONS, context)
    context = {**_context(request, firing_id), "problem": ""}
    address = reverse("firings:one", args=[firing_id])
    toast = Toast("It is tried again.")
    return saved(request, ACTIONS, context, event="action-retried", back=address, toast=toast)


def _context(request: HtmxRequest, firing_id: UUID) -> dict[str, Any]:
    in_full = firing_reads.in_full(firing_id)
    if in_full is None:
        raise Http404("No firing has this id.")
    return {
        "firing": in_full.firing,
        "automation": in_full.firing.automation,
        "actions": in_full.actions,
        "withheld": in_full.withheld,
        "parameters": in_full.parameters,
        "verdict": in_full.verdict,
        "window": in_full.window,
        "can_edit": can_edit(request),
    }


@page
def chain(request: HtmxRequest) -> HttpResponse:
    """What led to an event, and what came of it."""
    context = {
        "chain": causal_chain.causal_chain(_id(request, "event")),
        "title": "Cause and effect of an event",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_chain.html", context)


@page
def of_run(request: HtmxRequest) -> HttpResponse:
    firing = firing_reads.of_run(_id(request, "run"))
    context = {
        "firing": firing,
        "automation": firing.automation if firing else None,
        "title": "What started the run",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_of_run.html", context)


def _id(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError as error:
        raise Http404(f"`{name}` must be an id.") from error
