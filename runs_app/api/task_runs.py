"""`/task_runs`: Prefect's paths, bodies and status codes."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AfterValidator, Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.bodies import SetState, StateBody
from runs_app.api.fields import Body, Limit, Moment, Name, Object, Offset, Tags
from runs_app.api.filters import Scope, TaskRunSort
from runs_app.api.orchestrated import orchestrated
from runs_app.domain.task_run_events import MAX_KEY_BYTES, fits
from runs_app.models import TaskRun
from runs_app.reads import task_runs as task_run_reads
from runs_app.services import task_runs
from runs_app.services.task_runs import NewTaskRun

router = Router(tags=["task runs"])


def _fitting(key: str) -> str:
    if not fits(key):
        raise ValueError(f"A key may be at most {MAX_KEY_BYTES:,} bytes long.")
    return key


Key = Annotated[str, AfterValidator(_fitting)]


class TaskRunFields(Body):
    """What the table keeps as it comes."""

    cache_key: Annotated[str, Field(max_length=2000)] | None = None
    cache_expiration: Moment | None = None
    task_version: Name | None = None
    empirical_policy: Object | None = None
    tags: Tags | None = None
    labels: Object | None = None
    task_inputs: Object | None = None


class TaskRunBody(TaskRunFields):
    task_key: Key
    dynamic_key: Key
    id: UUID | None = None
    flow_run_id: UUID | None = None
    name: Name | None = None
    state: StateBody | None = None

    def new_task_run(self) -> NewTaskRun:
        fields = {n: getattr(self, n) for n in TaskRunFields.model_fields}
        given = {name: value for name, value in fields.items() if value is not None}
        return NewTaskRun(
            task_key=self.task_key,
            dynamic_key=self.dynamic_key,
            id=self.id,
            flow_run_id=self.flow_run_id,
            name=self.name,
            fields=given,
            state=self.state.proposal() if self.state else None,
        )


class TaskRunChange(Body):
    name: Name


class TaskRunsPage(Scope):
    sort: TaskRunSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None


@router.post("", response={200: Any, 201: Any})
def create_task_run(request: HttpRequest, body: TaskRunBody) -> HttpResponse:
    """The run of this flow run, task and dynamic key: a new one, or the one that there is."""
    try:
        document, made = task_runs.create(body.new_task_run(), now=utcnow())
    except task_runs.Conflict as conflict:
        raise ApiError(409, {"detail": str(conflict)}) from None
    return answer(document, 201 if made else 200)


@router.post("/filter", response=Any)
def read_task_runs(request: HttpRequest, body: TaskRunsPage | None = None) -> HttpResponse:
    page = body or TaskRunsPage()
    documents = task_run_reads.documents(
        page,
        sort=page.sort or TaskRunSort.ID_DESC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
        now=utcnow(),
    )
    return answer(documents)


@router.post("/count", response=int)
def count_task_runs(request: HttpRequest, body: Scope | None = None) -> HttpResponse:
    return answer(task_run_reads.count(body or Scope()))


@router.get("/{run_id}", response=Any)
def read_task_run(request: HttpRequest, run_id: str) -> HttpResponse:
    try:
        return answer(task_run_reads.document(id_of(run_id), now=utcnow()))
    except TaskRun.DoesNotExist:
        raise missing("Task run") from None


@router.patch("/{run_id}", response={204: None})
def update_task_run(request: HttpRequest, run_id: str, body: TaskRunChange) -> HttpResponse:
    if not task_runs.rename(id_of(run_id), body.name, now=utcnow()):
        raise missing("Task run")
    return nothing()


@router.delete("/{run_id}", response={204: None})
def delete_task_run(request: HttpRequest, run_id: str) -> HttpResponse:
    if not task_runs.delete(id_of(run_id)):
        raise missing("Task run")
    return nothing()


@router.post("/{run_id}/set_state", response={200: Any, 201: Any})
def set_task_run_state(request: HttpRequest, run_id: str, body: SetState) -> HttpResponse:
    try:
        result = task_runs.set_state(
            id_of(run_id), body.state.proposal(), now=utcnow(), force=bool(body.force)
        )
    except TaskRun.DoesNotExist:
        raise missing("Task run") from None
    return orchestrated(result)
