"""`/task_runs` and the histories of runs as Prefect's clients use them."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts_app.models import Role
from accounts_app.services import access
from runs_app.models import FlowRun, Log, TaskRun, TaskRunState
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run

KEYS = {
    "id", "created", "updated", "name", "flow_run_id", "task_key", "dynamic_key", "cache_key",
    "cache_expiration", "task_version", "empirical_policy", "tags", "labels", "state_id",
    "task_inputs", "state_type", "state_name", "run_count", "flow_run_run_count",
    "expected_start_time", "next_scheduled_start_time", "start_time", "end_time",
    "total_run_time", "estimated_run_time", "estimated_start_time_delta", "state",
}  # fmt: skip


@pytest.fixture
def flow_run_id(api: ApiClient) -> UUID:
    return a_run(a_deployment())


def made(api: ApiClient, flow_run_id: UUID | None, key: str = "0", **fields: Any) -> dict[str, Any]:
    body = {
        "flow_run_id": str(flow_run_id) if flow_run_id else None,
        "task_key": "child-57da",
        "dynamic_key": key,
        "name": f"child-{key}",
        **fields,
    }
    status, run = api.call("POST", "/task_runs/", body)
    assert status == 201, run
    found: dict[str, Any] = run
    return found


def propose(api: ApiClient, run: dict[str, Any], kind: str, **state: Any) -> tuple[int, Any]:
    body = {"state": {"type": kind, **state}, "force": False}
    return api.call("POST", f"/task_runs/{run['id']}/set_state", body)


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found]


def test_a_run_has_every_key(api: ApiClient, flow_run_id: UUID) -> None:
    run = made(api, flow_run_id, state={"type": "PENDING"}, task_inputs={"y": []})

    assert set(run) == KEYS
    assert api.get(f"/task_runs/{run['id']}").keys() == KEYS
    assert (run["state"]["name"], run["state_id"]) == ("Pending", run["state"]["id"])
    assert run["state"]["state_details"]["task_run_id"] == run["id"]
    assert run["labels"]["prefect.flow-run.id"] == str(flow_run_id)


def test_the_same_keys_are_the_same_run(api: ApiClient, flow_run_id: UUID) -> None:
    run = made(api, flow_run_id)
    body = {"flow_run_id": str(flow_run_id), "task_key": "child-57da", "dynamic_key": "0"}

    status, again = api.call("POST", "/task_runs", body)

    assert (status, again["id"]) == (200, run["id"])
    assert TaskRunState.objects.count() == 1


def test_outside_of_flows_the_keys_are_the_run_too(api: ApiClient) -> None:
    run = made(api, None)

    status, again = api.call("POST", "/task_runs", {"task_key": "child-57da", "dynamic_key": "0"})

    assert (status, again["id"]) == (200, run["id"])


def test_no_run_of_a_flow_run_that_is_not_there(api: ApiClient) -> None:
    body = {"flow_run_id": str(uuid4()), "task_key": "a", "dynamic_key": "0"}

    status, answer = api.call("POST", "/task_runs", body)

    assert (status, answer["detail"]) == (409, "The flow run of this task run does not exist.")


def test_an_id_of_another_run_is_a_conflict(api: ApiClient, flow_run_id: UUID) -> None:
    run = made(api, flow_run_id)
    body = {"id": run["id"], "task_key": "a", "dynamic_key": "0"}

    assert api.call("POST", "/task_runs", body)[0] == 409


def test_a_key_that_no_index_could_hold_is_refused(api: ApiClient) -> None:
    status, answer = api.call("POST", "/task_runs", {"task_key": "k" * 1_001, "dynamic_key": "0"})

    assert status == 422
    assert "1,000 bytes" in answer["exception_detail"][0]["msg"]


def test_a_state_is_proposed_and_its_history_read(api: ApiClient, flow_run_id: UUID) -> None:
    FlowRun.objects.update(state_type="RUNNING")
    run = made(api, flow_run_id)

    assert propose(api, run, "RUNNING")[0] == 201
    status, answer = propose(api, run, "COMPLETED")

    assert (status, answer["status"], answer["state"]["type"]) == (201, "ACCEPT", "COMPLETED")
    history = api.get(f"/task_run_states?task_run_id={run['id']}")
    assert [state["type"] for state in history] == ["PENDING", "RUNNING", "COMPLETED"]
    assert api.get(f"/task_run_states/{history[2]['id']}") == history[2]
    assert api.get(f"/task_runs/{run['id']}")["run_count"] == 1


def test_a_task_is_not_run_beside_its_flow(api: ApiClient, flow_run_id: UUID) -> None:
    status, answer = propose(api, made(api, flow_run_id), "RUNNING")

    assert (status, answer["status"]) == (200, "ABORT")
    assert answer["details"]["type"] == "abort_details"


def test_a_longer_delay_for_each_retry(api: ApiClient, flow_run_id: UUID) -> None:
    FlowRun.objects.update(state_type="RUNNING")
    run = made(api, flow_run_id, empirical_policy={"retries": 3, "retry_delay": [0, 3600]})
    propose(api, run, "RUNNING")
    assert propose(api, run, "FAILED")[1]["state"]["name"] == "AwaitingRetry"
    assert propose(api, run, "RUNNING")[1]["state"]["name"] == "Retrying"
    propose(api, run, "FAILED")

    assert propose(api, run, "RUNNING")[1]["status"] == "WAIT"


def test_a_run_gets_another_name_and_goes_with_its_logs(api: ApiClient, flow_run_id: UUID) -> None:
    run = made(api, flow_run_id)
    Log.objects.create(task_run_id=run["id"], name="n", level=20, message="m", timestamp=NOW)

    assert api.call("PATCH", f"/task_runs/{run['id']}", {"name": "new"})[0] == 204
    assert api.get(f"/task_runs/{run['id']}")["name"] == "new"
    assert api.call("DELETE", f"/task_runs/{run['id']}")[0] == 204

    assert not TaskRun.objects.exists() and not Log.objects.exists()
    for method, path, body in (
        ("GET", "", ...), ("DELETE", "", ...), ("PATCH", "", {"name": "x"}),
        ("POST", "/set_state", {"state": {"type": "RUNNING"}}),
    ):  # fmt: skip
        answer = api.call(method, f"/task_runs/{run['id']}{path}", body)
        assert answer == (404, {"detail": "Task run not found"}), method


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"id": {"any_": ["{a}"]}}, "a"),
    ({"name": {"like_": "CHILD-A"}}, "a"),
    ({"tags": {"all_": ["x"]}}, "a"),
    ({"tags": {"is_null_": True}}, "bc"),
    ({"state": {"type": {"any_": ["PENDING"]}}}, "ac"),
    ({"state": {"name": {"any_": ["Running"]}}}, ""),
    ({"start_time": {"is_null_": True}}, "abc"),
    ({"subflow_runs": {"exists_": True}}, "b"),
    ({"subflow_runs": {"exists_": False}}, "ac"),
    ({"flow_run_id": {"any_": ["{flow}"]}}, "ab"),
    ({"flow_run_id": {"is_null_": True}}, "c"),
    ({"flow_run_id": {}}, "ab"),
    ({"operator": "or_", "id": {"any_": ["{c}"]}, "name": {"any_": ["child-a"]}}, "ac"),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
def test_every_filter_means_what_prefect_means(
    api: ApiClient, flow_run_id: UUID, wanted: Any, expected: str
) -> None:
    runs = {"a": made(api, flow_run_id, "a", tags=["x"]), "b": made(api, flow_run_id, "b")}
    runs["c"] = made(api, None, "c")
    a_run(a_deployment("child"), parent_task_run_id=UUID(runs["b"]["id"]))
    places = {f"{{{key}}}": run["id"] for key, run in runs.items()} | {"{flow}": str(flow_run_id)}
    for value in wanted.values():
        if isinstance(value, dict) and value.get("any_"):
            value["any_"] = [places.get(each, each) for each in value["any_"]]

    found = api.post("/task_runs/filter", {"task_runs": wanted, "sort": "NAME_ASC"})

    assert "".join(run["dynamic_key"] for run in found) == expected
    assert api.post("/task_runs/count", {"task_runs": wanted}) == len(expected)


def test_a_page_of_runs_costs_two_queries(api: ApiClient, flow_run_id: UUID) -> None:
    for key in "abc":
        made(api, flow_run_id, key)
    body = {"sort": "EXPECTED_START_TIME_DESC", "limit": 2, "offset": 1, "flows": None}
    api.post("/task_runs/filter", body)
    with CaptureQueriesContext(connection) as queries:
        found = api.post("/task_runs/filter", body)

    assert [run["dynamic_key"] for run in found] == ["b", "a"]
    assert len(queries) == 2, [query["sql"] for query in queries]


def test_what_is_around_a_task_filters_it_and_the_other_way(
    api: ApiClient, flow_run_id: UUID
) -> None:
    run = made(api, flow_run_id)
    around = {"flow_runs": {"id": {"any_": [str(flow_run_id)]}}, "flows": {"name": {"like_": "o"}}}
    by_task = {"task_runs": {"id": {"any_": [run["id"]]}}}
    a_run(a_deployment("other"))

    assert ids(api.post("/task_runs/filter", around)) == [run["id"]]
    assert ids(api.post("/flow_runs/filter", by_task)) == [str(flow_run_id)]
    assert len(api.post("/flows/filter", by_task)) == 1
    assert [d["name"] for d in api.post("/deployments/filter", by_task)] == ["served"]


def test_subflows_are_found_by_their_parent(api: ApiClient, flow_run_id: UUID) -> None:
    run = made(api, flow_run_id)
    child = a_run(a_deployment("child"), parent_task_run_id=UUID(run["id"]))
    by_parent = {"flow_runs": {"parent_flow_run_id": {"any_": [str(flow_run_id)]}}}
    by_task = {"flow_runs": {"parent_task_run_id": {"any_": [run["id"]]}}}

    assert ids(api.post("/flow_runs/filter", by_parent)) == [str(child)]
    assert ids(api.post("/flow_runs/filter", by_task)) == [str(child)]


def test_the_history_of_a_flow_run_is_bounded(api: ApiClient, flow_run_id: UUID) -> None:
    history = api.get(f"/flow_run_states/?flow_run_id={flow_run_id}")

    assert [state["type"] for state in history] == ["SCHEDULED"]
    assert api.get(f"/flow_run_states/{history[0]['id']}") == history[0]
    assert api.call("GET", f"/flow_run_states/{uuid4()}")[0] == 404
    assert api.call("GET", f"/task_run_states/{uuid4()}")[0] == 404
    assert api.call("GET", "/flow_run_states")[0] == 422


def test_without_limits_whoever_asks_for_slots_may_go_on(api: ApiClient) -> None:
    body = {"names": ["tag:x"], "slots": 1, "mode": "concurrency", "lease_duration": 60}
    lease = api.post("/v2/concurrency_limits/increment-with-lease", body)
    path = f"/v2/concurrency_limits/leases/{lease['lease_id']}/renew"
    end = {"lease_id": lease["lease_id"]}

    assert lease["limits"] == []
    assert api.call("POST", path, {"lease_duration": 60})[0] == 204
    assert api.call("POST", "/v2/concurrency_limits/decrement-with-lease", end)[0] == 204
    assert api.post("/v2/concurrency_limits/increment", {"names": ["x"], "slots": 1}) == []
    assert api.post("/v2/concurrency_limits/decrement", {"names": ["x"], "slots": 1}) == []
    by_tag = {"names": ["x"], "task_run_id": str(uuid4())}
    assert api.post("/concurrency_limits/increment", by_tag) == []
    assert api.post("/concurrency_limits/decrement", by_tag) == []


def test_a_viewer_reads_and_changes_nothing(api: ApiClient, flow_run_id: UUID) -> None:
    run = made(api, flow_run_id)
    viewer = ApiClient(access.create_key("viewer", Role.VIEWER, NOW))

    assert ids(viewer.post("/task_runs/filter")) == [run["id"]]
    assert viewer.post("/task_runs/count") == 1
    assert viewer.get(f"/task_run_states?task_run_id={run['id']}")
    assert viewer.call("DELETE", f"/task_runs/{run['id']}")[0] == 403
    assert propose(viewer, run, "CRASHED")[0] == 403
    assert viewer.call("POST", "/task_runs", {"task_key": "a", "dynamic_key": "0"})[0] == 403
