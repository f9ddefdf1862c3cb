"""Actions on deployments."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from triggers_app.automation.actions.base import DeploymentName, Selecting, Source
from triggers_app.automation.plain_words import duration
from triggers_app.automation.triggers import Seconds


def _not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise PydanticCustomError("value_error", "`schedule_after` must not be negative.")
    return value


Delay = Annotated[Seconds, AfterValidator(_not_negative)]


class _DeploymentAction(Selecting):
    group = "Deployments"
    about = "deployment"

    deployment_id: UUID | None = None


class RunDeployment(_DeploymentAction):
    title = "Run a deployment"

    type: Literal["run-deployment"] = "run-deployment"
    source: Source = "selected"
    deployment_id: UUID | None = None
    parameters: dict[str, Any] | None = None
    job_variables: dict[str, Any] | None = None
    schedule_after: Delay = timedelta(0)

    def words(self, deployment_name: DeploymentName) -> str:
        later = f" {duration(self.schedule_after)} later" if self.schedule_after else ""
        return super().words(deployment_name) + later


class PauseDeployment(_DeploymentAction):
    title = "Pause a deployment"

    type: Literal["pause-deployment"] = "pause-deployment"


class ResumeDeployment(_DeploymentAction):
    title = "Resume a deployment"

    type: Literal["resume-deployment"] = "resume-deployment"
