"""Comparing a draft with what is saved, or two versions; and restoring one of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from project.lib.problems import Invalid
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.compare import firings as compared_firings
from triggers_app.builder.compare import service
from triggers_app.builder.compare.firings import FiringDifferences
from triggers_app.builder.compare.service import DRAFT, CompareSide, NoSuchState
from triggers_app.models import Automation
from triggers_app.reads.versions import numbered_versions
from triggers_app.services import authoring
from triggers_app.storage import automations
from triggers_app.storage import drafts as draft_storage
from triggers_app.web.automation import author_of
from triggers_app.web.explanations import event_of

PAGE = "triggers_app/builder/compare/page.html"
FIRINGS = "triggers_app/builder/compare/_firings.html"
EVENT = "triggers_app/builder/compare/event.html"
WAIT_SECONDS = 0.4


@page
def compare(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    row = _row(automation_id)
    before, after = _sides(request, row)
    context = _context(row, before, after) | {
        "comparison": service.compare(before, after),
        "versions": numbered_versions(row.pk),
        "has_draft": draft_storage.open_of(row.pk, request.user.get_username()) is not None,
        "can_edit": can_edit(request),
        "backtest": FiringDifferences("waiting"),
    }
    return render(request, PAGE, context)


@page
def firings(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """What each of the two would have fired in the last seven days that the other would not."""
    row = _row(automation_id)
    before, after = _sides(request, row)
    patience = WAIT_SECONDS if request.htmx else backtests.ALONE_SECONDS
    context = _context(row, before, after) | {"title": "Firings compared"}
    context["backtest"] = compared_firings.look(
        row.pk, before, after, now=utcnow(), patience=patience
    )
    return page_or_fragment(request, "ui/alone.html", FIRINGS, context)


@page
def event(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """What one event means to each of the two: why one fires, and the other does not."""
    row = _row(automation_id)
    before, after = _sides(request, row)
    event_ref = event_of(request)
    if event_ref is None:
        raise Http404("`event` must be the id of an event, or its position in the log.")
    now = utcnow()
    verdicts = [compared_firings.explained(row, one, event_ref, now=now) for one in (before, after)]
    return render(request, EVENT, _context(row, before, after) | {"verdicts": verdicts})


@editing
def restore(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """Make a version what the automation says again; a new version tells who, and why."""
    row = _row(automation_id)
    try:
        old = service.side(row, request.POST.get("version", ""), author="")
    except NoSuchState:
        raise Http404("No such version was saved.") from None
    author = author_of(request)
    if ": " not in author:
        author = f"{author}: restored version {old.name}"
    try:
        saved = authoring.restore(row.pk, old.document, author=author, now=utcnow())
    except Invalid as refusal:
        reasons = " ".join(str(one) for one in refusal.problems)
        messages.error(request, f"Version {old.name} cannot be restored. {reasons}")
    else:
        if saved.version == row.version:
            messages.info(request, f"It says what version {old.name} said already.")
        else:
            messages.success(request, f"Version {old.name} is restored as version {saved.version}.")
    return HttpResponseRedirect(reverse("automations:versions", args=[row.pk]))


def _row(automation_id: UUID) -> Automation:
    row = automations.automation(automation_id)
    if row is None:
        raise Http404("No automation has this id.")
    return row


def _sides(request: HtmxRequest, row: Automation) -> tuple[CompareSide, CompareSide]:
    """By default what is saved, beside the draft or the version before."""
    author = request.user.get_username()
    after = request.GET.get("after", "") or str(row.version)
    usual = row.version if after == DRAFT else max(1, row.version - 1)
    before = request.GET.get("before", "") or str(usual)
    try:
        return service.side(row, before, author=author), service.side(row, after, author=author)
    except NoSuchState:
        raise Http404("One of the two was never saved, or is no draft of yours.") from None


def _context(row: Automation, before: CompareSide, after: CompareSide) -> dict[str, Any]:
    return {
        "automation": row,
        "before": before,
        "after": after,
        "pair": urlencode({"before": before.name, "after": after.name}),
    }
