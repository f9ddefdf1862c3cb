"""Saving a draft as off, in shadow or on; taking in what others saved; and discarding it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts_app.web.guards import editing, editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from triggers_app.automation.unknown_values import name_of
from triggers_app.builder import responses as answers
from triggers_app.builder.drafts import conflicts
from triggers_app.builder.drafts.conflicts import DraftConflict
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.edit import submitted
from triggers_app.builder.page import PAGE, address_of, page_context
from triggers_app.builder.params import draft_of, rev_of
from triggers_app.builder.save import service as saving
from triggers_app.builder.save.refusals import refusal_of
from triggers_app.builder.save.service import Mode, SaveRefused
from triggers_app.models import Draft
from triggers_app.web.automation import reason_of

MODES: dict[str, Mode] = {"on": "on", "shadow": "shadow", "off": "off"}
SAID = {
    "on": "Saved as version {} and switched on.",
    "shadow": "Saved as version {} in shadow: it records what would fire, and does not act.",
    "off": "Saved as version {}, switched off.",
}
CONFLICT = "triggers_app/builder/conflict.html"
CHOICE = "choice:"


@editing
def save(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Take what is typed into the draft, then save it."""
    applied = submitted(request, draft_id)
    mode = MODES.get(request.POST.get("as", ""), "off")
    outcome = saving.save(
        applied.draft,
        rev=rev_of(request) if applied.stale else applied.rev,
        mode=mode,
        confirmed=frozenset(request.POST.get("confirmed", "").split()),
        as_new=request.POST.get("new") == "true",
        reason=reason_of(request),
        now=utcnow(),
    )
    if isinstance(outcome, SaveRefused):
        return _refused(request, applied, outcome)
    if isinstance(outcome, DraftConflict):
        return _to(request, reverse("builder:conflict", args=[draft_id]))
    messages.success(request, SAID[mode].format(outcome.version))
    return _to(request, reverse("automations:one", args=[outcome.automation_id]))


def _refused(request: HtmxRequest, applied: Applied, refused: SaveRefused) -> HttpResponse:
    refusal = refusal_of(applied.draft, refused)
    if request.htmx:
        return answers.refused(request, applied, refusal)
    context = page_context(request, applied.draft, problems=applied.problems, refused=refusal)
    return render(request, PAGE, context, status=422)


def _to(request: HtmxRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


@editors_page
def conflict(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """What others saved since the draft was begun, beside what it says."""
    draft = draft_of(request, draft_id)
    automation = draft.automation
    if automation is None or automation.deleted or automation.version == draft.base_version:
        return HttpResponseRedirect(address_of(draft))
    conflict = conflicts.between(draft, automation)
    return render(request, CONFLICT, _compared(draft, conflict, {}))


@editing
def resolve(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    choices = {
        name.removeprefix(CHOICE): str(value)
        for name, value in request.POST.items()
        if name.startswith(CHOICE)
    }
    author = request.user.get_username()
    outcome = saving.resolve(draft_id, author=author, choices=choices, now=utcnow())
    if isinstance(outcome, DraftConflict):
        return render(request, CONFLICT, _compared(draft, outcome, choices), status=422)
    if isinstance(outcome, SaveRefused):
        messages.error(request, " ".join(str(one) for one in outcome.problems))
    else:
        messages.success(request, f"{outcome.did}. Look it over, then save it.")
    return HttpResponseRedirect(address_of(draft))


def _compared(draft: Draft, conflict: DraftConflict, choices: dict[str, str]) -> dict[str, Any]:
    return {
        "draft": draft,
        "found": conflict,
        "choices": choices,
        "address": address_of(draft),
        "title": name_of(draft.document) or "An automation",
    }


@editing
def discard(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft_of(request, draft_id)
    draft = saving.discard(draft_id, author=request.user.get_username(), now=utcnow())
    messages.success(request, "The draft is discarded.")
    if draft.automation_id is None:
        return _to(request, reverse("automations:list"))
    return _to(request, reverse("automations:one", args=[draft.automation_id]))
