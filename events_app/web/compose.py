"""Composing an event by hand: a form, what it makes, and sending it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from redis.exceptions import RedisError

from accounts_app.web.guards import editing, editors_page
from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from events_app.reads import event_counts, events
from events_app.services import composing
from events_app.stream.log import LogFull
from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment
from project.lib.problems import Invalid, Problem

PAGE, FORM = "events_app/compose.html", "events_app/_compose.html"
Pair = tuple[str, str]
# Where the parser's locations are on the form.
_FIELDS = {"event": "field-event", "resource": "field-resource", "payload": "field-payload"}


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What was typed; `problems` are (field, sentence)."""

    event: str = ""
    resource: str = ""
    labels: Sequence[Pair] = (("", ""),)
    related: Sequence[Pair] = (("", ""),)
    payload: str = ""
    problems: Sequence[Pair] = ()
    preview: str = ""

    def problems_of(self, name: str) -> list[str]:
        return [sentence for place, sentence in self.problems if place == name]


@dataclass(slots=True)
class _Read:
    """A form on its way to a document."""

    document: dict[str, Any]
    problems: list[Pair] = field(default_factory=list)


@editors_page
def compose(request: HtmxRequest) -> HttpResponse:
    like = request.GET.get("like", "")
    draft = _like(like) if like else EventDraft(event=request.GET.get("name", "").replace("\0", ""))
    return page_or_fragment(request, PAGE, FORM, _context(draft))


@editing
def send(request: HtmxRequest) -> HttpResponse:
    draft = _typed(request.POST)
    step = request.POST.get("do", "send")
    if step in ("label", "related"):
        return page_or_fragment(request, PAGE, FORM, _context(_with_row(draft, step)))
    read = _read(draft)
    try:
        if not read.problems:
            if step == "preview":
                composing.check(read.document)
                context = _context(_replaced(draft, preview=_json(read.document)))
                return page_or_fragment(request, PAGE, FORM, context)
            event_id = composing.send(read.document, client=redis_client.client())
            return _sent(request, event_id)
    except Invalid as refusal:
        read.problems += [_located(problem) for problem in refusal.problems]
    except (LogFull, RedisError) as error:
        read.problems.append(("", f"The log took nothing: {error}"))
    return invalid(request, PAGE, FORM, _context(_replaced(draft, problems=read.problems)))


def _sent(request: HtmxRequest, event_id: UUID) -> HttpResponse:
    messages.success(request, "Sent.")
    address = reverse("events:arriving", args=[event_id])
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _context(draft: EventDraft) -> dict[str, Any]:
    return {"draft": draft, "names": event_counts.seen_names()}


def _like(text: str) -> EventDraft:
    try:
        event = events.by_id(UUID(text))
    except ValueError:
        event = None
    if event is None:
        return EventDraft()
    labels = [pair for pair in sorted(event.resource.items()) if pair[0] != RESOURCE_ID]
    related = [(one.get(RESOURCE_ROLE, ""), one.get(RESOURCE_ID, "")) for one in event.related]
    return EventDraft(
        event=event.event,
        resource=event.resource_id,
        labels=labels or [("", "")],
        related=related or [("", "")],
        payload=_json(event.payload) if event.payload else "",
    )


def _typed(posted: QueryDict) -> EventDraft:
    return EventDraft(
        event=posted.get("event", "").strip(),
        resource=posted.get("resource", "").strip(),
        labels=_pairs(posted, "label_name", "label_value"),
        related=_pairs(posted, "related_role", "related_id"),
        payload=posted.get("payload", ""),
    )


def _pairs(posted: QueryDict, left: str, right: str) -> list[Pair]:
    pairs = zip(posted.getlist(left), posted.getlist(right), strict=False)
    stripped = [(one.strip(), other.strip()) for one, other in pairs]
    return [pair for pair in stripped if any(pair)] or [("", "")]


def _with_row(draft: EventDraft, which: str) -> EventDraft:
    if which == "label":
        return _replaced(draft, labels=[*draft.labels, ("", "")])
    return _replaced(draft, related=[*draft.related, ("", "")])


def _replaced(draft: EventDraft, **changes: Any) -> EventDraft:
    names = ("event", "resource", "labels", "related", "payload")
    return EventDraft(**({name: getattr(draft, name) for name in names} | changes))


def _read(draft: EventDraft) -> _Read:
    read = _Read({})
    if not draft.event:
        read.problems.append(("field-event", "An event needs a name, such as order.created."))
    if not draft.resource:
        read.problems.append(("field-resource", "Say what it happened to: the id of a resource."))
    resource = {name: value for name, value in draft.labels if name}
    if any(value and not name for name, value in draft.labels):
        read.problems.append(("field-label_name-1", "A label needs a name beside its value."))
    if any(bool(role) != bool(other) for role, other in draft.related):
        sentence = "A related resource needs both a role and an id."
        read.problems.append(("field-related_role-1", sentence))
    read.document = {
        "occurred": utcnow().isoformat(),
        "event": draft.event,
        "resource": {**resource, RESOURCE_ID: draft.resource},
        "related": [
            {RESOURCE_ID: other, RESOURCE_ROLE: role} for role, other in draft.related if other
        ],
        "payload": _payload(draft.payload, read.problems),
        "id": str(uuid4()),
    }
    return read


def _payload(text: str, problems: list[Pair]) -> Mapping[str, Any]:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        problems.append(("field-payload", f"This is not JSON: {error.msg} at {place}."))
        return {}
    except (RecursionError, ValueError) as error:
        problems.append(("field-payload", f"This JSON cannot be read: {error}."))
        return {}
    if not isinstance(value, dict):
        problems.append(("field-payload", 'A payload is a JSON object, such as {"rows": 3}.'))
        return {}
    return value


def _located(problem: Problem) -> Pair:
    head = str(problem.loc[0]) if problem.loc else ""
    if head == "related":
        index = problem.loc[1] if len(problem.loc) > 1 else 0
        number = int(index) + 1 if isinstance(index, int) else 1
        return f"field-related_role-{number}", str(problem)
    return _FIELDS.get(head, ""), str(problem)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
