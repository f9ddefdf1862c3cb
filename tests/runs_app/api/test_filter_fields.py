"""Every field of every filter of Prefect 3.9.1's clients is taken, and means something."""

from typing import Any

import pytest

from runs_app.services import deployments
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run

ID = "00000000-0000-4000-8000-000000000000"
MOMENT = "2026-01-01T00:00:00Z"
IDS: Any = {"any_": [ID]}
OPERATOR = {"operator": "or_"}
TAGS = {**OPERATOR, "all_": ["x"], "any_": ["x"], "is_null_": True}
NAMES = {"any_": ["x"], "like_": "x"}
TIMES = {"before_": MOMENT, "after_": MOMENT}
STATE = {**OPERATOR, "type": {"any_": ["RUNNING"]}, "name": {"any_": ["x"]}}
FLOWS = {**OPERATOR, "id": IDS, "name": NAMES, "tags": TAGS}
FLOW_RUNS = {
    **OPERATOR,
    "id": {**IDS, "not_any_": [ID]},
    "name": NAMES,
    "tags": TAGS,
    "deployment_id": {**OPERATOR, **IDS, "is_null_": True},
    "work_queue_name": {**OPERATOR, "any_": ["x"], "is_null_": True},
    "state": STATE,
    "flow_version": {"any_": ["x"]},
    "start_time": {**TIMES, "is_null_": True},
    "end_time": {**TIMES, "is_null_": True},
    "expected_start_time": TIMES,
    "next_scheduled_start_time": TIMES,
    "parent_flow_run_id": {**OPERATOR, **IDS},
    "parent_task_run_id": {**OPERATOR, **IDS, "is_null_": True},
    "idempotency_key": {"any_": ["x"], "not_any_": ["x"]},
    "created_by": {**OPERATOR, "id_": [ID], "type_": ["SCHEDULE"], "is_null_": True},
}
DEPLOYMENTS = {
    **OPERATOR,
    "id": {**IDS, "not_any_": [ID]},
    "name": NAMES,
    "tags": TAGS,
    "work_queue_name": {"any_": ["x"]},
    "concurrency_limit": {"ge_": 1, "le_": 2, "is_null_": False},
}
POOLS = {**OPERATOR, "id": IDS, "name": {"any_": ["x"]}, "type": {"any_": ["x"]}}
QUEUES = {**OPERATOR, "id": IDS, "name": {"any_": ["x"], "startswith_": ["x"]}}
TASK_RUNS = {
    **OPERATOR,
    "id": IDS,
    "name": NAMES,
    "tags": TAGS,
    "state": STATE,
    "start_time": TIMES,
    "subflow_runs": {"exists_": True},
    "flow_run_id": {**IDS, "is_null_": False},
}
SCOPE = {
    "flows": FLOWS,
    "flow_runs": FLOW_RUNS,
    "task_runs": TASK_RUNS,
    "deployments": DEPLOYMENTS,
    "work_pools": POOLS,
    "work_pool_queues": QUEUES,
    "work_queues": QUEUES,
}


def empty(value: Any) -> Any:
    """As clients send what they leave open."""
    return {name: None for name in value if name != "operator"} | {"operator": "and_"}


@pytest.mark.parametrize("name", SCOPE)
@pytest.mark.parametrize("path", ["flows", "flow_runs", "task_runs", "deployments", "artifacts"])
def test_every_field_is_taken_full_and_empty(api: ApiClient, path: str, name: str) -> None:
    for given in (SCOPE[name], empty(SCOPE[name])):
        assert api.post(f"/{path}/filter", {name: given}) == []
        assert api.post(f"/{path}/count", {name: given}) == 0


def named(api: ApiClient, given: Any, **page: Any) -> list[str]:
    body = {"deployments": given, **page}
    return [each["name"] for each in api.post("/deployments/filter", body)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ge_": 2}, ["five", "two"]),
        ({"le_": 2}, ["two"]),
        ({"ge_": 2, "le_": 4}, ["two"]),
        ({"is_null_": True}, ["none"]),
        ({"is_null_": False}, ["five", "two"]),
    ],
)
def test_deployments_by_their_limit(api: ApiClient, given: Any, expected: list[str]) -> None:
    for name, limit in (("none", None), ("two", 2), ("five", 5)):
        a_deployment(name, concurrency_limit=limit)

    assert named(api, {"concurrency_limit": given}) == expected
    assert named(api, None, sort="CONCURRENCY_LIMIT_DESC") == ["five", "two", "none"]
    assert named(api, None, sort="CONCURRENCY_LIMIT_ASC") == ["none", "two", "five"]


def test_queues_by_the_beginnings_of_their_names(api: ApiClient) -> None:
    deployments.ensure_pool("p", now=NOW)
    for name in ("fast-a", "fast-b", "slow"):
        api.post("/work_pools/p/queues", {"name": name})

    found = api.post("/work_queues/filter", {"work_queues": {"name": {"startswith_": ["fast-"]}}})

    assert [each["name"] for each in found] == ["fast-a", "fast-b"]


def test_either_part_of_a_filter_is_enough_where_it_says_so(api: ApiClient) -> None:
    run_id = str(a_run(a_deployment(pool="p", work_queue_name="q")))
    either = {"operator": "or_", "any_": ["q"], "is_null_": True}

    [found] = api.post("/flow_runs/filter", {"flow_runs": {"work_queue_name": either}})
    both = {**either, "operator": "and_"}

    assert found["id"] == run_id
    assert api.post("/flow_runs/filter", {"flow_runs": {"work_queue_name": both}}) == []
