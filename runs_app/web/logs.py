"""The logs of a run: searchable, by pages, live while it goes on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import page
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.paging import cursor_of, storable
from runs_app.reads import flow_runs
from runs_app.reads import logs as log_reads
from runs_app.reads.logs import LogKey

LEVELS = {"": "Any level", "30": "Warnings and errors", "40": "Errors"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@page
def logs(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    run = flow_runs.in_full(run_id)
    if run is None:
        raise Http404("No run has this id.")
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No line holds NUL.") from error
    level = request.GET.get("level", "")
    level = level if level in LEVELS else ""
    before = cursor_of(request, parse_log_key, "before")
    page = log_reads.page(run_id, before=before, text=text, level=int(level or 0))
    # With the end of the run the region stops asking, though no line is new.
    known = f"{page.seen}{'.' if run.finished else ''}"
    if seen(request, known):
        return unchanged()
    base = reverse("runs:logs", args=[run_id])
    query = {name: value for name, value in (("q", text), ("level", level)) if value}
    context = {
        "run": run.run,
        "lines": page.lines,
        "older": log_cursor(page.older) if page.older else "",
        "newest": before is None,
        "live": before is None and not run.finished,
        "finished": run.finished,
        "q": text,
        "level": level,
        "levels": list(LEVELS.items()),
        "address": f"{base}?{urlencode(query)}&" if query else f"{base}?",
        "seen": known,
        "title": f"Logs of {run.run.name}",
    }
    part = "_lines" if request.GET.get("part") == "lines" else "_logs"
    return page_or_fragment(request, "ui/alone.html", f"runs_app/{part}.html", context)


def parse_log_key(text: str) -> LogKey:
    """Raises ValueError or OverflowError."""
    microseconds, _, number = text.partition("-")
    if int(number) >= 1 << 63 or int(number) < 0:
        raise ValueError("A line's number has 63 bits.")
    return LogKey(_EPOCH + timedelta(microseconds=int(microseconds)), int(number))


def log_cursor(key: LogKey) -> str:
    return f"{(key.moment - _EPOCH) // timedelta(microseconds=1)}-{key.number}"
