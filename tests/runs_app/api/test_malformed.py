"""Whatever is sent, the answer is never a 500, and nothing is half-written."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.models import FlowRun, FlowRunState
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import SCHEMA, a_deployment, a_run

ID = str(UUID(int=1))
WORDS = [
    ID, "RUNNING", "SCHEDULED", "CANCELLING", "PAUSED", "x", "", "a\0b", "%", "/",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-01T12:00:00Z", "and_", "or_",
    "x" * 3000, "\U0001f44b",
]  # fmt: skip
NUMBERS = [0, 1, -1, 201, 2**31, 2**63, 2**64, 10**400, 1.5, 1e308, True, False, None]
KEYS = [
    "name", "flow_id", "deployment_id", "state", "type", "message", "data", "state_details",
    "scheduled_time", "pause_timeout", "transition_id", "pause_key", "pause_reschedule", "force",
    "parameters", "tags", "labels", "idempotency_key", "parent_task_run_id", "job_variables",
    "flow_runs", "flows", "deployments", "work_pools", "task_runs", "id", "any_", "not_any_",
    "like_", "all_", "is_null_", "operator", "before_", "after_", "limit", "offset", "sort",
    "deployment_ids", "scheduled_before", "parameter_openapi_schema", "enforce_parameter_schema",
    "schedules", "paused", "version_info", "concurrency_limit", "entrypoint", "work_pool_name",
    "level", "timestamp", "flow_run_id", "logs", "text", "query", "ge_", "created_by", "type_",
    "id_", "run_input", "empirical_policy", "retries", "retry_delay", "infrastructure_pid",
    "schedule", "cron", "interval", "rrule", "timezone", "anchor_date", "slug", "key", "value",
    "names", "slots", "mode", "occupancy_seconds", "lease_duration", "holder", "task_run_id", "tag",
    "slot_decay_per_second", "active", "active_slots", "prefix", "exclude_keys", "variables",
    "artifacts", "latest_id", "metadata_", "exists_",
    "properties", "count", "$ref", "is_paused", "base_job_template", "description", "",
]  # fmt: skip
LEAVES = st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | st.text(max_size=5)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=15,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8)

ENDPOINTS = [
    ("POST", "/flows"),
    ("POST", "/flows/filter"),
    ("POST", "/flows/count"),
    ("POST", "/deployments"),
    ("PATCH", "/deployments/{deployment}"),
    ("POST", "/deployments/filter"),
    ("POST", "/deployments/count"),
    ("POST", "/deployments/get_scheduled_flow_runs"),
    ("POST", "/deployments/{deployment}/create_flow_run"),
    ("POST", "/flow_runs"),
    ("PATCH", "/flow_runs/{run}"),
    ("PATCH", "/flow_runs/{run}/labels"),
    ("POST", "/flow_runs/filter"),
    ("POST", "/flow_runs/count"),
    ("POST", "/flow_runs/bulk_delete"),
    ("POST", "/flow_runs/{run}/set_state"),
    ("POST", "/flow_runs/{run}/resume"),
    ("POST", "/logs"),
    ("POST", "/logs/filter"),
    ("POST", "/deployments/{deployment}/schedules"),
    ("POST", "/flow_runs/{run}/input"),
    ("POST", "/flow_runs/{run}/input/filter"),
    ("POST", "/variables"),
    ("POST", "/variables/filter"),
    ("PATCH", "/variables/name/x"),
    ("POST", "/v2/concurrency_limits"),
    ("POST", "/v2/concurrency_limits/increment"),
    ("POST", "/v2/concurrency_limits/increment-with-lease"),
    ("POST", "/v2/concurrency_limits/decrement"),
    ("POST", "/concurrency_limits"),
    ("POST", "/concurrency_limits/increment"),
    ("POST", "/artifacts"),
    ("POST", "/artifacts/filter"),
    ("POST", "/artifacts/latest/filter"),
    ("POST", "/work_pools"),
    ("POST", "/work_pools/filter"),
    ("PATCH", "/work_pools/flint"),
]

Send = Callable[[str, str, bytes], tuple[int, Any]]


@pytest.fixture
def send(api: ApiClient) -> Send:
    """Sends to paths that name a run and a deployment which exist."""
    deployment = a_deployment(pool="flint", parameter_openapi_schema=SCHEMA)
    run_id = a_run(deployment)

    def send(method: str, path: str, data: bytes) -> tuple[int, Any]:
        return api.send(method, path.format(run=run_id, deployment=deployment.pk), data)

    return send


def _known(path: str, body: Any) -> Any:
    """Bodies that come further: required keys are there."""
    required: dict[str, dict[str, Any]] = {
        "/flow_runs/{run}/set_state": {"state": {"type": "RUNNING"}},
        "/deployments": {"name": "n", "flow_id": ID},
        "/flows": {"name": "n"},
        "/work_pools": {"name": "n"},
        "/flow_runs/bulk_delete": {"flow_runs": {}},
    }
    if not isinstance(body, dict) or path not in required:
        return body
    merged = required[path] | body
    if isinstance(merged.get("state"), dict):
        merged["state"] = {"type": "SCHEDULED"} | merged["state"]
    return merged


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@settings(max_examples=40)
@given(body=OBJECTS | JSON)
def test_any_json_is_answered(send: Send, method: str, path: str, body: Any) -> None:
    status, answer = send(method, path, json.dumps(_known(path, body)).encode())

    assert status < 500, answer
    if status == 422:
        assert answer["exception_detail"][0]["loc"][0] == "body"
    current = FlowRun.objects.values_list("state_id", flat=True)
    assert FlowRunState.objects.filter(pk__in=current).count() == len(current)


NOT_JSON = {
    "nothing": b"",
    "half": b'{"name": ',
    "no text": b"\xff\xfe",
    "not a number": b'{"name": NaN}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "deep": b"[" * 5000 + b"]" * 5000,
}


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_no_json_is_answered(send: Send, method: str, path: str, data: bytes) -> None:
    status, answer = send(method, path, data)

    assert status < 500, answer
    if data:
        assert status >= 400
