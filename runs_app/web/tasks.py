"""The tasks of a run: a time line that follows it while it goes on."""

from uuid import UUID

from django.http import HttpResponse

from accounts_app.web.guards import page
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from runs_app.web.runs import run_or_404, tasks_context


@page
def tasks(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    in_full = run_or_404(run_id)
    context = tasks_context(in_full)
    if seen(request, context["tasks_seen"]):
        return unchanged()
    context |= {
        "run": in_full.run,
        "finished": in_full.finished,
        "title": f"Tasks of {in_full.run.name}",
    }
    return page_or_fragment(request, "ui/alone.html", "runs_app/_tasks.html", context)
