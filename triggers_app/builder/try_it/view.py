"""The Try tab: fire the saved automation by hand, and send a test event and follow it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from redis.exceptions import RedisError

from accounts_app.web.guards import editing, editors_page
from events_app.domain.event import Event
from events_app.services import composing
from events_app.stream.log import LogFull
from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, seen, unchanged
from project.lib.line_ends import newlines
from project.lib.problems import Invalid, Problem
from triggers_app.automation.triggers import Leaf
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis, read_draft
from triggers_app.builder.params import draft_of
from triggers_app.builder.try_it import fire_view, sent_events
from triggers_app.models import Draft
from triggers_app.services.fates import FateRow
from triggers_app.services.preview_firing import trigger_of

FRAGMENT = "triggers_app/builder/_try.html"
EVENT = "triggers_app/builder/_test_event.html"
FOLLOWED = "triggers_app/builder/_followed.html"
ALONE = "ui/alone.html"
MOST_TEXT = 1_000_000  # characters; the door takes less


@dataclass(frozen=True, slots=True)
class TypedEvent:
    """The event as it stands in the form, and what is to be said of it."""

    text: str
    leaf: str = ""
    event_id: str = ""
    problems: list[str] = field(default_factory=list)
    listeners: list[FateRow] = field(default_factory=list)
    checked: bool = False


@editors_page
def tab(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    context = part(request, draft, read_draft(draft)) | {"draft": draft, "title": "Try it"}
    return page_or_fragment(request, ALONE, FRAGMENT, context)


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """For the builder's page, when its tab is chosen."""
    event_id = request.GET.get("event", "")[:64]
    firing = fire_view.context_of(draft.automation_id, event_id) if draft.automation_id else {}
    return {"fire": None, **firing, **_sending(draft, _prefilled(request, draft))}


@editors_page
def event(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """The form, filled anew for the part of `?leaf=`."""
    draft = draft_of(request, draft_id)
    context = _sending(draft, _prefilled(request, draft)) | {"draft": draft}
    return page_or_fragment(request, ALONE, EVENT, context | {"title": "Send a test event"})


@editing
def send(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Check the event and say who would hear of it, or send it and follow it."""
    draft, now = draft_of(request, draft_id), utcnow()
    text = newlines(request.POST.get("text", ""))
    named = request.POST.get("event_id", "")[:64]
    typed = TypedEvent(text, request.POST.get("leaf", ""), named)
    try:
        document = _document(text, named, now)
        made = composing.check(document)
        if request.POST.get("do") == "send":
            event_id = composing.send(document, client=redis_client.client())
            return _follow(request, draft, event_id, now)
        typed = _checked(typed, made, now)
    except Invalid as refusal:
        return _refused(request, draft, typed, [str(one) for one in refusal.problems])
    except (LogFull, RedisError) as error:
        return _refused(request, draft, typed, [f"The log took nothing: {error}"])
    context = _sending(draft, typed) | {"draft": draft, "title": "Send a test event"}
    return page_or_fragment(request, ALONE, EVENT, context)


@editors_page
def sent(request: HtmxRequest, draft_id: UUID, event_id: UUID) -> HttpResponse:
    """How far a test event has come; 204 while that is what the page shows."""
    draft = draft_of(request, draft_id)
    context = _following(draft, event_id, _moment(request.GET.get("at", "")))
    if seen(request, context["seen"]):
        return unchanged()
    return page_or_fragment(request, ALONE, FOLLOWED, context)


def _follow(request: HtmxRequest, draft: Draft, event_id: UUID, now: datetime) -> HttpResponse:
    if request.htmx:
        return render(request, FOLLOWED, _following(draft, event_id, now))
    address = reverse("builder:sent", args=[draft.pk, event_id])
    return HttpResponseRedirect(f"{address}?{urlencode({'at': now.isoformat()})}")


def _following(draft: Draft, event_id: UUID, sent_at: datetime) -> dict[str, Any]:
    followed = sent_events.followed(draft, event_id, sent=sent_at, now=utcnow())
    done = sum(step.state == "done" for step in followed.steps)
    title = "A test event on its way"
    return {
        "draft": draft, "event_id": event_id, "at": sent_at, "followed": followed, "title": title,
        "seen": str(done),
    }  # fmt: skip


def _refused(
    request: HtmxRequest, draft: Draft, typed: TypedEvent, problems: list[str]
) -> HttpResponse:
    refused = TypedEvent(typed.text, typed.leaf, typed.event_id, problems)
    context = _sending(draft, refused) | {"draft": draft, "title": "Send a test event"}
    return invalid(request, ALONE, EVENT, context)


def _sending(draft: Draft, typed: TypedEvent) -> dict[str, Any]:
    reading = read_draft(draft)
    leaves = [
        (str(leaf.id), reading.node_sentences.get(str(leaf.id), "a part"))
        for leaf in _leaves(draft)
    ]
    return {"sending": {"typed": typed, "leaves": leaves}}


def _leaves(draft: Draft) -> list[Leaf]:
    trigger = trigger_of(draft.document)
    return [] if trigger is None else trigger.leaves


def _prefilled(request: HtmxRequest, draft: Draft) -> TypedEvent:
    """An event for the part that is asked for, else for the first one."""
    leaves = _leaves(draft)
    if not leaves:
        return TypedEvent("")
    leaf_id, now = request.GET.get("leaf", ""), utcnow()
    leaf = next((one for one in leaves if str(one.id) == leaf_id), leaves[0])
    document = sent_events.document_for(draft, leaf, now=now)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    typed = TypedEvent(text, str(leaf.id), str(uuid4()))
    try:
        return _checked(typed, composing.check(_document(text, typed.event_id, now)), now)
    except Invalid as refusal:
        problems = [str(one) for one in refusal.problems]
        return TypedEvent(text, typed.leaf, typed.event_id, problems)


def _checked(typed: TypedEvent, made: Event, now: datetime) -> TypedEvent:
    listeners = sent_events.listeners(made, now=now)
    return TypedEvent(typed.text, typed.leaf, typed.event_id, [], listeners, checked=True)


def _document(text: str, named: str, now: datetime) -> dict[str, Any]:
    """The event's document; id and time are made where it has none. Raises Invalid."""
    try:
        value = json.loads(text) if len(text) <= MOST_TEXT else None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Invalid([Problem((), f"This is not JSON: {error.msg} at {place}.")]) from None
    except (ValueError, RecursionError):
        raise Invalid([Problem((), "This JSON cannot be read.")]) from None
    if not isinstance(value, dict):
        raise Invalid([Problem((), 'An event is a JSON object: {"event": …, "resource": …}.')])
    return {"id": named or str(uuid4()), "occurred": now.isoformat(), **value}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return utcnow()
    return moment if moment.tzinfo is not None else utcnow()
