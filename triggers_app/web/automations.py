"""The list of automations, and those of a deployment."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from events_app.web.guards import can_edit, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from project.lib.paging import NameKey, TimeKey, cursor_of, storable
from triggers_app.services import pages
from triggers_app.storage.page_rows import Narrowing

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
SORTS = {"": "name", "updated": "updated", "fired": "last_fired"}


@page
def automations(request: HtmxRequest) -> HttpResponse:
    asked = _asked(request)
    sort = SORTS[asked["sort"]]
    shown = pages.automations(
        Narrowing(text=asked["q"], status=asked["status"], kind=asked["kind"]),
        size=SIZE,
        now=utcnow(),
        sort=sort,
        after=cursor_of(request, _place_of(sort)),
    )
    counts = pages.count_automations(asked["q"])
    address = _address(asked)
    context = {
        "page": shown,
        "asked": asked,
        "can_edit": can_edit(request),
        "filtered": any(asked[name] for name in ("q", "status", "kind")),
        "total": sum(counts.values()),
        "set_aside": sum(n for (status, _), n in counts.items() if status == "aside"),
        "statuses": _facets(asked, counts, "status", STATUSES),
        "kinds": _facets(asked, counts, "kind", KINDS),
        "sorts": {name: _address({**asked, "sort": name}) for name in SORTS},
        "address": f"{address}&" if "?" in address else f"{address}?",
    }
    template = "triggers_app/automations.html"
    return page_or_fragment(request, template, "triggers_app/_automation_rows.html", context)


def _place_of(sort: str) -> Callable[[str], NameKey | TimeKey]:
    return NameKey.parse if sort == "name" else TimeKey.parse


def _asked(request: HtmxRequest) -> dict[str, str]:
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No automation holds NUL.") from error
    asked = {"q": text}
    for name, known in (("status", STATUSES), ("kind", KINDS), ("sort", SORTS)):
        value = request.GET.get(name, "")
        asked[name] = value if value in known else ""
    return asked


def _address(asked: Mapping[str, str]) -> str:
    query = {name: value for name, value in asked.items() if value}
    base = reverse("automations:list")
    return f"{base}?{urlencode(query)}" if query else base


def _facets(
    asked: Mapping[str, str],
    counts: Mapping[tuple[str, str], int],
    name: str,
    words: Mapping[str, str],
) -> list[tuple[Any, ...]]:
    """A facet counts what the other facet leaves. Kinds that nobody uses are left out."""
    place, other = (0, "kind") if name == "status" else (1, "status")
    found = []
    for value, word in words.items():
        total = sum(
            n
            for key, n in counts.items()
            if value in ("", key[place]) and asked[other] in ("", key[1 - place])
        )
        if total or not value or asked[name] == value or name == "status":
            found.append((word, _address({**asked, name: value}), total, asked[name] == value))
    return found


@page
def of_deployment(request: HtmxRequest) -> HttpResponse:
    try:
        deployment_id = UUID(request.GET.get("deployment", ""))
    except ValueError as error:
        raise Http404("`deployment` must be an id.") from error
    context = {
        "automations": pages.automations_of_deployment(deployment_id),
        "title": "Automations of a deployment",
    }
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_of_deployment.html", context)
