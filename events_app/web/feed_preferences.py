"""What a person set for the list of events: muted names, saved views, the clock that it shows."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts_app.storage import preferences
from accounts_app.web.guards import changing_oneself
from project.lib.htmx import HtmxRequest

MUTED, VIEWS, CLOCK = "muted events", "event views", "event clock"
# Flint tells of each state of each run and of each action, and writes every line of a log.
DEFAULT_MUTED = ("prefect.automation.*", "prefect.flow-run.*", "prefect.log.write")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A query under a name."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class FeedPreferences:
    mutes: tuple[str, ...]
    views: tuple[SavedView, ...]
    clock: Literal["occurred", "received"]


def preferences_of(request: HttpRequest) -> FeedPreferences:
    """One query."""
    kept = preferences.read_all(_person(request), [MUTED, VIEWS, CLOCK])
    views = tuple(SavedView(*pair) for pair in kept.get(VIEWS, []))
    return FeedPreferences(
        mutes=tuple(kept.get(MUTED, DEFAULT_MUTED)),
        views=views,
        clock="received" if kept.get(CLOCK) == "received" else "occurred",
    )


def keep(request: HttpRequest, name: str, value: Any) -> None:
    """Two queries."""
    preferences.write(_person(request), name, value)


@changing_oneself
def choose_clock(request: HtmxRequest) -> HttpResponse:
    """Show when events occurred, or when they were received: from now on, and in the URL."""
    clock = "received" if request.POST.get("clock") == "received" else "occurred"
    keep(request, CLOCK, clock)
    base, _, query = list_address(request).partition("?")
    pairs = QueryDict(query, mutable=True)
    pairs["clock"] = clock
    return HttpResponseRedirect(f"{base}?{pairs.urlencode()}")


def list_address(request: HtmxRequest) -> str:
    """The list as it was, if the form says it (`back`), or the whole list."""
    address = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    base = reverse("events:list")
    return address if safe and urlsplit(address).path == base else base


def _person(request: HttpRequest) -> int:
    assert request.user.pk is not None
    return int(request.user.pk)
