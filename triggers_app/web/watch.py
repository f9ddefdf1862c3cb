"""The watch board, and snoozing."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, page_or_fragment, saved, seen, unchanged
from project.lib.moments import minute
from project.lib.paging import cursor_of, fingerprint, storable
from project.lib.problems import Invalid, Problem
from triggers_app.models import Automation
from triggers_app.reads import snoozes, watch
from triggers_app.reads.watch import DeadlineKey, WatchFilter
from triggers_app.services import snoozing

SIZE = 50
MAX_REASON = 200
PAGE, BOARD = "triggers_app/watch.html", "triggers_app/_watch.html"
LENGTHS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4)}
TOMORROW_HOUR = 9


@page
def board(request: HtmxRequest) -> HttpResponse:
    context = _context(request)
    if seen(request, context["seen"]):
        return unchanged()
    return page_or_fragment(request, PAGE, BOARD, context)


@editing
def snooze(request: HtmxRequest) -> HttpResponse:
    """Until the chosen time nothing follows from the firings of an automation or a key."""
    automation_id, labels = _subject(request.POST)
    now = utcnow()
    try:
        row = snoozing.snooze(
            automation_id,
            labels,
            until=_until(request.POST, now),
            author=request.user.get_username(),
            reason=request.POST.get("reason", "").strip().replace("\0", "")[:MAX_REASON],
            now=now,
        )
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    except Invalid as refusal:
        context = _context(request) | {"problem": " ".join(one.msg for one in refusal.problems)}
        return invalid(request, PAGE, BOARD, context)
    return _saved(request, f"Snoozed until {minute(row.until)} UTC.")


@editing
def end_snooze(request: HtmxRequest) -> HttpResponse:
    automation_id, labels = _subject(request.POST)
    try:
        snoozing.end(automation_id, labels, author=request.user.get_username(), now=utcnow())
    except Automation.DoesNotExist as error:
        raise Http404("No automation has this id.") from error
    return _saved(request, "Its firings act again.")


def _saved(request: HtmxRequest, sentence: str) -> HttpResponse:
    context = _context(request)
    toast, back = Toast(sentence), context["address"]
    if request.POST.get("back") == "automation":
        back = reverse("automations:one", args=[_id(request.POST.get("automation", ""))])
    return saved(request, BOARD, context, event="snoozed", back=back, toast=toast)


def _context(request: HtmxRequest) -> dict[str, Any]:
    """Six queries at most: three of the page, the count, what is snoozed, a name."""
    now = utcnow()
    params = _params(request.GET)
    narrowing = WatchFilter(params["q"], _id(params["automation"]), _id(params["deployment"]))
    listed = watch.page(narrowing, size=SIZE, now=now, after=cursor_of(request, DeadlineKey.parse))
    in_force = snoozes.in_force(now=now)
    query = urlencode({name: value for name, value in params.items() if value})
    base = reverse("watch:board")
    return {
        "page": listed,
        "total": watch.count(narrowing),
        "most": watch.MOST_COUNTED,
        "snoozes": in_force,
        "asked": params,
        "filtered": bool(query),
        "query": query,
        "address": f"{base}?{query}" if query else base,
        "pages": f"{base}?{query}&" if query else f"{base}?",
        "seen": fingerprint((listed.seen, in_force)),
        "now": now,
        "can_edit": can_edit(request),
        "problem": "",
    }


def _params(given: QueryDict) -> dict[str, str]:
    try:
        text = storable(given.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No automation's name holds NUL.") from error
    ids = {name: given.get(name, "") for name in ("automation", "deployment")}
    return {"q": text} | ids


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404("It must be an id.") from error


def _subject(given: QueryDict) -> tuple[UUID, Mapping[str, str]]:
    """Of what: an automation, and the labels of one key or none."""
    automation_id = _id(given.get("automation", ""))
    try:
        labels = json.loads(storable(given.get("labels") or "{}"))
    except ValueError as error:
        raise Http404("`labels` must be a JSON object.") from error
    texts = isinstance(labels, dict) and all(isinstance(one, str) for one in labels.values())
    if automation_id is None or not texts or "\0" in "".join(labels.values()):
        raise Http404("A snooze names an automation and texts.")
    return automation_id, labels


def _until(given: QueryDict, now: datetime) -> datetime:
    """Raises Invalid when no time can be read."""
    chosen = given.get("for", "")
    if chosen in LENGTHS:
        return now + LENGTHS[chosen]
    if chosen == "tomorrow":
        tomorrow = now.astimezone(UTC) + timedelta(days=1)
        return tomorrow.replace(hour=TOMORROW_HOUR, minute=0, second=0, microsecond=0)
    try:
        custom = parse_datetime(given.get("until", ""))
    except ValueError:
        custom = None
    if custom is None:
        raise Invalid([Problem(("until",), "Choose until when, as a day and a time in UTC.")])
    return custom if custom.tzinfo else custom.replace(tzinfo=UTC)
