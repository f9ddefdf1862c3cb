"""Actions on work pools and their queues."""

from typing import Literal
from uuid import UUID

from triggers_app.automation.actions.base import Selecting


class _WorkAction(Selecting):
    group = "Work pools and queues"


class _WorkQueueAction(_WorkAction):
    about = "work-queue"

    work_queue_id: UUID | None = None


class PauseWorkQueue(_WorkQueueAction):
    title = "Pause a work queue"

    type: Literal["pause-work-queue"] = "pause-work-queue"


class ResumeWorkQueue(_WorkQueueAction):
    title = "Resume a work queue"

    type: Literal["resume-work-queue"] = "resume-work-queue"


class _WorkPoolAction(_WorkAction):
    about = "work-pool"

    work_pool_id: UUID | None = None


class PauseWorkPool(_WorkPoolAction):
    title = "Pause a work pool"

    type: Literal["pause-work-pool"] = "pause-work-pool"


class ResumeWorkPool(_WorkPoolAction):
    title = "Resume a work pool"

    type: Literal["resume-work-pool"] = "resume-work-pool"
