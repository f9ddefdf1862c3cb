"""The API's documents of what this app keeps: plain values, every key Prefect's clients use."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from project.lib.json_documents import Document
from runs_app.domain.concurrency import deployment_limit_name
from runs_app.models import (
    Deployment,
    DeploymentSchedule,
    Flow,
    FlowRun,
    FlowRunState,
    Log,
    TaskRun,
    TaskRunState,
    Worker,
    WorkPool,
    WorkQueue,
)

# A deployment that nobody has polled for so long has nobody who would run it.
READY_FOR = timedelta(seconds=60)


def flow_document(flow: Flow) -> Document:
    return {
        "id": flow.id,
        "created": flow.created,
        "updated": flow.updated,
        "name": flow.name,
        "tags": flow.tags,
        "labels": flow.labels,
    }


def deployment_document(deployment: Deployment, *, now: datetime | None = None) -> Document:
    """Needs what `storage.deployments.whole` loads. Without `now` it is not called ready."""
    pool = deployment.work_pool
    return {
        "id": deployment.id,
        "created": deployment.created,
        "updated": deployment.updated,
        "name": deployment.name,
        "version": deployment.version,
        "description": deployment.description,
        "flow_id": deployment.flow_id,
        "flow_name": deployment.flow.name,
        "paused": deployment.paused,
        "schedules": schedule_documents(deployment),
        "concurrency_limit": deployment.concurrency_limit,
        "global_concurrency_limit": _limit_of(deployment),
        "concurrency_options": deployment.concurrency_options,
        "job_variables": deployment.job_variables,
        "parameters": deployment.parameters,
        "tags": deployment.tags,
        "labels": deployment.labels,
        "work_queue_name": deployment.work_queue_name,
        "work_queue_id": deployment.work_queue_id,
        "last_polled": deployment.last_polled,
        "parameter_openapi_schema": deployment.parameter_openapi_schema or {},
        "path": deployment.path,
        "pull_steps": deployment.pull_steps or [],
        "entrypoint": deployment.entrypoint,
        "storage_document_id": deployment.storage_document_id,
        "infrastructure_document_id": deployment.infrastructure_document_id,
        "created_by": None,
        "updated_by": None,
        "work_pool_name": pool.name if pool else None,
        "status": "READY" if _is_ready(deployment, now) else "NOT_READY",
        "enforce_parameter_schema": deployment.enforce_parameter_schema,
    }


def _limit_of(deployment: Deployment) -> Document | None:
    """What `keep_deployment_limit` keeps."""
    if deployment.concurrency_limit is None:
        return None
    return {
        "id": deployment.pk,
        "created": deployment.created,
        "updated": deployment.updated,
        "name": deployment_limit_name(deployment.pk),
        "limit": deployment.concurrency_limit,
        "active": True,
        "active_slots": deployment.active_slots,  # type: ignore[attr-defined]  # `whole` counts
        "slot_decay_per_second": 0.0,
    }


def schedule_documents(deployment: Deployment) -> list[Document]:
    """Those that were changed last at first."""
    rows = deployment.schedules.all()
    newest = sorted(rows, key=lambda each: (each.updated, each.created), reverse=True)
    return [schedule_document(each) for each in newest]


def schedule_document(schedule: DeploymentSchedule) -> Document:
    return {
        "id": schedule.id,
        "created": schedule.created,
        "updated": schedule.updated,
        "deployment_id": schedule.deployment_id,
        "schedule": schedule.schedule,
        "active": schedule.active,
        "max_scheduled_runs": schedule.max_scheduled_runs,
        "parameters": schedule.parameters,
        "slug": schedule.slug,
    }


def _is_ready(deployment: Deployment, now: datetime | None) -> bool:
    if deployment.work_pool and deployment.work_pool.type == "flint":
        return not deployment.work_pool.is_paused
    polled = deployment.last_polled
    if deployment.work_queue and deployment.work_queue.last_polled:
        polled = max(polled or deployment.work_queue.last_polled, deployment.work_queue.last_polled)
    return bool(now and polled and now - polled < READY_FOR)


def state_document(state: FlowRunState | TaskRunState) -> Document:
    return {
        "id": state.id,
        "type": state.type,
        "name": state.name,
        "timestamp": state.timestamp,
        "message": state.message,
        "data": state.data,
        "state_details": state.state_details,
    }


def flow_run_document(run: FlowRun, state: FlowRunState | None, *, now: datetime) -> Document:
    """Needs `work_pool` loaded; `state` is the run's current one."""
    pool = run.work_pool
    return {
        "id": run.id,
        "created": run.created,
        "updated": run.updated,
        "name": run.name,
        "flow_id": run.flow_id,
        "state_id": run.state_id,
        "deployment_id": run.deployment_id,
        "deployment_version": run.deployment_version,
        "work_queue_id": run.work_queue_id,
        "work_queue_name": run.work_queue_name,
        "flow_version": run.flow_version,
        "parameters": run.parameters,
        "idempotency_key": run.idempotency_key,
        "context": run.context,
        "empirical_policy": run.empirical_policy,
        "tags": run.tags,
        "labels": run.labels,
        "parent_task_run_id": run.parent_task_run_id,
        "state_type": run.state_type,
        "state_name": run.state_name,
        "run_count": run.run_count,
        "expected_start_time": run.expected_start_time,
        "next_scheduled_start_time": run.next_scheduled_start_time,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "total_run_time": run.total_run_time_seconds,
        "estimated_run_time": estimated_run_time(run, now),
        "estimated_start_time_delta": lateness(run, now),
        "auto_scheduled": run.auto_scheduled,
        "infrastructure_document_id": None,
        "infrastructure_pid": run.infrastructure_pid,
        "created_by": run.created_by,
        "work_pool_id": run.work_pool_id,
        "work_pool_name": pool.name if pool else None,
        "state": None if state is None else state_document(state),
        "job_variables": run.job_variables,
    }


def estimated_run_time(run: FlowRun | TaskRun, now: datetime) -> float:
    if run.state_type != "RUNNING" or run.state_timestamp is None:
        return run.total_run_time_seconds
    running = max(0.0, (now - run.state_timestamp).total_seconds())
    return run.total_run_time_seconds + running


def lateness(run: FlowRun | TaskRun, now: datetime) -> float:
    """Seconds between when it should have started and when it did (or now)."""
    if run.expected_start_time is None or (run.start_time is None and run.end_time):
        return 0.0
    return max(0.0, ((run.start_time or now) - run.expected_start_time).total_seconds())


def log_document(log: Log) -> Document:
    return {
        "id": UUID(int=log.pk),
        "created": log.timestamp,
        "updated": log.timestamp,
        "name": log.name,
        "level": log.level,
        "message": log.message,
        "timestamp": log.timestamp,
        "flow_run_id": log.flow_run_id,
        "task_run_id": log.task_run_id,
    }


# Flows of Flint's pools are where their deployments say; nothing is uploaded for them.
_STORAGE = ("bundle_upload_step", "bundle_execution_step", "default_result_storage_block_id")


def work_pool_document(pool: WorkPool, *, active_slots: int | None = None) -> Document:
    """Slots are counted of a pool that has a limit."""
    return {
        "id": pool.id,
        "created": pool.created,
        "updated": pool.updated,
        "name": pool.name,
        "description": pool.description,
        "type": pool.type,
        "base_job_template": pool.base_job_template,
        "is_paused": pool.is_paused,
        "concurrency_limit": pool.concurrency_limit,
        "status": _pool_status(pool),
        "default_queue_id": uuid5(pool.id, "default"),
        "active_slots": active_slots,
        "storage_configuration": dict.fromkeys(_STORAGE),
    }


def _pool_status(pool: WorkPool) -> str:
    if pool.is_paused:
        return "PAUSED"
    return "READY" if pool.type == "flint" or pool.ready else "NOT_READY"


def work_queue_document(
    queue: WorkQueue, *, now: datetime, active_slots: int | None = None
) -> Document:
    """Needs `work_pool` loaded. Slots are counted of a queue that has a limit."""
    return {
        "id": queue.id,
        "created": queue.created,
        "updated": queue.updated,
        "name": queue.name,
        "description": queue.description or "",
        "is_paused": queue.is_paused,
        "concurrency_limit": queue.concurrency_limit,
        "priority": queue.priority,
        "work_pool_id": queue.work_pool_id,
        "filter": None,
        "last_polled": queue.last_polled,
        "work_pool_name": queue.work_pool.name,
        "status": _queue_status(queue, now),
        "active_slots": active_slots,
    }


def _queue_status(queue: WorkQueue, now: datetime) -> str:
    if queue.is_paused:
        return "PAUSED"
    polled = queue.last_polled is not None and now - queue.last_polled < READY_FOR
    return "READY" if polled or queue.work_pool.type == "flint" else "NOT_READY"


def worker_document(worker: Worker) -> Document:
    return {
        "id": worker.id,
        "created": worker.created,
        "updated": worker.updated,
        "name": worker.name,
        "work_pool_id": worker.work_pool_id,
        "last_heartbeat_time": worker.last_heartbeat,
        "heartbeat_interval_seconds": worker.heartbeat_interval_seconds,
        "status": "ONLINE" if worker.online else "OFFLINE",
    }
