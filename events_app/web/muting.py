"""Names of events that a person does not see by default; each can be muted and shown again."""

from django.http import HttpResponse, HttpResponseRedirect

from accounts_app.web.guards import changing_oneself
from events_app.web.feed_preferences import MUTED, keep, list_address, preferences_of
from project.lib.htmx import HtmxRequest

MOST = 50
LONGEST = 500


@changing_oneself
def mute(request: HtmxRequest) -> HttpResponse:
    """Add a name (which may end in `*`), or show it again."""
    name = request.POST.get("name", "").replace("\0", "").strip()[:LONGEST]
    names = [one for one in preferences_of(request).mutes if one != name]
    if request.POST.get("do") == "mute" and name not in ("", "*") and len(names) < MOST:
        names.append(name)
    keep(request, MUTED, names)
    return HttpResponseRedirect(list_address(request))
