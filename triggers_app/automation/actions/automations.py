"""Actions that switch automations."""

from typing import Literal
from uuid import UUID

from triggers_app.automation.actions.base import Selecting


class _AutomationAction(Selecting):
    group = "Automations"
    about = "automation"

    automation_id: UUID | None = None


class PauseAutomation(_AutomationAction):
    title = "Pause an automation"

    type: Literal["pause-automation"] = "pause-automation"


class ResumeAutomation(_AutomationAction):
    title = "Resume an automation"

    type: Literal["resume-automation"] = "resume-automation"
