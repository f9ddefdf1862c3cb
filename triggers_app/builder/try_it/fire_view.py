"""Firing an automation once by hand: what would be done, the deed, and how it goes on."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts_app.web.guards import editing, editors_page, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, seen, unchanged
from project.lib.paging import fingerprint
from project.lib.problems import Invalid
from triggers_app.automation.parsing import parse_trigger
from triggers_app.builder.try_it import service as trying
from triggers_app.builder.try_it.service import NoSuchEvent, Through
from triggers_app.models import Automation
from triggers_app.reads.automations import in_full
from triggers_app.services import firing_by_hand

PAGE, FRAGMENT = "triggers_app/builder/fire.html", "triggers_app/builder/_fire.html"
THROUGH = "triggers_app/builder/_through.html"
MAX_KEY = 64


@editors_page
def ask(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """What would be done with the event of `?event=`."""
    return page_or_fragment(request, PAGE, FRAGMENT, context_of(automation_id, _param(request)))


@editing
def fire(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """Do it. The same form sent twice fires once."""
    event_choice, now = request.POST.get("event", ""), utcnow()
    automation_in_full = in_full(automation_id)
    if automation_in_full is None:
        raise Http404("No automation has this id.")
    try:
        trigger = parse_trigger(automation_in_full.automation.document.get("trigger"))
        recorded = trying.event_for(trigger, event_choice, now=now)
        author, key = request.user.get_username(), request.POST.get("key", "")[:MAX_KEY]
        firing = firing_by_hand.fire(automation_id, recorded, author=author, key=key, now=now)
    except (NoSuchEvent, Invalid):
        return invalid(request, PAGE, FRAGMENT, context_of(automation_id, event_choice))
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    if not request.htmx:
        return HttpResponseRedirect(reverse("builder:through", args=[firing.pk]))
    return render(request, THROUGH, _context(_through(firing.pk)))


@page
def through(request: HtmxRequest, firing_id: UUID) -> HttpResponse:
    """How far it has come; 204 while that is what the page shows."""
    context = _context(_through(firing_id))
    if seen(request, context["seen"]):
        return unchanged()
    return page_or_fragment(request, "ui/alone.html", THROUGH, context)


def context_of(automation_id: UUID, event_choice: str) -> dict[str, Any]:
    """For the fragment: the preview, or why there is none."""
    try:
        preview = trying.preview(automation_id, event_choice, now=utcnow())
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    except NoSuchEvent:
        preview = trying.preview(automation_id, "", now=utcnow())
        problem = "The event that was chosen is not recorded, or not any more. Choose another one."
        return _asking(automation_id, preview, problem)
    except Invalid as error:
        problem = f"This automation cannot be read: {error.problems[0]}"
        return _asking(automation_id, None, problem)
    return _asking(automation_id, preview, "")


def _asking(automation_id: UUID, preview: Any, problem: str) -> dict[str, Any]:
    context = {"preview": preview, "problem": problem, "key": uuid4(), "id": automation_id}
    return {"fire": context, "title": "Fire once by hand"}


def _param(request: HtmxRequest) -> str:
    return request.GET.get("event", "")[:MAX_KEY]


def _through(firing_id: UUID) -> Through:
    progress = trying.through(firing_id, now=utcnow())
    if progress is None:
        raise Http404("No firing has this id.")
    return progress


def _context(progress: Through) -> dict[str, Any]:
    state = [(one.state, one.reason, one.flow_run_id, one.run) for one in progress.actions]
    return {
        "through": progress,
        "seen": fingerprint((state, progress.ended)),
        "title": f"Fired by hand: {progress.firing.automation.name}",
    }
