"""The list of automations, one automation, its switch."""

from io import StringIO
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from ruamel.yaml import YAML

from events_app.web.guards import can_edit, editing, page
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, seen, unchanged
from project.lib.paging import NameKey, TimeKey, cursor_of
from triggers_app.services import pages
from triggers_app.services.pages import AutomationInFull

SIZE = 50
FIRINGS = 20


@page
def automations(request: HtmxRequest) -> HttpResponse:
    counts = pages.count_automations()
    context = {
        "page": pages.automations(size=SIZE, after=cursor_of(request, NameKey.parse)),
        "total": counts.total,
        "set_aside": counts.set_aside,
    }
    return render(request, "triggers_app/automations.html", context)


@page
def automation(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    firings = pages.newest_firings(
        size=FIRINGS, after=cursor_of(request, TimeKey.parse), automation_id=automation_id
    )
    if request.htmx and seen(request, firings.seen):
        return unchanged()
    found = automation_or_404(automation_id)
    context = {
        **automation_context(request, found),
        "page": firings,
        "of_one": True,
        "address": f"{reverse('automations:one', args=[automation_id])}?",
    }
    return page_or_fragment(
        request, "triggers_app/automation.html", "triggers_app/_firing_rows.html", context
    )


@page
def of_deployment(request: HtmxRequest) -> HttpResponse:
    try:
        deployment_id = UUID(request.GET.get("deployment", ""))
    except ValueError as error:
        raise Http404("`deployment` must be an id.") from error
    context = {
        "automations": pages.automations_of_deployment(deployment_id),
        "title": "Automations of a deployment",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_of_deployment.html", context)


def automation_or_404(automation_id: UUID) -> AutomationInFull:
    found = pages.automation_in_full(automation_id)
    if found is None:
        raise Http404("No automation has this id.")
    return found


def automation_context(
    request: HtmxRequest, found: AutomationInFull, problem: str = ""
) -> dict[str, Any]:
    return {
        "automation": found.automation,
        "sentence": found.sentence,
        "targets": found.targets,
        "yaml": _yaml(found.automation.document),
        "can_edit": can_edit(request),
        "problem": problem,
    }


def _yaml(document: dict[str, Any]) -> str:
    text = StringIO()
    writer = YAML()
    writer.width = 10_000  # the page wraps
    writer.dump(document, text)
    return text.getvalue()


@editing
def switch(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    found = automation_or_404(automation_id)
    context = automation_context(request, found, "Switching is not possible yet.")
    return invalid(request, "triggers_app/automation.html", "triggers_app/_switch.html", context)
