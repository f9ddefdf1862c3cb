from runs_app.models.deployments import Deployment, Flow
from runs_app.models.pools import WorkPool
from runs_app.models.queues import Worker, WorkQueue
from runs_app.models.runs import FlowRun, FlowRunState, Log
from runs_app.models.schedules import DeploymentSchedule
from runs_app.models.task_runs import TaskRun, TaskRunState

__all__ = [
    "Deployment",
    "DeploymentSchedule",
    "Flow",
    "FlowRun",
    "FlowRunState",
    "Log",
    "TaskRun",
    "TaskRunState",
    "WorkPool",
    "WorkQueue",
    "Worker",
]
