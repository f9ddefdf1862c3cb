"""The tasks of a run: a time line that follows it while it goes on."""

from uuid import UUID

from django.http import HttpResponse

from accounts_app.web.guards import page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from runs_app.services import task_timeline
from runs_app.web.runs import run_or_404


@page
def tasks(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    run = run_or_404(run_id)
    found = task_timeline.tasks_of(run_id, now=utcnow())
    # With the end of the run the region stops asking, though no task is new.
    known = f"{found.seen}{'.' if run.finished else ''}"
    if seen(request, known):
        return unchanged()
    context = {
        "run": run.run,
        "tasks": found,
        "finished": run.finished,
        "seen": known,
        "title": f"Tasks of {run.run.name}",
    }
    return page_or_fragment(request, "ui/alone.html", "runs_app/_tasks.html", context)
