"""The API's documents of task runs."""

from datetime import datetime
from typing import Any

from project.lib.json_documents import Document
from runs_app.models import TaskRun, TaskRunState
from runs_app.reads.documents import estimated_run_time, lateness, state_document

_POLICY: dict[str, Any] = {
    "max_retries": 0,
    "retry_delay_seconds": 0.0,
    "retries": None,
    "retry_delay": None,
    "retry_jitter_factor": None,
}


def task_run_document(run: TaskRun, state: TaskRunState | None, *, now: datetime) -> Document:
    """`state` is the run's current one."""
    return {
        "id": run.id,
        "created": run.created,
        "updated": run.updated,
        "name": run.name,
        "flow_run_id": run.flow_run_id,
        "task_key": run.task_key,
        "dynamic_key": run.dynamic_key,
        "cache_key": run.cache_key,
        "cache_expiration": run.cache_expiration,
        "task_version": run.task_version,
        "empirical_policy": _POLICY | run.empirical_policy,
        "tags": run.tags,
        "labels": run.labels,
        "state_id": run.state_id,
        "task_inputs": run.task_inputs,
        "state_type": run.state_type,
        "state_name": run.state_name,
        "run_count": run.run_count,
        "flow_run_run_count": run.flow_run_run_count,
        "expected_start_time": run.expected_start_time,
        "next_scheduled_start_time": run.next_scheduled_start_time,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "total_run_time": run.total_run_time_seconds,
        "estimated_run_time": estimated_run_time(run, now),
        "estimated_start_time_delta": lateness(run, now),
        "state": None if state is None else state_document(state),
    }
