"""Action documents, wire-compatible with Prefect 3.9.1."""

import json
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, cast
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from triggers_app.automation.blocks import address_problems
from triggers_app.automation.triggers import Seconds

Source = Literal["selected", "inferred"]
ADDRESS = ("url", "method", "headers")


class StateType(StrEnum):
    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


class _Action(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Selecting(_Action):
    """An action on one object: the selected one, or the one inferred from the event."""

    target: ClassVar[str]
    source: Source = "selected"

    @property
    def target_id(self) -> UUID | None:
        return cast("UUID | None", getattr(self, self.target))

    @property
    def target_resource(self) -> str | None:
        """The selected object's resource id, such as `prefect.deployment.<id>`."""
        if self.target_id is None:
            return None
        return f"prefect.{self.target.removesuffix('_id').replace('_', '-')}.{self.target_id}"

    @model_validator(mode="after")
    def _id_fits_the_source(self) -> Self:
        if self.source == "selected" and self.target_id is None:
            raise PydanticCustomError(
                "value_error", "`{target}` is required when `source` is `selected`.", self._named()
            )
        if self.source == "inferred" and self.target_id is not None:
            raise PydanticCustomError(
                "value_error",
                "`{target}` is not allowed when `source` is `inferred`.",
                self._named(),
            )
        return self

    def _named(self) -> dict[str, Any]:
        return {"target": self.target}


def _not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise PydanticCustomError("value_error", "`schedule_after` must not be negative.")
    return value


Delay = Annotated[Seconds, AfterValidator(_not_negative)]


class DoNothing(_Action):
    type: Literal["do-nothing"] = "do-nothing"


class _DeploymentAction(Selecting):
    target = "deployment_id"
    deployment_id: UUID | None = None


class RunDeployment(_DeploymentAction):
    type: Literal["run-deployment"] = "run-deployment"
    source: Source = "selected"
    deployment_id: UUID | None = None
    parameters: dict[str, Any] | None = None
    job_variables: dict[str, Any] | None = None
    schedule_after: Delay = timedelta(0)


class PauseDeployment(_DeploymentAction):
    type: Literal["pause-deployment"] = "pause-deployment"


class ResumeDeployment(_DeploymentAction):
    type: Literal["resume-deployment"] = "resume-deployment"


class CancelFlowRun(_Action):
    type: Literal["cancel-flow-run"] = "cancel-flow-run"


class ChangeFlowRunState(_Action):
    type: Literal["change-flow-run-state"] = "change-flow-run-state"
    name: str | None = None
    state: StateType
    message: str | None = None
    force: bool = False


class SuspendFlowRun(_Action):
    type: Literal["suspend-flow-run"] = "suspend-flow-run"


class ResumeFlowRun(_Action):
    type: Literal["resume-flow-run"] = "resume-flow-run"


class DeleteFlowRun(_Action):
    type: Literal["delete-flow-run"] = "delete-flow-run"


class _WorkQueueAction(Selecting):
    target = "work_queue_id"
    work_queue_id: UUID | None = None


class PauseWorkQueue(_WorkQueueAction):
    type: Literal["pause-work-queue"] = "pause-work-queue"


class ResumeWorkQueue(_WorkQueueAction):
    type: Literal["resume-work-queue"] = "resume-work-queue"


class _WorkPoolAction(Selecting):
    target = "work_pool_id"
    work_pool_id: UUID | None = None


class PauseWorkPool(_WorkPoolAction):
    type: Literal["pause-work-pool"] = "pause-work-pool"


class ResumeWorkPool(_WorkPoolAction):
    type: Literal["resume-work-pool"] = "resume-work-pool"


class _AutomationAction(Selecting):
    target = "automation_id"
    automation_id: UUID | None = None


class PauseAutomation(_AutomationAction):
    type: Literal["pause-automation"] = "pause-automation"


class ResumeAutomation(_AutomationAction):
    type: Literal["resume-automation"] = "resume-automation"


class SendNotification(_Action):
    type: Literal["send-notification"] = "send-notification"
    block_document_id: UUID
    subject: str = "Prefect automated notification"
    body: str


def _as_text(value: object) -> object:
    return json.dumps(value, indent=2) if isinstance(value, dict) else value


class CallWebhook(_Action):
    """Either names a block, as in Prefect, or says itself where to (Flint's own keys)."""

    type: Literal["call-webhook"] = "call-webhook"
    block_document_id: UUID | None = None
    payload: Annotated[str, BeforeValidator(_as_text)] = ""

    @model_validator(mode="after")
    def _says_where_to(self) -> Self:
        own = {name: value for name, value in (self.model_extra or {}).items() if name in ADDRESS}
        if self.block_document_id is None and "url" not in own:
            raise PydanticCustomError(
                "missing", "`block_document_id` is required, or in Flint a `url`."
            )
        if self.block_document_id is not None and own:
            raise PydanticCustomError(
                "value_error",
                "The block says where to; leave `{names}` out.",
                {"names": "`, `".join(own)},
            )
        if own and (problems := address_problems(own, ())):
            raise PydanticCustomError(
                "value_error", "{why}", {"why": " ".join(problem.msg for problem in problems)}
            )
        return self

    @model_serializer(mode="wrap")
    def _without_an_empty_block(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = usual(self)
        if self.block_document_id is None:
            document.pop("block_document_id", None)
        return document


def kind_of_action(value: object) -> str:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return kind if isinstance(kind, str) else "?"


Action = (
    DoNothing
    | RunDeployment
    | PauseDeployment
    | ResumeDeployment
    | CancelFlowRun
    | ChangeFlowRunState
    | SuspendFlowRun
    | ResumeFlowRun
    | DeleteFlowRun
    | PauseWorkQueue
    | ResumeWorkQueue
    | PauseWorkPool
    | ResumeWorkPool
    | PauseAutomation
    | ResumeAutomation
    | SendNotification
    | CallWebhook
)
AnyAction = Annotated[
    Annotated[DoNothing, Tag("do-nothing")]
    | Annotated[RunDeployment, Tag("run-deployment")]
    | Annotated[PauseDeployment, Tag("pause-deployment")]
    | Annotated[ResumeDeployment, Tag("resume-deployment")]
    | Annotated[CancelFlowRun, Tag("cancel-flow-run")]
    | Annotated[ChangeFlowRunState, Tag("change-flow-run-state")]
    | Annotated[SuspendFlowRun, Tag("suspend-flow-run")]
    | Annotated[ResumeFlowRun, Tag("resume-flow-run")]
    | Annotated[DeleteFlowRun, Tag("delete-flow-run")]
    | Annotated[PauseWorkQueue, Tag("pause-work-queue")]
    | Annotated[ResumeWorkQueue, Tag("resume-work-queue")]
    | Annotated[PauseWorkPool, Tag("pause-work-pool")]
    | Annotated[ResumeWorkPool, Tag("resume-work-pool")]
    | Annotated[PauseAutomation, Tag("pause-automation")]
    | Annotated[ResumeAutomation, Tag("resume-automation")]
    | Annotated[SendNotification, Tag("send-notification")]
    | Annotated[CallWebhook, Tag("call-webhook")],
    Discriminator(kind_of_action),
]
ACTION_KINDS = tuple(str(model.model_fields["type"].default) for model in Action.__args__)

# The kind of object that an action is about, as its resource id names it.
TARGETS = {
    **dict.fromkeys(("run-deployment", "pause-deployment", "resume-deployment"), "deployment"),
    **dict.fromkeys(("cancel-flow-run", "change-flow-run-state", "suspend-flow-run"), "flow-run"),
    **dict.fromkeys(("resume-flow-run", "delete-flow-run"), "flow-run"),
    **dict.fromkeys(("pause-work-queue", "resume-work-queue"), "work-queue"),
    **dict.fromkeys(("pause-work-pool", "resume-work-pool"), "work-pool"),
    **dict.fromkeys(("pause-automation", "resume-automation"), "automation"),
}
