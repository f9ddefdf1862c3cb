"""Facets beside the list of events: what is in it, each with its count and as a filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import page
from events_app.domain.search_query import Term
from events_app.reads.facets import FacetCount, Facets, facets
from events_app.reads.time_limits import QueryTooSlow
from events_app.services.event_outcomes import fired_between
from events_app.web.event_query import EventQuery, parse_query
from events_app.web.fate import LATER, with_fate
from events_app.web.value_terms import checked
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment


@dataclass(frozen=True, slots=True)
class FacetOption:
    """`address` adds it to the query, or takes it away where it is `current`."""

    word: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """`remark` stands beside the title."""

    title: str
    options: list[FacetOption]
    remark: str = ""


@page
def of_list(request: HtmxRequest) -> HttpResponse:
    """Four queries."""
    query = parse_query(request.GET, now=utcnow())
    context: dict[str, Any] = {"title": "Facets", "groups": [], "facets": None}
    try:
        if not query.problems:
            counted = facets(with_fate(query, now=utcnow()))
            context |= {"facets": counted, "groups": _groups(query, counted)}
    except QueryTooSlow:
        context["facets"] = None
    return page_or_fragment(request, "ui/alone.html", "events_app/_facets.html", context)


def _groups(query: EventQuery, counted: Facets) -> list[FacetGroup]:
    groups = [
        _group(query, "Name", [(Term("name", one.value), one) for one in counted.names]),
        _group(query, "Automations", _fired(counted)),
    ]
    for label in counted.labels:
        terms = [(Term("label", one.value, label.name), one) for one in label.values]
        more = label.distinct - len(label.values)
        groups.append(_group(query, label.name, terms, f"{more} more" if more > 0 else ""))
    related = [(Term("related", one.value), one) for one in counted.related]
    groups.append(_group(query, "Related", related))
    return [group for group in groups if group.options]


def _fired(counted: Facets) -> list[tuple[Term, FacetCount]]:
    """How many fired. One query."""
    if counted.received is None:
        return []
    first, last = counted.received
    fired = set(fired_between(first, last + LATER).positions).intersection(counted.positions)
    return [(Term("fate", "fired"), FacetCount("fired", len(fired)))] if fired else []


def _group(
    query: EventQuery,
    title: str,
    options: Sequence[tuple[Term, FacetCount]],
    remark: str = "",
) -> FacetGroup:
    sayable = [(term, one) for term, one in options if checked(term)]
    return FacetGroup(title, [_option(query, term, one) for term, one in sayable], remark)


def _option(query: EventQuery, term: Term, one: FacetCount) -> FacetOption:
    base = reverse("events:list")
    if term in query.terms:
        rest = " ".join(each.text for each in query.terms if each != term)
        return FacetOption(one.value, one.count, query.address(base, text=rest), True)
    pairs = [("q", query.text)] if query.text else []
    address = f"{base}?{urlencode([*pairs, ('add', term.text)])}"
    return FacetOption(one.value, one.count, address, False)
