"""The list of automations, and those of a deployment."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from project.lib.paging import NameKey, TimeKey, cursor_of, storable
from triggers_app.reads import automations as automation_reads
from triggers_app.reads import health
from triggers_app.reads.automations import Narrowing
from triggers_app.services import bulk

SIZE = 50
STATUSES = {"": "Any", "on": "On", "shadow": "Shadow", "off": "Off", "aside": "Set aside"}
KINDS = {
    "": "Any",
    "event": "Event",
    "absence": "Absence",
    "compound": "Compound",
    "sequence": "Sequence",
    "metric": "Metric",
}
HEALTHS = {
    "": "Any",
    "ok": "Ok",
    "failing": "Failing",
    "silent": "Silent",
    "noisy": "Noisy",
}
FILTERS = ("q", "status", "kind", "health")
FACETS = ("status", "kind", "health")
SORTS = {"": "name", "updated": "updated", "fired": "last_fired"}


@page
def automations(request: HtmxRequest) -> HttpResponse:
    asked = asked_of(request.GET)
    sort, now = SORTS[asked["sort"]], utcnow()
    unwell = health.unwell(now=now)
    shown = automation_reads.page(
        narrowing_of(asked),
        size=SIZE,
        now=now,
        sort=sort,
        after=cursor_of(request, _place_of(sort)),
        unwell=unwell,
    )
    counts = automation_reads.counts(unwell, asked["q"])
    address = address_of(asked)
    context = {
        "page": shown,
        "asked": asked,
        "can_edit": can_edit(request),
        "filtered": any(asked[name] for name in FILTERS),
        "matching": _counted(asked, counts),
        "most": bulk.MOST,
        "total": sum(counts.values()),
        "set_aside": sum(n for (status, *_), n in counts.items() if status == "aside"),
        "statuses": _facets(asked, counts, "status", STATUSES),
        "kinds": _facets(asked, counts, "kind", KINDS),
        "healths": _facets(asked, counts, "health", HEALTHS),
        "sorts": {name: address_of({**asked, "sort": name}) for name in SORTS},
        "address": f"{address}&" if "?" in address else f"{address}?",
    }
    template = "triggers_app/automations.html"
    return page_or_fragment(request, template, "triggers_app/_automation_rows.html", context)


def _place_of(sort: str) -> Callable[[str], NameKey | TimeKey]:
    return NameKey.parse if sort == "name" else TimeKey.parse


_KNOWN = {"status": STATUSES, "kind": KINDS, "health": HEALTHS, "sort": SORTS}


def narrowing_of(asked: Mapping[str, str]) -> Narrowing:
    return Narrowing(asked["q"], asked["status"], asked["kind"], asked["health"])


def asked_of(given: QueryDict) -> dict[str, str]:
    try:
        text = storable(given.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No automation holds NUL.") from error
    asked = {"q": text}
    for name, known in _KNOWN.items():
        value = given.get(name, "")
        asked[name] = value if value in known else ""
    return asked


def address_of(asked: Mapping[str, str]) -> str:
    query = {name: value for name, value in asked.items() if value}
    base = reverse("automations:list")
    return f"{base}?{urlencode(query)}" if query else base


def _counted(asked: Mapping[str, str], counts: Mapping[tuple[str, str, str], int]) -> int:
    """How many pass all facets."""
    return sum(n for key, n in counts.items() if _passes(key, asked))


def _passes(key: tuple[str, str, str], asked: Mapping[str, str]) -> bool:
    return all(asked[name] in ("", value) for name, value in zip(FACETS, key, strict=True))


def _facets(
    asked: Mapping[str, str],
    counts: Mapping[tuple[str, str, str], int],
    name: str,
    words: Mapping[str, str],
) -> list[tuple[Any, ...]]:
    """A facet counts what the other facets leave. Kinds that nobody uses are left out."""
    found = []
    for value, word in words.items():
        total = _counted({**asked, name: value}, counts)
        if total or not value or asked[name] == value or name != "kind":
            found.append((word, address_of({**asked, name: value}), total, asked[name] == value))
    return found


@page
def of_deployment(request: HtmxRequest) -> HttpResponse:
    try:
        deployment_id = UUID(request.GET.get("deployment", ""))
    except ValueError as error:
        raise Http404("`deployment` must be an id.") from error
    context = {
        "automations": automation_reads.of_deployment(deployment_id),
        "title": "Automations of a deployment",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_of_deployment.html", context)
