"""Saved views of the list of events: a query under a name, for one person."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import changing_oneself
from events_app.web.event_query import EventQuery, parse_query
from events_app.web.feed_preferences import (
    VIEWS,
    SavedView,
    keep,
    list_address,
    preferences_of,
)
from project.lib.clock import utcnow
from project.lib.htmx import ALONE, HtmxRequest, Toast, invalid, saved

FRAGMENT = "events_app/_views.html"
MOST = 30
LONGEST_NAME = 60
LONGEST_QUERY = 2000
Views = list[SavedView]


@changing_oneself
def change(request: HtmxRequest) -> HttpResponse:
    """Save the query under a name, rename a view, delete it, or take that back."""
    posted = request.POST
    query = _query(posted)
    name = posted.get("name", "").replace("\0", "").strip()
    views = list(preferences_of(request).views)
    step = posted.get("do", "save")
    problem = "" if step in ("delete", "restore") else _problem(name, query, views, posted)
    if problem:
        context = views_context(query, views) | {"view_problem": problem, "typed": name}
        return invalid(request, ALONE, FRAGMENT, context | {"title": "Saved views"})
    changed, toast = _STEPS.get(step, _saved)(views, name, query, posted)
    keep(request, VIEWS, [[view.name, view.query] for view in changed])
    context = views_context(query, changed)
    back = list_address(request)
    return saved(request, FRAGMENT, context, event="views-saved", back=back, toast=toast)


def views_context(query: EventQuery, views: Sequence[SavedView]) -> dict[str, Any]:
    base = reverse("events:list")
    current = next((view for view in views if view.query == query.text), None)
    return {
        "query": query,
        "views": [(view, f"{base}?{urlencode({'q': view.query})}") for view in views],
        "current_view": current if query.text else None,
        "view_problem": "",
        "typed": "",
    }


def _query(posted: QueryDict) -> EventQuery:
    params = QueryDict(mutable=True)
    params["q"] = posted.get("query", "").replace("\0", "")[:LONGEST_QUERY]
    return parse_query(params, now=utcnow())


def _problem(name: str, query: EventQuery, views: Views, posted: QueryDict) -> str:
    if not name or len(name) > LONGEST_NAME:
        return f"Give the view a name of up to {LONGEST_NAME} characters."
    taken = any(view.name == name and name != posted.get("old") for view in views)
    if posted.get("do") == "rename":
        return f"Another view is called {name}." if taken else ""
    if query.problems or not query.text:
        return "A view needs a query that can be used."
    return "" if taken or len(views) < MOST else f"There are {MOST} views; delete one first."


def _saved(
    views: Views, name: str, query: EventQuery, posted: QueryDict
) -> tuple[Views, Toast | None]:
    """A name that is there already gets the new query."""
    view = SavedView(name, query.text)
    if all(one.name != name for one in views):
        return [*views, view], Toast(f"Saved the view {name}.")
    return [view if one.name == name else one for one in views], Toast(f"Changed the view {name}.")


def _renamed(
    views: Views, name: str, query: EventQuery, posted: QueryDict
) -> tuple[Views, Toast | None]:
    old = posted.get("old", "")
    renamed = [SavedView(name, one.query) if one.name == old else one for one in views]
    return renamed, Toast(f"Renamed the view to {name}.")


def _deleted(
    views: Views, name: str, query: EventQuery, posted: QueryDict
) -> tuple[Views, Toast | None]:
    old = posted.get("old", "")
    place = next((n for n, one in enumerate(views) if one.name == old), None)
    if place is None:
        return views, None
    view = views[place]
    values = {"do": "restore", "name": view.name, "query": view.query, "place": str(place)}
    toast = Toast(
        f"Deleted the view {old}.", reverse("events:views"), values, target="#event-views"
    )
    return [*views[:place], *views[place + 1 :]], toast


def _restored(
    views: Views, name: str, query: EventQuery, posted: QueryDict
) -> tuple[Views, Toast | None]:
    text = posted.get("place", "")
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else MOST
    rest = [one for one in views if one.name != name]
    if not name or not query.text or query.problems or len(rest) >= MOST:
        return views, None
    return [*rest[:place], SavedView(name, query.text), *rest[place:]], None


_STEPS = {"save": _saved, "rename": _renamed, "delete": _deleted, "restore": _restored}
