"""Actions on the flow run that the event is about, which is always inferred."""

from types import MappingProxyType
from typing import Literal

from runs_app.domain.states import StateType
from triggers_app.automation.actions.base import BaseAction, DeploymentName
from triggers_app.automation.plain_words import shortened


class _FlowRunAction(BaseAction):
    group = "Flow run of the event"
    about = "flow-run"


class CancelFlowRun(_FlowRunAction):
    title = "Cancel the flow run"

    type: Literal["cancel-flow-run"] = "cancel-flow-run"


class ChangeFlowRunState(_FlowRunAction):
    title = "Change the state of the flow run"
    blank = MappingProxyType({"state": "FAILED"})
    lines = ("message",)

    type: Literal["change-flow-run-state"] = "change-flow-run-state"
    name: str | None = None
    state: StateType
    message: str | None = None
    force: bool = False

    def words(self, deployment_name: DeploymentName) -> str:
        return f"set the flow run to {shortened(self.name or self.state.value)}"


class SuspendFlowRun(_FlowRunAction):
    title = "Suspend the flow run"

    type: Literal["suspend-flow-run"] = "suspend-flow-run"


class ResumeFlowRun(_FlowRunAction):
    title = "Resume the flow run"

    type: Literal["resume-flow-run"] = "resume-flow-run"


class DeleteFlowRun(_FlowRunAction):
    title = "Delete the flow run"

    type: Literal["delete-flow-run"] = "delete-flow-run"
