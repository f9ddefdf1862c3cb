"""Prefect's filter documents."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from runs_app.api.fields import Moment, Strict
from runs_app.domain.states import StateType

Texts = Annotated[list[str], Field(max_length=10_000)]
Ids = Annotated[list[UUID], Field(max_length=10_000)]


class FlowRunSort(StrEnum):
    ID_DESC = "ID_DESC"
    START_TIME_ASC = "START_TIME_ASC"
    START_TIME_DESC = "START_TIME_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"


class DeploymentSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    CONCURRENCY_LIMIT_ASC = "CONCURRENCY_LIMIT_ASC"
    CONCURRENCY_LIMIT_DESC = "CONCURRENCY_LIMIT_DESC"


class NamedSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class TaskRunSort(StrEnum):
    ID_DESC = "ID_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"
    DURATION_DESC = "DURATION_DESC"
    DURATION_ASC = "DURATION_ASC"


class LogSort(StrEnum):
    TIMESTAMP_ASC = "TIMESTAMP_ASC"
    TIMESTAMP_DESC = "TIMESTAMP_DESC"


class OfIds(Strict):
    any_: Ids | None = None
    not_any_: Ids | None = None


class OfTexts(Strict):
    operator: Literal["and_", "or_"] = "and_"
    any_: Texts | None = None
    not_any_: Texts | None = None
    is_null_: bool | None = None


class OfNames(Strict):
    any_: Texts | None = None
    like_: str | None = None


class OfNullableIds(Strict):
    operator: Literal["and_", "or_"] = "and_"
    any_: Ids | None = None
    is_null_: bool | None = None


class OfTags(Strict):
    operator: Literal["and_", "or_"] = "and_"
    all_: Texts | None = None
    any_: Texts | None = None
    is_null_: bool | None = None


class OfTimes(Strict):
    before_: Moment | None = None
    after_: Moment | None = None
    is_null_: bool | None = None


class OfFlag(Strict):
    eq_: bool | None = None
    is_null_: bool | None = None


class OfLike(Strict):
    like_: str | None = None


class OfStateTypes(Strict):
    any_: list[StateType] | None = None
    not_any_: list[StateType] | None = None


class OfState(Strict):
    operator: Literal["and_", "or_"] = "and_"
    type: OfStateTypes | None = None
    name: OfTexts | None = None


class OfCreator(Strict):
    operator: Literal["and_", "or_"] = "and_"
    id_: Ids | None = None
    type_: Texts | None = None
    is_null_: bool | None = None


class Filter(Strict):
    operator: Literal["and_", "or_"] = "and_"


class FlowFilter(Filter):
    id: OfIds | None = None
    deployment: OfFlag | None = None
    name: OfNames | None = None
    tags: OfTags | None = None


class FlowRunFilter(Filter):
    id: OfIds | None = None
    name: OfNames | None = None
    tags: OfTags | None = None
    deployment_id: OfNullableIds | None = None
    work_queue_name: OfTexts | None = None
    state: OfState | None = None
    flow_version: OfTexts | None = None
    start_time: OfTimes | None = None
    end_time: OfTimes | None = None
    expected_start_time: OfTimes | None = None
    next_scheduled_start_time: OfTimes | None = None
    parent_flow_run_id: OfNullableIds | None = None
    parent_task_run_id: OfNullableIds | None = None
    idempotency_key: OfTexts | None = None
    created_by: OfCreator | None = None


class OfCount(Strict):
    ge_: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)] | None = None
    le_: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)] | None = None
    is_null_: bool | None = None


class DeploymentFilter(Filter):
    id: OfIds | None = None
    name: OfNames | None = None
    flow_or_deployment_name: OfLike | None = None
    paused: OfFlag | None = None
    tags: OfTags | None = None
    work_queue_name: OfTexts | None = None
    concurrency_limit: OfCount | None = None


class WorkPoolFilter(Filter):
    id: OfIds | None = None
    name: OfTexts | None = None
    type: OfTexts | None = None


class OfQueueNames(OfNames):
    startswith_: Texts | None = None


class WorkQueueFilter(Filter):
    id: OfIds | None = None
    name: OfQueueNames | None = None


class OfWorkerStatus(Strict):
    any_: list[Literal["ONLINE", "OFFLINE"]] | None = None
    not_any_: list[Literal["ONLINE", "OFFLINE"]] | None = None


class WorkerFilter(Filter):
    last_heartbeat_time: OfTimes | None = None
    status: OfWorkerStatus | None = None


class OfFlowRunIds(Strict):
    """Without `any_`, Prefect's null default admits runs of flows only."""

    operator: Literal["and_", "or_"] = "and_"
    any_: Ids | None = None
    is_null_: bool | None = False


class OfSubflows(Strict):
    exists_: bool | None = None


class TaskRunFilter(Filter):
    id: OfIds | None = None
    name: OfNames | None = None
    tags: OfTags | None = None
    state: OfState | None = None
    start_time: OfTimes | None = None
    end_time: OfTimes | None = None
    expected_start_time: OfTimes | None = None
    subflow_runs: OfSubflows | None = None
    flow_run_id: OfFlowRunIds | None = None


class OfLevel(Strict):
    ge_: Annotated[int, Field(ge=-(2**15), le=2**15 - 1)] | None = None
    le_: Annotated[int, Field(ge=-(2**15), le=2**15 - 1)] | None = None


class OfQuery(Strict):
    query: Annotated[str, Field(max_length=200)] | None = None


class LogFilter(Filter):
    level: OfLevel | None = None
    timestamp: OfTimes | None = None
    flow_run_id: OfIds | None = None
    task_run_id: OfNullableIds | None = None
    text: OfQuery | None = None


class Scope(Strict):
    """The filters of one request; all of them must hold."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None
    task_runs: TaskRunFilter | None = None
    work_pool_queues: WorkQueueFilter | None = None
    work_queues: WorkQueueFilter | None = None
