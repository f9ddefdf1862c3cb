"""Bodies of requests about runs: states, new runs, changes."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from runs_app.api.fields import Body, Key, Moment, Name, Object, Tags
from runs_app.domain.run_request import NewFlowRun
from runs_app.domain.states import Proposal, StateType

StateName = Annotated[str, Field(min_length=1, max_length=200)]


class StateDetails(BaseModel):
    """What the rules look at; every other key is kept as it is."""

    model_config = ConfigDict(extra="allow")

    scheduled_time: Moment | None = None
    pause_timeout: Moment | None = None
    pause_reschedule: bool | None = None
    pause_key: Key | None = None
    transition_id: UUID | None = None


class StateBody(Body):
    type: StateType
    name: StateName | None = None
    message: str | None = None
    data: Any = None
    state_details: StateDetails | None = None

    def details(self) -> dict[str, Any]:
        if self.state_details is None:
            return {}
        return self.state_details.model_dump(mode="json", exclude_unset=True)

    def proposal(self) -> Proposal:
        return Proposal(
            type=self.type,
            name=self.name,
            message=self.message,
            details=self.details(),
            data=self.data,
        )

    def document(self) -> dict[str, Any]:
        return {
            "type": self.type.value,
            "name": self.name,
            "message": self.message,
            "data": self.data,
            "state_details": self.details(),
        }


class SetState(Body):
    state: StateBody
    force: bool | None = None


class NewRunBody(Body):
    """What both ways to make a run have in common."""

    state: StateBody | None = None
    name: Name | None = None
    parameters: Object | None = None
    context: Object | None = None
    tags: Tags | None = None
    idempotency_key: Key | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: Name | None = None
    job_variables: Object | None = None
    labels: Object | None = None
    empirical_policy: Object | None = None
    enforce_parameter_schema: bool | None = None

    def request(
        self, *, deployment_id: UUID | None, flow_id: UUID | None = None, version: str | None = None
    ) -> NewFlowRun:
        return NewFlowRun(
            deployment_id=deployment_id,
            flow_id=flow_id,
            flow_version=version,
            parameters=self.parameters or {},
            name=self.name,
            idempotency_key=self.idempotency_key,
            job_variables=self.job_variables,
            tags=self.tags or [],
            labels=self.labels,
            context=self.context,
            state=self.state.document() if self.state else None,
            parent_task_run_id=self.parent_task_run_id,
            work_queue_name=self.work_queue_name,
            empirical_policy=self.empirical_policy,
            enforce_parameter_schema=self.enforce_parameter_schema,
        )


class AdHocRunBody(NewRunBody):
    flow_id: UUID
    deployment_id: UUID | None = None
    flow_version: Name | None = None


class RunChange(Body):
    name: Name | None = None
    flow_version: Name | None = None
    parameters: Object | None = None
    empirical_policy: Object | None = None
    tags: Tags | None = None
    infrastructure_pid: Name | None = None
    job_variables: Object | None = None
