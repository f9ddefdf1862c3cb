"""Where Ctrl K leads: pages, automations, deployments, names of events, and what an id names."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, page
from events_app.reads import event_counts, events
from project.lib.htmx import HtmxRequest, page_or_fragment
from runs_app.reads import deployments, flow_runs
from triggers_app.reads import automations, firings

EACH = 6  # of one kind
LONGEST = 200  # characters of what is looked for


@dataclass(frozen=True, slots=True)
class Destination:
    """Somewhere to go: its name, what it is, its address."""

    name: str
    kind: str
    address: str


# Name, the page's URL name, other words for it, whether only editors may go there.
_PAGES = (
    ("New automation", "builder:starts", "create trigger builder design", True),
    ("Overview", "overview", "home start needs attention", False),
    ("Events", "events:list", "feed live", False),
    ("Firings", "firings:list", "fired history", False),
    ("Runs", "runs:list", "flow runs", False),
    ("Watch board", "watch:board", "deadlines absence windows snooze", False),
    ("Catalogue", "catalogue:list", "event names labels shapes payload", False),
    ("Automations", "automations:list", "triggers", False),
    ("Lineage", "lineage:picture", "graph loops what leads to what", False),
    ("Deployments", "deployments:list", "flows", False),
    ("Work pools", "work-pools:list", "workers queues", False),
    ("Artifacts", "artifacts:list", "results", False),
    ("Variables", "variables:list", "settings", False),
    ("Limits", "limits:list", "concurrency", False),
    ("Blocks", "blocks:list", "secrets webhooks notifications", False),
    ("Send a test event", "events:compose", "emit try", True),
    ("Pause actions", "brakes:state", "stop kill switch acting", False),
    ("Account", "account:one", "password api keys", False),
)


@page
def go(request: HtmxRequest) -> HttpResponse:
    """Places for a text; without one, the pages."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    context = {"places": _places(text, editor=can_edit(request)), "text": text}
    return page_or_fragment(request, "triggers_app/go.html", "triggers_app/_places.html", context)


def _places(text: str, *, editor: bool) -> list[Destination]:
    """Pages first, as there are few. Five queries at most; none for no text."""
    pages = [
        Destination(name, "Page", reverse(url))
        for name, url, words, editors in _PAGES
        if (editor or not editors) and _holds(f"{name} {words}", text)
    ]
    if not text:
        return pages
    if identifier := _uuid(text):
        return list(_of_id(identifier))
    return [*pages[:EACH], *_automations(text), *_deployments(text), *_events(text)]


def _holds(words: str, text: str) -> bool:
    folded = words.casefold()
    return all(word in folded for word in text.casefold().split())


def _automations(text: str) -> Iterator[Destination]:
    for pk, name in automations.named_like(text, limit=EACH):
        yield Destination(name, "Automation", reverse("automations:one", args=[pk]))


def _deployments(text: str) -> Iterator[Destination]:
    for row in deployments.deployment_rows(limit=EACH, text=text):
        name = deployments.full_name(row.flow_name, row.name)
        yield Destination(name, "Deployment", reverse("deployments:one", args=[row.id]))


def _events(text: str) -> list[Destination]:
    names = [name for name, _ in event_counts.seen_names() if _holds(name, text)]
    address = reverse("events:list")
    return [
        Destination(one, "Event", f"{address}?{urlencode({'name': one})}") for one in names[:EACH]
    ]


def _of_id(pk: UUID) -> Iterator[Destination]:
    if named := automations.names([pk]):
        yield Destination(named[pk], "Automation", reverse("automations:one", args=[pk]))
    if named := deployments.names([pk]):
        yield Destination(named[pk], "Deployment", reverse("deployments:one", args=[pk]))
    if run := flow_runs.states_by_id([pk]).get(pk):
        yield Destination(run["name"], "Run", reverse("runs:one", args=[pk]))
    if firings.exists(pk):
        yield Destination(str(pk), "Firing", reverse("firings:one", args=[pk]))
    if event := events.by_id(pk):
        yield Destination(event.event, "Event", reverse("events:one", args=[pk]))


def _uuid(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None
