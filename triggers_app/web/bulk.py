"""One change of the automations that were chosen in the list, and what became of each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from accounts_app.web.guards import editing
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from triggers_app.reads import automations, health
from triggers_app.services import bulk
from triggers_app.web.automation import author_of
from triggers_app.web.automations import address_of, narrowing_of, params_of

CHANGES = {
    "on": ("Switched on", bulk.on),
    "off": ("Switched off", bulk.off),
    "shadow": ("In shadow", bulk.shadow),
    "delete": ("Deleted", bulk.delete),
}


@editing
def change(request: HtmxRequest) -> HttpResponse:
    """A page with a line for each: what was done, or why it was not."""
    now, params = utcnow(), params_of(request.POST)
    heading, does = CHANGES.get(request.POST.get("do", ""), ("Nothing was changed", None))
    ids = _chosen(request, now)
    rows = does(ids, author=author_of(request), now=now) if does and ids else []
    context = {
        "heading": heading,
        "rows": rows,
        "refused": sum(not row.done for row in rows),
        "most": bulk.MOST,
        "back": address_of(params),
        "undoable": [f"{row.id}@{row.version}" for row in rows if row.version],
        "params": params,
    }
    status = 200 if rows else 422
    return render(request, "triggers_app/bulk.html", context, status=status)


@editing
def undo(request: HtmxRequest) -> HttpResponse:
    """The same page, for what was put back."""
    made = dict(pair for text in request.POST.getlist("made")[: bulk.MOST] for pair in _made(text))
    rows = bulk.undo(made, author=author_of(request), now=utcnow()) if made else []
    context = {
        "heading": "Undone" if rows else "Nothing was changed",
        "rows": rows,
        "refused": sum(not row.done for row in rows),
        "most": bulk.MOST,
        "back": address_of(params_of(request.POST)),
        "undoable": [],
    }
    return render(request, "triggers_app/bulk.html", context, status=200 if rows else 422)


def _made(text: str) -> list[tuple[UUID, int]]:
    """`<id>@<version>`, as the page of a change has it."""
    pk, _, version = text.partition("@")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return [(one, number) for one in _ids(pk) if number]


def _chosen(request: HtmxRequest, now: datetime) -> Sequence[UUID]:
    """Those whose box was ticked; with `all`, the first ones that the list holds."""
    if request.POST.get("all") == "true":
        narrowing = narrowing_of(params_of(request.POST))
        return automations.matching_ids(narrowing, health.unwell(now=now), limit=bulk.MOST)
    return [pk for text in request.POST.getlist("id")[: bulk.MOST] for pk in _ids(text)]


def _ids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []
