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
    params = params_of(request.GET)
    sort, now = SORTS[params["sort"]], utcnow()
    unwell = health.unwell(now=now)
    page = automation_reads.page(
        narrowing_of(params),
        size=SIZE,
        now=now,
        sort=sort,
        after=cursor_of(request, _place_of(sort)),
        unwell=unwell,
    )
    counts = automation_reads.counts(unwell, params["q"])
    address = address_of(params)
    context = {
        "page": page,
        "asked": params,
        "can_edit": can_edit(request),
        "filtered": any(params[name] for name in FILTERS),
        "matching": _counted(params, counts),
        "most": bulk.MOST,
        "total": sum(counts.values()),
        "set_aside": sum(n for (status, *_), n in counts.items() if status == "aside"),
        "statuses": _facets(params, counts, "status", STATUSES),
        "kinds": _facets(params, counts, "kind", KINDS),
        "healths": _facets(params, counts, "health", HEALTHS),
        "sorts": {name: address_of({**params, "sort": name}) for name in SORTS},
        "address": f"{address}&" if "?" in address else f"{address}?",
    }
    template = "triggers_app/automations.html"
    return page_or_fragment(request, template, "triggers_app/_automation_rows.html", context)


def _place_of(sort: str) -> Callable[[str], NameKey | TimeKey]:
    return NameKey.parse if sort == "name" else TimeKey.parse


_KNOWN = {"status": STATUSES, "kind": KINDS, "health": HEALTHS, "sort": SORTS}


def narrowing_of(params: Mapping[str, str]) -> Narrowing:
    return Narrowing(params["q"], params["status"], params["kind"], params["health"])


def params_of(given: QueryDict) -> dict[str, str]:
    try:
        text = storable(given.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No automation holds NUL.") from error
    params = {"q": text}
    for name, known in _KNOWN.items():
        value = given.get(name, "")
        params[name] = value if value in known else ""
    return params


def address_of(params: Mapping[str, str]) -> str:
    query = {name: value for name, value in params.items() if value}
    base = reverse("automations:list")
    return f"{base}?{urlencode(query)}" if query else base


def _counted(params: Mapping[str, str], counts: Mapping[tuple[str, str, str], int]) -> int:
    """How many pass all facets."""
    return sum(n for key, n in counts.items() if _passes(key, params))


def _passes(key: tuple[str, str, str], params: Mapping[str, str]) -> bool:
    return all(params[name] in ("", value) for name, value in zip(FACETS, key, strict=True))


def _facets(
    params: Mapping[str, str],
    counts: Mapping[tuple[str, str, str], int],
    name: str,
    words: Mapping[str, str],
) -> list[tuple[Any, ...]]:
    """A facet counts what the other facets leave. Kinds that nobody uses are left out."""
    facets = []
    for value, word in words.items():
        total = _counted({**params, name: value}, counts)
        if total or not value or params[name] == value or name != "kind":
            facets.append((word, address_of({**params, name: value}), total, params[name] == value))
    return facets


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
