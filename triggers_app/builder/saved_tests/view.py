"""The Tests tab: what is kept with the draft, and what of it holds."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts_app.web.guards import editing, editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, page_or_fragment
from project.lib.problems import Invalid
from triggers_app.automation.running_tests import TestResult, run_tests
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.params import draft_of, moment_of, rev_of
from triggers_app.builder.responses import changed
from triggers_app.builder.saved_tests import service
from triggers_app.models import Automation, Draft, Firing
from triggers_app.services.explaining import EventNotFound
from triggers_app.web.explanations import event_named

FRAGMENT = "triggers_app/builder/_tests.html"
TITLE = "Tests"
KEPT = "Kept as a test of your draft. Save the draft to keep it for all."
GONE = "This event is not recorded, or not any more."


@editors_page
def tab(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    return page_or_fragment(request, "ui/alone.html", FRAGMENT, _context(draft))


@editing
def keep(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Keep a recorded event, with what led to it."""
    draft = draft_of(request, draft_id)
    _keep_event(request, draft)
    return HttpResponseRedirect(f"{reverse('builder:page', args=[draft.pk])}?tab=tests")


@editing
def keep_sign(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Keep what a sign of the time line stands for; the page stays as it is."""
    draft = draft_of(request, draft_id)
    expects, _, of = request.POST.get("sign", "").partition(" ")
    fires, applied = expects == "fires", None
    try:
        applied = _kept(draft, of, fires=fires)
        said = f"Kept as a test: must {'fire' if fires else 'not fire'}."
    except EventNotFound:
        said = GONE
    except Invalid as refusal:
        said = f"Not kept. {_sentence(refusal)}"
    if not request.htmx:
        (messages.success if applied else messages.error)(request, said)
        return HttpResponseRedirect(f"{reverse('builder:page', args=[draft.pk])}?tab=tests")
    response = render(request, "ui/_toast.html", {"toast": Toast(said)})
    return changed(request, response, applied) if applied else response


def _kept(draft: Draft, of: str, *, fires: bool) -> Applied:
    """`of`: an id of an event, or a moment of an absence. Raises Http404 and as keeping does."""
    moment = moment_of(of)
    if moment is not None:
        return service.keep_absence(draft, moment, fires=fires, rev=draft.rev, now=utcnow())
    event = event_named(of)
    if event is None:
        raise Http404("`sign` must name an event or a moment.")
    return service.keep_event(draft, event, fires=fires, rev=draft.rev, now=utcnow())


@editing
def keep_firing(request: HtmxRequest, firing_id: UUID) -> HttpResponse:
    """Keep a firing as a test in the reader's draft of its automation."""
    firing = Firing.objects.filter(pk=firing_id).first()
    if firing is None:
        raise Http404("No firing has this id.")
    author, now = request.user.get_username(), utcnow()
    try:
        draft = drafts.open_for(firing.automation_id, author=author, now=now)
        fires = request.POST.get("fires") == "true"
        service.keep_firing(draft, firing, fires=fires, now=now)
    except Automation.DoesNotExist as error:
        raise Http404("Its automation is not there any more.") from error
    except Invalid as refusal:
        messages.error(request, f"Not kept. {_sentence(refusal)}")
        return HttpResponseRedirect(reverse("firings:one", args=[firing_id]))
    messages.success(request, KEPT)
    address = reverse("builder:edit", args=[firing.automation_id])
    return HttpResponseRedirect(f"{address}?tab=tests")


@editing
def keep_explained(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """Keep an event as a test in the reader's draft of the automation that it was explained for."""
    try:
        draft = drafts.open_for(automation_id, author=request.user.get_username(), now=utcnow())
    except Automation.DoesNotExist as error:
        raise Http404("This automation is not there any more.") from error
    if _keep_event(request, draft):
        messages.success(request, KEPT)
    return HttpResponseRedirect(f"{reverse('builder:edit', args=[automation_id])}?tab=tests")


def _keep_event(request: HtmxRequest, draft: Draft) -> bool:
    """Whether the posted event was kept; else a message says why not. Raises Http404."""
    event, fires = event_named(request.POST.get("event", "")), request.POST.get("fires") == "true"
    if event is None:
        raise Http404("`event` must be the id of an event, or its position in the log.")
    try:
        service.keep_event(draft, event, fires=fires, rev=draft.rev, now=utcnow())
    except EventNotFound:
        messages.error(request, GONE)
    except Invalid as refusal:
        messages.error(request, f"Not kept. {_sentence(refusal)}")
    else:
        return True
    return False


@editing
def change(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Rename a test, turn what it expects, or delete it."""
    draft = draft_of(request, draft_id)
    text = request.POST.get("number", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1
    try:
        if number < 0:
            raise LookupError
        applied = _done(request, draft, number)
    except LookupError as error:
        raise Http404("There is no such test.") from error
    except Invalid as refusal:
        messages.error(request, _sentence(refusal))
        address = f"{reverse('builder:page', args=[draft.pk])}?tab=tests"
        to = HttpResponseClientRedirect if request.htmx else HttpResponseRedirect
        return to(address)
    if not request.htmx:
        return HttpResponseRedirect(f"{reverse('builder:page', args=[draft.pk])}?tab=tests")
    response = page_or_fragment(request, "ui/alone.html", FRAGMENT, _context(applied.draft))
    return changed(request, response, applied)


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """For the builder's page, when its tab is chosen."""
    return {"results": run_tests(draft.document)}


def _done(request: HtmxRequest, draft: Draft, number: int) -> Applied:
    do, rev, now = request.POST.get("do", ""), rev_of(request) or draft.rev, utcnow()
    if do == "delete":
        return service.delete(draft, number, rev=rev, now=now)
    if do == "turn":
        return service.turn(draft, number, rev=rev, now=now)
    if do in ("expect", "any"):
        return service.expect_parameters(draft, number, on=do == "expect", rev=rev, now=now)
    return service.rename(draft, number, request.POST.get("name", ""), rev=rev, now=now)


def _context(draft: Draft) -> dict[str, Any]:
    results: list[TestResult] = run_tests(draft.document)
    return {"draft": draft, "results": results, "title": TITLE, "rev": draft.rev}


def _sentence(refusal: Invalid) -> str:
    return " ".join(one.msg for one in refusal.problems)
