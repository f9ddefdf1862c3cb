"""`/…/paginate`: pages by number, with how many there are in all."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.clock import utcnow
from runs_app.api.answers import answer
from runs_app.api.fields import Limit
from runs_app.api.filters import DeploymentSort, FlowRunSort, NamedSort, Scope, TaskRunSort
from runs_app.reads import deployments as deployment_reads
from runs_app.reads import filters
from runs_app.reads import flow_runs as flow_run_reads
from runs_app.reads import flows as flow_reads
from runs_app.reads import task_runs as task_run_reads

flows = Router(tags=["flows"])
deployments = Router(tags=["deployments"])
flow_runs = Router(tags=["flow runs"])
of_task_runs = Router(tags=["task runs"])


class Numbered(Scope):
    limit: Limit | None = None
    page: Annotated[int, Field(ge=1, le=2**31)] | None = None

    @property
    def size(self) -> int:
        return 200 if self.limit is None else self.limit

    @property
    def place(self) -> dict[str, int]:
        return {"limit": self.size, "offset": ((self.page or 1) - 1) * self.size}


class NumberedFlows(Numbered):
    sort: NamedSort | None = None


class NumberedDeployments(Numbered):
    sort: DeploymentSort | None = None


class NumberedFlowRuns(Numbered):
    sort: FlowRunSort | None = None


class NumberedTaskRuns(Numbered):
    sort: TaskRunSort | None = None


@flows.post("/paginate", response=Any)
def paginate_flows(request: HttpRequest, body: NumberedFlows | None = None) -> HttpResponse:
    query = body or NumberedFlows()
    listed = flow_reads.documents(query, sort=query.sort or NamedSort.NAME_ASC, **query.place)
    return _page(query, listed, filters.flows(query).count())


@deployments.post("/paginate", response=Any)
def paginate_deployments(
    request: HttpRequest, body: NumberedDeployments | None = None
) -> HttpResponse:
    query = body or NumberedDeployments()
    sort = query.sort or DeploymentSort.NAME_ASC
    listed = deployment_reads.documents(query, sort=sort, **query.place, now=utcnow())
    return _page(query, listed, filters.deployments(query).count())


@flow_runs.post("/paginate", response=Any)
def paginate_flow_runs(request: HttpRequest, body: NumberedFlowRuns | None = None) -> HttpResponse:
    query = body or NumberedFlowRuns()
    sort = query.sort or FlowRunSort.ID_DESC
    listed = flow_run_reads.documents(query, sort=sort, **query.place, now=utcnow())
    return _page(query, listed, filters.runs(query).count())


@of_task_runs.post("/paginate", response=Any)
def paginate_task_runs(request: HttpRequest, body: NumberedTaskRuns | None = None) -> HttpResponse:
    query = body or NumberedTaskRuns()
    sort = query.sort or TaskRunSort.ID_DESC
    listed = task_run_reads.documents(query, sort=sort, **query.place, now=utcnow())
    return _page(query, listed, task_run_reads.count(query))


def _page(query: Numbered, listed: list[dict[str, Any]], count: int) -> HttpResponse:
    size = query.size
    return answer(
        {
            "results": listed,
            "count": count,
            "limit": size,
            "pages": -(-count // size) if size else 0,
            "page": query.page or 1,
        }
    )
