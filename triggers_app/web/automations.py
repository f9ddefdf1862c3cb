"""The list of automations, and those of a deployment."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from project.lib.paging import NameKey, TimeKey, cursor_of, storable
from triggers_app.reads import automation_facets, health
from triggers_app.reads import automations as automation_reads
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
MANAGED = {"deployment": "Deployments", "people": "People", "clients": "API keys"}
ORIGINS = ("tag", "owner", "managed")
FILTERS = ("q", "status", "kind", "health", *ORIGINS)
FACETS = ("status", "kind", "health")
SORTS = {"": "name", "updated": "updated", "fired": "last_fired"}


@page
def automations(request: HtmxRequest) -> HttpResponse:
    params = params_of(request.GET)
    sort, now = SORTS[params["sort"]], utcnow()
    unwell = health.unwell(now=now)
    narrowing = narrowing_of(params)
    page = automation_reads.page(
        narrowing,
        size=SIZE,
        now=now,
        sort=sort,
        after=cursor_of(request, _place_of(sort)),
        unwell=unwell,
    )
    counted = automation_facets.facets(narrowing, unwell)
    counts, origins = counted.states, counted.origins
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
        "tags": _origins(params, origins, "tag"),
        "owners": _origins(params, origins, "owner"),
        "managed": _origins(params, origins, "managed"),
        "sorts": {name: address_of({**params, "sort": name}) for name in SORTS},
        "address": f"{address}&" if "?" in address else f"{address}?",
    }
    template = "triggers_app/automations.html"
    return page_or_fragment(request, template, "triggers_app/_automation_rows.html", context)


def _place_of(sort: str) -> Callable[[str], NameKey | TimeKey]:
    return NameKey.parse if sort == "name" else TimeKey.parse


_KNOWN = {
    "status": STATUSES, "kind": KINDS, "health": HEALTHS, "sort": SORTS,
    "managed": {"": "Any", **MANAGED},
}  # fmt: skip


def narrowing_of(params: Mapping[str, str]) -> Narrowing:
    names = {"text": "q"}
    return Narrowing(
        **{field.name: params[names.get(field.name, field.name)] for field in fields(Narrowing)}
    )


def params_of(given: QueryDict) -> dict[str, str]:
    try:
        params = {
            name: storable(given.get(name, "").strip()[:200]) for name in ("q", "tag", "owner")
        }
    except ValueError as error:
        raise Http404("No automation holds NUL.") from error
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
    """A facet counts what the other facets leave; what would leave nothing is left out."""
    facets = []
    for value, word in words.items():
        total = _counted({**params, name: value}, counts)
        if total or not value or params[name] == value:
            facets.append((word, address_of({**params, name: value}), total, params[name] == value))
    return facets


def _origins(
    params: Mapping[str, str], origins: Mapping[str, Mapping[str, int]], name: str
) -> list[tuple[Any, ...]]:
    """Of the list as it is; none where there is nothing to choose."""
    counted = origins[name]
    chosen = params[name]
    values = [*counted] if not chosen or chosen in counted else [chosen, *counted]
    if not chosen and len([one for one in values if one]) < (1 if name == "tag" else 2):
        return []
    facets: list[tuple[Any, ...]] = [("Any", address_of({**params, name: ""}), None, not chosen)]
    for value in values if not chosen else [chosen]:
        if value:
            word = MANAGED[value] if name == "managed" else value
            address = address_of({**params, name: value})
            facets.append((word, address, counted.get(value, 0), chosen == value))
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
