"""One automation: now, its versions, its document, and its switch."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

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
from project.lib.paging import Page, TimeKey, cursor_of
from project.lib.problems import Invalid
from triggers_app.models import Automation
from triggers_app.reads import automations, snoozes
from triggers_app.reads import firings as firing_reads
from triggers_app.reads import versions as version_reads
from triggers_app.reads import windows as window_reads
from triggers_app.reads.automations import AutomationInFull
from triggers_app.reads.firings import ListedFiring
from triggers_app.services import authoring, cycle_guard

FIRINGS = 20
MAX_REASON = 200
PAGE, SWITCH = "triggers_app/automation.html", "triggers_app/_switch.html"
ROW = "triggers_app/_row_switch.html"


@page
def automation(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    firings = _firings(request, automation_id)
    if seen(request, firings.seen):
        return unchanged()
    in_full = automation_or_404(automation_id)
    if request.htmx:
        context = frame(request, in_full) | _fired(automation_id, firings)
    else:
        context = _context(request, in_full, firings)
    return page_or_fragment(request, PAGE, "triggers_app/_firing_rows.html", context)


@page
def windows(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    in_full = automation_or_404(automation_id)
    context = frame(request, in_full) | {"windows": window_reads.open_windows(in_full)}
    context["title"] = f"Open windows of {in_full.automation.name}"
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_windows.html", context)


@page
def versions(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    in_full = automation_or_404(automation_id)
    context = frame(request, in_full) | {
        "tab": "versions",
        "versions": version_reads.versions_of(automation_id),
    }
    return render(request, "triggers_app/versions.html", context)


@page
def document(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    in_full = automation_or_404(automation_id)
    context = frame(request, in_full) | {
        "tab": "document",
        "yaml": version_reads.yaml_of(in_full.automation.document),
    }
    return render(request, "triggers_app/document.html", context)


@editing
def switch(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    words = ("Switched on.", "Switched off.")
    return _switched(request, automation_id, authoring.enable, "automations:switch", words)


@editing
def shadow(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    words = ("It is in shadow now.", "It acts now.")
    return _switched(request, automation_id, authoring.shadow, "automations:shadow", words)


def _switched(
    request: HtmxRequest,
    automation_id: UUID,
    change: Callable[..., Automation],
    name: str,
    words: tuple[str, str],
) -> HttpResponse:
    """Make a change that is on or off; `words` say which, and the other one takes it back."""
    on, row = request.POST.get("on") == "true", request.POST.get("row") == "true"
    try:
        change(automation_id, on, author=author_of(request), now=utcnow())
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    except Invalid as refusal:
        problem = " ".join(str(one) for one in refusal.problems)
        in_full = automation_or_404(automation_id)
        if row and request.htmx:
            refused = {"automation": in_full.automation, "can_edit": True, "problem": problem}
            return invalid(request, PAGE, ROW, refused)
        context = _context(request, in_full, _firings(request, automation_id), problem)
        return invalid(request, PAGE, SWITCH, context)
    back = "false" if on else "true"
    undo, said = reverse(name, args=[automation_id]), words[0 if on else 1]
    context = frame(request, automation_or_404(automation_id))
    fragment, page = SWITCH, reverse("automations:one", args=[automation_id])
    toast = Toast(said, undo=undo, values={"on": back}, target="#switch")
    if row:
        fragment, page = ROW, reverse("automations:list")
        said = f"{context['automation'].name}: {said[0].lower()}{said[1:]}"
        toast = Toast(said, undo, {"on": back, "row": "true"}, f"#switch-{automation_id}")
    event = "automation-switched"
    return saved(request, fragment, context, event=event, back=page, toast=toast)


def author_of(request: HtmxRequest) -> str:
    """Who, and why if they said so: it stands in the version."""
    reason = reason_of(request)
    name = request.user.get_username()
    return f"{name}: {reason}" if reason else name


def reason_of(request: HtmxRequest) -> str:
    """Why a change is made, in one line; empty where nobody says so."""
    return " ".join(request.POST.get("reason", "").replace("\0", "").split())[:MAX_REASON]


def automation_or_404(automation_id: UUID) -> AutomationInFull:
    in_full = automations.in_full(automation_id)
    if in_full is None:
        raise Http404("No automation has this id.")
    return in_full


def _firings(request: HtmxRequest, automation_id: UUID) -> Page[ListedFiring]:
    after = cursor_of(request, TimeKey.parse)
    return firing_reads.newest(size=FIRINGS, after=after, automation_id=automation_id)


def frame(request: HtmxRequest, in_full: AutomationInFull, problem: str = "") -> dict[str, Any]:
    """What every page of one automation shows."""
    return {
        "automation": in_full.automation,
        "sentence": in_full.sentence,
        "targets": in_full.targets,
        "loops": _loops(in_full),
        "snoozes": snoozes.in_force(now=utcnow(), automation_ids=[in_full.automation.pk]),
        "owner": _owner(in_full.automation),
        "can_edit": can_edit(request),
        "problem": problem,
        "tab": "now",
    }


def _loops(in_full: AutomationInFull) -> list[str]:
    """The certain loops that it is guarded against, in words."""
    if in_full.document is None or not in_full.automation.guarded:
        return []
    return cycle_guard.certain_paths(in_full.document, in_full.automation.pk)


def _fired(automation_id: UUID, firings: Page[ListedFiring]) -> dict[str, Any]:
    return {
        "page": firings,
        "of_one": True,
        "filtered": False,
        "address": f"{reverse('automations:one', args=[automation_id])}?",
    }


def _context(
    request: HtmxRequest, in_full: AutomationInFull, firings: Page[ListedFiring], problem: str = ""
) -> dict[str, Any]:
    pk = in_full.automation.pk
    return {
        **frame(request, in_full, problem),
        **_fired(pk, firings),
        "windows": window_reads.open_windows(in_full),
        "refused": firing_reads.refused_lately(pk),
    }


def _owner(automation: Automation) -> UUID | None:
    """The deployment that it belongs to."""
    prefix, _, text = (automation.owner_resource or "").rpartition(".")
    try:
        return UUID(text) if prefix == "prefect.deployment" else None
    except ValueError:
        return None
