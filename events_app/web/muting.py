"""Names of events that a person does not see by default; each can be muted and shown again."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts_app.storage import preferences
from accounts_app.web.guards import changing_oneself
from project.lib.htmx import HtmxRequest

PREFERENCE = "muted events"
# Flint tells of each state of each run and of each action, and writes every line of a log.
DEFAULT = ("prefect.automation.*", "prefect.flow-run.*", "prefect.log.write")
MOST = 50
LONGEST = 500


def mutes_of(request: HttpRequest) -> tuple[str, ...]:
    """One query."""
    assert request.user.pk is not None
    names = preferences.read(request.user.pk, PREFERENCE)
    return DEFAULT if names is None else tuple(names)


@changing_oneself
def mute(request: HtmxRequest) -> HttpResponse:
    """Add a name (which may end in `*`), or show it again."""
    name = request.POST.get("name", "").replace("\0", "").strip()[:LONGEST]
    names = [one for one in mutes_of(request) if one != name]
    if request.POST.get("do") == "mute" and name not in ("", "*") and len(names) < MOST:
        names.append(name)
    assert request.user.pk is not None
    preferences.write(request.user.pk, PREFERENCE, names)
    return HttpResponseRedirect(_back(request))


def _back(request: HtmxRequest) -> str:
    """The list as it was, or the whole list."""
    address = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    base = reverse("events:list")
    return address if safe and urlsplit(address).path == base else base
