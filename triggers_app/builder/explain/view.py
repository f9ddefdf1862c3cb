"""The Explain tab: what an event means to the draft. And why a day stayed quiet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts_app.web.guards import editing, editors_page
from events_app.domain.event import Event
from events_app.domain.position import Position
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment
from project.lib.problems import Invalid
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.backtest.service import ALONE_SECONDS
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.explain import remedies
from triggers_app.builder.explain import why_not as quiet
from triggers_app.builder.explain.remedies import Remedy
from triggers_app.builder.parameters import chosen_event
from triggers_app.builder.params import day_of, draft_of, rev_of
from triggers_app.builder.responses import changed
from triggers_app.models import Draft
from triggers_app.services import draft_explaining as service
from triggers_app.services import verdict_words
from triggers_app.services.draft_explaining import Explained
from triggers_app.services.explaining import EventNotFound, TookTooLong
from triggers_app.services.verdict_words import Part
from triggers_app.web.explanations import event_of

FRAGMENT = "triggers_app/builder/_explain.html"
WHY_NOT = "triggers_app/builder/_why_not.html"
ALONE = "triggers_app/builder/backtest.html"
TITLE = "Explain an event"
TOO_LONG = "So much has happened before this event that folding it took longer than 5 seconds."


@dataclass(frozen=True, slots=True)
class EventExplanation:
    """An event and what it means. `problem` says why there is no verdict."""

    event: Event | None = None
    explained: Explained | None = None
    reason: str = ""
    tree: Part | None = None
    problem: str = ""


@editors_page
def explain(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    return _answer(request, _context(draft, event_of(request)))


@editing
def explain_pasted(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """An event that is not recorded, as if it came now."""
    draft = draft_of(request, draft_id)
    text = request.POST.get("pasted", "")
    now = utcnow()
    try:
        chosen = chosen_event.pasted_choice(text, now=now)
    except Invalid as refusal:
        problems = [str(problem) for problem in refusal.problems]
        context = _context(draft, None, text=text, problems=problems)
        return invalid(request, ALONE, FRAGMENT, context | {"title": TITLE})
    draft = drafts.choose(draft.pk, author=request.user.get_username(), chosen=chosen)
    return _answer(request, _context(draft, None, text=text))


@editors_page
def why_not(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    day = day_of(request.GET.get("day", ""))
    if day is None:
        raise Http404("`day` must be a date such as 2026-11-23.")
    look = backtests.look(draft, now=utcnow(), patience=ALONE_SECONDS)
    why = event_explanation = None
    cures: list[Remedy] = []
    if look.result is not None and look.trigger is not None:
        why = quiet.why_not(look.trigger, look.result, day)
        if why.event is not None:
            event_explanation = _recorded(draft, why.event)
        cures = remedies.remedies_of(look.trigger, look.result, why)
    parts = {"day": day, "why": why, "shown": event_explanation, "look": look, "remedies": cures}
    context = {"draft": draft, "title": "Why not?", "quiet": parts}
    return page_or_fragment(request, ALONE, WHY_NOT, context)


@editing
def remedy(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Do what a remedy says: an edit like any other, which can be undone."""
    draft = draft_of(request, draft_id)
    node, key, label = (request.POST.get(name, "")[:200] for name in ("node", "key", "label"))
    value = number_of(request.POST.get("value", ""))
    if key not in ("within", "threshold") or value is None:
        raise Http404("No remedy does this.")

    def change(document: dict[str, Any]) -> dict[str, Any]:
        trigger = document.get("trigger")
        if isinstance(trigger, dict):
            document["trigger"] = remedies.applied(trigger, node, key, value)
        return document

    author = request.user.get_username()
    applied = drafts.edit(
        draft.pk, author=author, rev=rev_of(request), change=change, label=label, now=utcnow()
    )
    if not request.htmx:
        return HttpResponseRedirect(reverse("builder:page", args=[draft.pk]))
    return changed(request, HttpResponse(), applied)


def number_of(text: str) -> float | None:
    """A whole number of seconds or events, up to a year."""
    plain = text.removesuffix(".0")
    return float(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 9 else None


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """For the builder's page, when its tab is chosen."""
    return _context(draft, event_of(request))


def _answer(request: HtmxRequest, context: dict[str, Any]) -> HttpResponse:
    return page_or_fragment(request, ALONE, FRAGMENT, context | {"title": TITLE})


def _context(
    draft: Draft,
    event_ref: UUID | Position | None,
    *,
    text: str = "",
    problems: Sequence[str] = (),
) -> dict[str, Any]:
    recorded = None
    if event_ref is not None:
        recorded = _recorded(draft, event_ref)
    elif text and not problems:
        recorded = _pasted(draft)
    context = {
        "shown": recorded,
        "recent": service.events_to_explain(draft.document.get("trigger"), now=utcnow()),
        "pasted": text,
        "problems": problems,
    }
    return {"draft": draft, "explain": context}


def _recorded(draft: Draft, event: UUID | Position) -> EventExplanation:
    try:
        trigger = backtests.trigger_of(draft)
        since_ms, length_ms = backtests.fold_of(draft, now=utcnow())
        explained = service.explain_recorded(
            trigger, event, since_ms=since_ms, length_ms=length_ms, of=draft.automation
        )
    except Invalid as error:
        return EventExplanation(problem=f"The trigger cannot be read: {error.problems[0]}")
    except EventNotFound:
        return EventExplanation(problem="This event is not recorded, or not any more.")
    except TookTooLong:
        return EventExplanation(problem=TOO_LONG)
    return _explanation(trigger, explained)


def _pasted(draft: Draft) -> EventExplanation:
    now = utcnow()
    try:
        trigger = backtests.trigger_of(draft)
        chosen = chosen_event.chosen_event(draft, trigger, now=now).recorded
        assert chosen is not None
        _, length_ms = backtests.fold_of(draft, now=now)
        explained = service.explain_pasted(trigger, chosen.event, length_ms=length_ms, now=now)
    except Invalid as error:
        return EventExplanation(problem=f"The trigger cannot be read: {error.problems[0]}")
    except TookTooLong:
        return EventExplanation(problem=TOO_LONG)
    return _explanation(trigger, explained)


def _explanation(trigger: Any, explained: Explained) -> EventExplanation:
    verdict = explained.verdict
    if verdict is None:
        return EventExplanation(
            explained.event, explained, problem="It waits for the event that it follows."
        )
    return EventExplanation(
        explained.event,
        explained,
        verdict_words.reason_of(trigger, verdict),
        verdict_words.tree_of(trigger, verdict),
    )
