from runs_app.models.artifacts import Artifact, ArtifactCollection
from runs_app.models.concurrency import ConcurrencyLimit, LeasedLimit, SlotLease
from runs_app.models.deployments import Deployment, Flow
from runs_app.models.pools import WorkPool
from runs_app.models.queues import Worker, WorkQueue
from runs_app.models.run_inputs import FlowRunInput
from runs_app.models.runs import FlowRun, FlowRunState, Log
from runs_app.models.schedules import DeploymentSchedule
from runs_app.models.task_runs import TaskRun, TaskRunState
from runs_app.models.variables import Variable

__all__ = [
    "Artifact",
    "ArtifactCollection",
    "ConcurrencyLimit",
    "Deployment",
    "DeploymentSchedule",
    "Flow",
    "FlowRun",
    "FlowRunInput",
    "FlowRunState",
    "LeasedLimit",
    "Log",
    "SlotLease",
    "TaskRun",
    "TaskRunState",
    "Variable",
    "WorkPool",
    "WorkQueue",
    "Worker",
]
