"""Where an automation begins: five starts on one page, each of which leads to the builder."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts_app.web.guards import editing, editors_page
from events_app.reads import event_counts
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment
from project.lib.paging import storable
from project.lib.problems import Invalid
from triggers_app.automation.formats.registry import FORMATS
from triggers_app.automation.wizard import from_event
from triggers_app.automation.wizard.from_sentence import SENTENCES, trigger_of_sentence
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.wizard import service as starts
from triggers_app.reads import automations
from triggers_app.reads.automations import Narrowing

PAGE, REGION = "triggers_app/builder/starts.html", "triggers_app/builder/_starts.html"
NAMES = "triggers_app/builder/_seen_names.html"
COPIES = 20
FORMAT_CHOICES = [
    ("", "Detect"),
    *((format.value, spec.word) for format, spec in FORMATS.items()),
]
# Address, heading, what it is good for, drawing.
STARTS = (
    ("event", "An event", "Pick one you have seen. Flint widens it until it fits the next one.",
     "signal"),
    ("sentence", "A sentence", "Fill the gaps of “when … happens”.", "chat-bubble-left-ellipsis"),
    ("paste", "Paste code", "Paste YAML, JSON, prefect.yaml, Terraform, Python or curl.",
     "clipboard-document"),
    ("copy", "Duplicate", "Take one that works, and change it.", "document-duplicate"),
    ("empty", "Blank", "Build it up from an empty page.", "plus"),
)  # fmt: skip


@editors_page
def choose(request: HtmxRequest) -> HttpResponse:
    return page_or_fragment(request, PAGE, REGION, context_of(request, _param(request)))


@editors_page
def names(request: HtmxRequest) -> HttpResponse:
    """The list of names alone, as somebody types into its search."""
    if not request.htmx:
        return choose(request)
    return page_or_fragment(request, PAGE, NAMES, _by_start("event", request))


@editing
def from_sentence(request: HtmxRequest, key: str) -> HttpResponse:
    sentence = SENTENCES.get(key)
    if sentence is None:
        raise Http404("There is no such sentence.")
    typed = {name: request.POST.get(name, "").replace("\0", "") for name in request.POST}
    try:
        trigger = trigger_of_sentence(sentence, typed)
    except Invalid as refusal:
        problems = {str(problem.loc[0]): problem.msg for problem in refusal.problems}
        context = {"key": key, "typed": typed, "problems": problems}
        return invalid(request, PAGE, REGION, context_of(request, "sentence", **context))
    return opened(request, starts.automation_around(trigger))


@editing
def from_copy(request: HtmxRequest, automation_id: UUID) -> HttpResponse:
    in_full = automations.in_full(automation_id)
    if in_full is None:
        raise Http404("No automation has this id.")
    return opened(request, from_event.copy_of(in_full.automation.document))


@editing
def from_nothing(request: HtmxRequest) -> HttpResponse:
    return opened(request, from_event.empty_automation())


def opened(
    request: HtmxRequest, document: dict[str, Any], *, event_id: UUID | None = None, text: str = ""
) -> HttpResponse:
    """A draft with this document, shown in the builder.

    `event_id` is the event that it is looked at with, `text` the YAML that says the same.
    """
    author = request.user.get_username()
    texts = {"yaml": text} if text else {}
    draft = drafts.open_new(document, author=author, now=utcnow(), texts=texts)
    if event_id is not None:
        drafts.choose(draft.pk, author=author, chosen={"event": {"id": str(event_id)}})
    address = reverse("builder:page", args=[draft.pk])
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def context_of(request: HtmxRequest, start: str, **context: Any) -> dict[str, Any]:
    """What the page shows when it stands at this start; `told` is what an answer adds."""
    return {"starts": STARTS, "start": start, **_by_start(start, request), **context}


def _param(request: HttpRequest) -> str:
    source = request.GET.get("from", "")
    return source if source in {start[0] for start in STARTS} else "event"


def _by_start(start: str, request: HttpRequest) -> dict[str, Any]:
    q = _text(request)
    if start == "event":
        listed = starts.names_seen(q, now=utcnow())
        server = request.build_absolute_uri("/").rstrip("/")
        return {"q": q, "names": listed, "server": server, "example_id": uuid4()}
    if start == "sentence":
        return {
            "sentences": list(SENTENCES.values()), "key": "", "typed": {}, "problems": {},
            "deployments": starts.deployments(), "seen": event_counts.seen_names(),
        }  # fmt: skip
    if start == "copy":
        page = automations.page(Narrowing(text=q), size=COPIES, sort="name", now=utcnow())
        return {"q": q, "page": page}
    if start == "paste":
        return {"text": "", "format": "", "looked": None, "problem": "", "formats": FORMAT_CHOICES}
    return {}


def _text(request: HttpRequest) -> str:
    try:
        return storable(request.GET.get("q", "").strip()[:200])
    except ValueError:
        return ""
