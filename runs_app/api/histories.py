"""`/flow_runs/history`, `/task_runs/history`, `/flow_runs/lateness`: runs over time."""

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.clock import utcnow
from runs_app.api.answers import answer
from runs_app.api.fields import Moment
from runs_app.api.filters import Scope
from runs_app.reads import histories

of_flow_runs = Router(tags=["flow runs"])
of_task_runs = Router(tags=["task runs"])

_TEN_YEARS = 3_660 * 86_400


class HistoryQuery(Scope):
    """At most 500 steps are answered, from the start on."""

    history_start: Moment
    history_end: Moment
    history_interval_seconds: Annotated[float, Field(ge=1, le=_TEN_YEARS, allow_inf_nan=False)]

    @property
    def span(self) -> dict[str, Any]:
        return {
            "start": self.history_start,
            "end": self.history_end,
            "step": timedelta(seconds=self.history_interval_seconds),
        }


@of_flow_runs.post("/history", response=Any)
def flow_run_history(request: HttpRequest, body: HistoryQuery) -> HttpResponse:
    return answer(histories.of_flow_runs(body, **body.span, now=utcnow()))


@of_flow_runs.post("/lateness", response=Any)
def average_flow_run_lateness(request: HttpRequest, body: Scope | None = None) -> HttpResponse:
    """Seconds, or null where there are no such runs."""
    return answer(histories.lateness(body or Scope(), now=utcnow()))


@of_task_runs.post("/history", response=Any)
def task_run_history(request: HttpRequest, body: HistoryQuery) -> HttpResponse:
    return answer(histories.of_task_runs(body, **body.span, now=utcnow()))
