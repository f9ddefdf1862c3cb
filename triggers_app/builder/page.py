"""The builder's page: one draft, and everything that looks at it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts_app.web.guards import editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment, unchanged
from triggers_app.automation.running_tests import tests_passed
from triggers_app.automation.unknown_values import name_of
from triggers_app.builder.context import form_context
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.draft_analysis import read_draft
from triggers_app.builder.parameters import view as parameters
from triggers_app.builder.params import draft_of, finding_of, seen_of
from triggers_app.builder.parts import PARTS, TABS
from triggers_app.models import Automation, Draft

PAGE = "triggers_app/builder/page.html"
SENTENCE = "triggers_app/builder/_sentence.html"


@editors_page
def edit(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    """The author's draft of an automation: the open one, or a new one of what is saved."""
    try:
        author = request.user.get_username()
        draft = drafts.open_for(automation_id, author=author, now=utcnow())
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    return _page(request, draft)


@editors_page
def page(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    return _page(request, draft_of(request, draft_id))


@editors_page
def sentence(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    if seen_of(request) == draft.rev:
        return unchanged()
    reading = read_draft(draft)
    context = {"title": "What it does", "sentence": reading.sentence, "complete": reading.complete}
    return page_or_fragment(request, "ui/alone.html", SENTENCE, context)


def address_of(draft: Draft) -> str:
    """Where the draft is built: the automation's own address once there is one."""
    if draft.automation_id is None:
        return reverse("builder:page", args=[draft.pk])
    return reverse("builder:edit", args=[draft.automation_id])


def _page(request: HtmxRequest, draft: Draft) -> HttpResponse:
    if not draft.is_open:
        return _closed(draft)
    return render(request, PAGE, page_context(request, draft))


def _closed(draft: Draft) -> HttpResponse:
    """A draft that was saved or discarded leads to what became of it."""
    if draft.automation_id is None:
        return HttpResponseRedirect(reverse("automations:list"))
    return HttpResponseRedirect(reverse("automations:one", args=[draft.automation_id]))


def _at(request: HtmxRequest) -> str:
    """What the inspector shows; the address of an action's texts is older than the inspector."""
    if request.GET.get("tab") == "parameters" and "at" not in request.GET:
        return f"a.{request.GET.get('action', 'actions.0')}"
    return request.GET.get("at", "")


def page_context(request: HtmxRequest, draft: Draft, **more: Any) -> dict[str, Any]:
    """Everything on the page, each part by its own function."""
    reading = read_draft(draft)
    finding = finding_of(request.GET)
    form = form_context(
        draft, reading, finding=finding, problems=more.pop("problems", None),
        at=more.pop("at", "") or _at(request),
    )  # fmt: skip
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else next(iter(TABS))
    context: dict[str, Any] = {}
    for part in [*PARTS.values(), *filter(None, [TABS[tab][1]])]:
        context |= part(request, draft, reading)
    texts = parameters.of_selected(draft, form.at) if form.has_texts else {"texts": None}
    context |= texts
    context |= {
        "draft": draft,
        "rev": draft.rev,
        "title": name_of(draft.document) or "New automation",
        "sentence": reading.sentence,
        "complete": reading.complete,
        "shown": form,
        "refused": None,
        **tests_passed(draft.document),
        "oob": False,
        "parts": set(PARTS),
        "tabs": {name: word for name, (word, _) in TABS.items()},
        "tab": tab,
    }
    return context | more
