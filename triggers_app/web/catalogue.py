"""The catalogue of events: the names, and one name."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, page
from events_app.reads.time_limits import QueryTooSlow
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from project.lib.paging import storable
from triggers_app.reads import automations, catalogue
from triggers_app.reads.catalogue import CatalogueRow, EventShape
from triggers_app.services.fates import listeners_of
from triggers_app.storage import seen_names

SIZE = 50
MOST_LISTENERS = 50


@page
def names(request: HtmxRequest) -> HttpResponse:
    text, after = _text(request, "q"), _text(request, "after")
    unheard = request.GET.get("heard") == "no"
    rows = _rows(text, after or None, unheard)
    page_rows = rows[:SIZE]
    params = {"q": text, "heard": "no" if unheard else ""}
    context = {
        "rows": page_rows,
        "listeners": {name: len(ids) for name, ids in _listeners(page_rows).items()},
        "days": catalogue.DAYS,
        "first": not after,
        "next": page_rows[-1].name if len(rows) > SIZE else None,
        "q": text,
        "unheard": unheard,
        "most": catalogue.MOST_NAMES,
        "address": _address(params),
        "all": _address({"q": text}),
        "nobody": _address({"q": text, "heard": "no"}),
    }
    template = "triggers_app/catalogue.html"
    return page_or_fragment(request, template, "triggers_app/_catalogue_rows.html", context)


@page
def one(request: HtmxRequest, name: str) -> HttpResponse:
    """Four queries: counts, the newest event, the sample, who listens and their names."""
    today = utcnow().date()
    try:
        rows = catalogue.names(today=today, limit=1, only=[storable(name)])
    except ValueError as error:
        raise Http404("No event's name holds NUL.") from error
    if not rows:
        raise Http404("No event of this name is recorded.")
    ids = listeners_of([name])[name]
    context = {
        "row": rows[0],
        "days": catalogue.days_until(today),
        "shape": _shape(name, rows[0]),
        "newest": seen_names.newest_of(name),
        "listeners": sorted(
            automations.names(set(ids[:MOST_LISTENERS])).items(), key=lambda pair: pair[1]
        ),
        "listening": len(ids),
        "can_edit": can_edit(request),
    }
    return render(request, "triggers_app/catalogue_one.html", context)


def _rows(text: str, after: str | None, unheard: bool) -> list[CatalogueRow]:
    """A page of names and one more. One query; of those nobody listens to, three."""
    today, only = utcnow().date(), None
    if unheard:
        heard = listeners_of(catalogue.all_names(text))
        alone = [name for name, ids in heard.items() if not ids]
        only = [name for name in alone if after is None or _in_order(name) > _in_order(after)]
        only = only[: SIZE + 1]
    return catalogue.names(today=today, limit=SIZE + 1, text=text, after=after, only=only)


def _in_order(name: str) -> bytes:
    """As PostgreSQL compares texts by bytes."""
    return name.encode()


def _listeners(rows: list[CatalogueRow]) -> dict[str, list[Any]]:
    return listeners_of(row.name for row in rows)


def _shape(name: str, row: CatalogueRow) -> EventShape | None:
    """None when reading the sample took too long."""
    days = [day for day in catalogue.days_until(utcnow().date()) if row.first <= day <= row.last]
    try:
        return catalogue.shape(name, days)
    except QueryTooSlow:
        return None


def _text(request: HtmxRequest, name: str) -> str:
    try:
        return storable(request.GET.get(name, "").strip()[:500])
    except ValueError as error:
        raise Http404("No event's name holds NUL.") from error


def _address(params: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in params.items() if value})
    base = reverse("catalogue:list")
    return f"{base}?{query}" if query else base
