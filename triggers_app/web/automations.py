"""The list of automations, one automation, its switch."""

import logging
from io import StringIO
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from pydantic import ValidationError
from ruamel.yaml import YAML

from events_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, saved, seen, unchanged
from project.lib.paging import NameKey, Page, TimeKey, cursor_of
from project.lib.problems import Invalid
from triggers_app.domain.automation import AutomationDocument, document
from triggers_app.models import Automation
from triggers_app.services import authoring, pages
from triggers_app.services.pages import ToldFiring

logger = logging.getLogger(__name__)
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
    firings = _firings(request, automation_id)
    if seen(request, firings.seen):
        return unchanged()
    context = _context(request, automation_id, firings)
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


@editing
def switch(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    by, on = request.user.get_username(), request.POST.get("on") == "true"
    problem = ""
    try:
        authoring.enable(automation_id, on, author=by, now=utcnow())
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    except Invalid as refusal:
        problem = " ".join(str(one) for one in refusal.problems)
    context = _context(request, automation_id, _firings(request, automation_id), problem)
    fragment = "triggers_app/_switch.html"
    if problem:
        return invalid(request, "triggers_app/automation.html", fragment, context)
    address = reverse("automations:one", args=[automation_id])
    return saved(request, fragment, context, event="automation-switched", back=address)


def _firings(request: HtmxRequest, automation_id: UUID) -> Page[ToldFiring]:
    after = cursor_of(request, TimeKey.parse)
    return pages.newest_firings(size=FIRINGS, after=after, automation_id=automation_id)


def _context(
    request: HtmxRequest, automation_id: UUID, firings: Page[ToldFiring], problem: str = ""
) -> dict[str, Any]:
    found = pages.automation_in_full(automation_id)
    if found is None:
        raise Http404("No automation has this id.")
    return {
        "automation": found.automation,
        "sentence": found.sentence,
        "targets": found.targets,
        "owner": _owner(found.automation),
        "yaml": _yaml(found.automation.document),
        "can_edit": can_edit(request),
        "problem": problem,
        "page": firings,
        "of_one": True,
        "address": f"{reverse('automations:one', args=[automation_id])}?",
    }


def _owner(automation: Automation) -> UUID | None:
    """The deployment that it belongs to."""
    prefix, _, text = (automation.owner_resource or "").rpartition(".")
    try:
        return UUID(text) if prefix == "prefect.deployment" else None
    except ValueError:
        return None


def _yaml(stored: dict[str, Any]) -> str:
    """The document in the order in which people write it; the database keeps none."""
    try:
        stored = document(AutomationDocument.model_validate(stored))
    except ValidationError:
        logger.warning("Automation %s is shown as stored: it does not parse", stored.get("name"))
    text = StringIO()
    writer = YAML()
    writer.width = 10_000  # the page wraps
    writer.dump(stored, text)
    return text.getvalue()
