"""`/flow_run_states` and `/task_run_states`: the histories of runs."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from runs_app.api.answers import answer, id_of, missing
from runs_app.models import FlowRunState, TaskRunState
from runs_app.reads import flow_runs
from runs_app.reads import task_runs as task_run_reads
from runs_app.services import task_runs

of_flow_runs = Router(tags=["flow run states"])
of_task_runs = Router(tags=["task run states"])


@of_flow_runs.get("", response=Any)
def read_flow_run_states(request: HttpRequest, flow_run_id: UUID) -> HttpResponse:
    """The last 200 states of a run, the oldest first."""
    return answer(flow_runs.state_documents(flow_run_id))


@of_flow_runs.get("/{state_id}", response=Any)
def read_flow_run_state(request: HttpRequest, state_id: str) -> HttpResponse:
    try:
        return answer(flow_runs.state_document_by_id(id_of(state_id)))
    except FlowRunState.DoesNotExist:
        raise missing("Flow run state") from None


@of_task_runs.get("", response=Any)
def read_task_run_states(request: HttpRequest, task_run_id: UUID) -> HttpResponse:
    """The last 200 states of a run, the oldest first."""
    return answer(task_run_reads.state_documents(task_run_id))


@of_task_runs.get("/{state_id}", response=Any)
def read_task_run_state(request: HttpRequest, state_id: str) -> HttpResponse:
    try:
        return answer(task_runs.state(id_of(state_id)))
    except TaskRunState.DoesNotExist:
        raise missing("Task run state") from None
