"""The draft as text: shown in six formats, typed in in three, imported from any."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import reswap, retarget

from accounts_app.web.guards import editing, editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, unchanged
from project.lib.line_ends import newlines
from triggers_app.automation.formats.registry import FORMATS, TWO_WAY, Format
from triggers_app.builder import responses as answers
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.params import draft_of, rev_of, seen_of
from triggers_app.builder.source import importing
from triggers_app.builder.source import service as panes
from triggers_app.builder.source.service import Pane
from triggers_app.models import Draft

REGION = "triggers_app/builder/_panes.html"
STATUS = "triggers_app/builder/_pane_status.html"
IMPORT = "triggers_app/builder/_import.html"
_PLACES = {str(place) for place in range(50)}  # as many as are listed
SAID = 50  # problems that are listed

OPEN_COOKIE = "builder-source"  # set by workbench.js: the source stays where somebody opened it


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """What the builder's page needs for its panes; only the one that is seen is worked out."""
    name = request.GET.get("pane", "")
    context = _context(
        draft, panes.pane_of(draft, Format(name) if name in FORMATS else Format.YAML)
    )
    context["panes"]["open"] = "pane" in request.GET or request.COOKIES.get(OPEN_COOKIE) == "on"
    return context


def pane(request: HtmxRequest, draft_id: UUID, format: str) -> HttpResponse:
    """One address for what is shown and for what is typed."""
    view = _typed if request.method == "POST" else _pane
    return view(request, draft_id, format)


@editors_page
def _pane(request: HtmxRequest, draft_id: UUID, format: str) -> HttpResponse:
    draft, pane_format = draft_of(request, draft_id), _format(format)
    if seen_of(request) == draft.rev:
        return unchanged()
    return _region(request, draft, panes.pane_of(draft, pane_format))


@editing
def _typed(request: HtmxRequest, draft_id: UUID, format: str) -> HttpResponse:
    """Take a text over, or tell what is wrong with it. The answer never holds the text."""
    draft, pane_format = draft_of(request, draft_id), _format(format)
    author = request.user.get_username()
    if pane_format not in TWO_WAY:
        raise Http404("This format is only shown; paste it to import.")
    if request.POST.get("do") == "drop":
        draft = panes.drop(draft, pane_format, author=author)
        return _dropped(request, draft, panes.pane_of(draft, pane_format))
    text = request.POST.get("text", "")
    taken, applied = panes.take(
        draft, pane_format, text, rev=rev_of(request), author=author, now=utcnow()
    )
    return _answer(request, draft, taken, applied)


@editing
def imported(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Look at a pasted text; with `do=take`, replace the draft by it."""
    draft = draft_of(request, draft_id)
    pasted = newlines(request.POST.get("pasted", ""))
    which = request.POST.get("which", "")
    looked = importing.look(pasted, which=int(which) if which in _PLACES else 0)
    document = looked.taken(request.POST)
    if request.POST.get("do") != "take" or document is None:
        return _looked(request, draft, looked, pasted)
    applied = panes.bring_in(
        draft, looked, document, author=request.user.get_username(), now=utcnow()
    )
    return _brought_in(request, applied)


def _format(text: str) -> Format:
    if text not in FORMATS:
        raise Http404("There is no such format.")
    return Format(text)


def _context(draft: Draft, pane: Pane) -> dict[str, Any]:
    context = {
        "format": str(pane.format),
        "word": pane.word,
        "mode": pane.format.spec.editor_mode,
        "is_two_way": pane.format in TWO_WAY,
        "tabs": [(str(format), spec.tab or spec.word) for format, spec in FORMATS.items()],
        "text": pane.text,
        "rev": pane.rev,
        "diagnostics": pane.diagnostics[:SAID],
        "more": max(len(pane.diagnostics) - SAID, 0),
        "errors": pane.errors,
        "losses": pane.losses,
        "refused": pane.refused,
        "is_kept": pane.is_kept,
        "behind": pane.behind,
        "open": True,
    }
    return {"draft": draft, "panes": context, "looked": None, "pasted": ""}


def _region(request: HtmxRequest, draft: Draft, pane: Pane) -> HttpResponse:
    context = {**_context(draft, pane), "title": f"{pane.word} of a draft"}
    return page_or_fragment(request, "ui/alone.html", REGION, context)


def _page_of(draft: Draft, format: Format) -> str:
    return f"{reverse('builder:page', args=[draft.pk])}?pane={format}#builder-panes"


def _dropped(request: HtmxRequest, draft: Draft, pane: Pane) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(_page_of(draft, pane.format))
    return _instead(_region(request, draft, pane))


def _instead(response: HttpResponse) -> HttpResponse:
    """All panes are replaced, whatever part of them asked."""
    return reswap(retarget(response, "#builder-panes"), "outerHTML")


def _answer(
    request: HtmxRequest, draft: Draft, pane: Pane, applied: Applied | None
) -> HttpResponse:
    if applied is None:
        if not request.htmx:
            context = {**_context(draft, pane), "title": f"{pane.word} of a draft"}
            return invalid(request, "ui/alone.html", REGION, context)
        return render(request, STATUS, _context(draft, pane), status=422)
    if not request.htmx:
        messages.success(request, "The draft follows your text.")
        return HttpResponseRedirect(_page_of(applied.draft, pane.format))
    response = render(request, STATUS, _context(applied.draft, pane))
    return answers.changed(request, response, applied)


def _looked(
    request: HtmxRequest, draft: Draft, looked: importing.ImportPreview, pasted: str
) -> HttpResponse:
    by_choice = bool(request.htmx and (request.htmx.trigger or "").startswith("pane-which"))
    context = {
        "draft": draft,
        "looked": looked,
        "pasted": pasted,
        "to_found": not by_choice,  # who walks through the choices stays at them
        "title": "Import a text",
    }
    response = page_or_fragment(request, "ui/alone.html", IMPORT, context)
    response.status_code = 200 if looked.document is not None else 422
    return response


def _brought_in(request: HtmxRequest, applied: Applied) -> HttpResponse:
    draft = applied.draft
    if not request.htmx:
        messages.success(request, f"{applied.did or 'Nothing changed'}.")
        return HttpResponseRedirect(_page_of(draft, Format.YAML))
    response = _instead(_region(request, draft, panes.pane_of(draft, Format.YAML)))
    return answers.changed(request, response, applied)
