"""`/flows` as Prefect's clients use it."""

from typing import Any

import pytest

from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import a_deployment


def test_a_flow_is_made_once(api: ApiClient) -> None:
    first = api.call("POST", "/flows/", {"name": "orders", "tags": ["t"], "labels": None})
    again = api.call("POST", "/flows/", {"name": "orders"})

    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert set(first[1]) == {"id", "created", "updated", "name", "tags", "labels"}


def test_a_flow_is_read_by_id_and_by_name(api: ApiClient) -> None:
    flow = api.post("/flows", {"name": "orders of today"})

    assert api.get(f"/flows/{flow['id']}") == flow
    assert api.get("/flows/name/orders%20of%20today") == flow


@pytest.mark.parametrize(
    "path", ["/flows/00000000-0000-4000-8000-000000000000", "/flows/name/none", "/flows/no-id"]
)
def test_what_is_not_there_is_not_found(api: ApiClient, path: str) -> None:
    assert api.call("GET", path)[0] == 404


def test_the_commands_page_of_nulls_is_accepted(api: ApiClient) -> None:
    api.post("/flows", {"name": "b"})
    api.post("/flows", {"name": "a"})
    keys = ["flow_runs", "task_runs", "deployments", "work_pools", "work_queues"]
    body: dict[str, Any] = dict.fromkeys([*keys, "flows", "sort", "limit"])

    found = api.post("/flows/filter", body | {"offset": 0})

    assert [flow["name"] for flow in found] == ["a", "b"]


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "name": ({"flows": {"name": {"any_": ["orders"]}}}, ["orders"]),
    "like": ({"flows": {"name": {"like_": "RDE"}}}, ["orders"]),
    "deployment name": ({"deployments": {"name": {"any_": ["served"]}}}, ["orders"]),
    "without deployment": ({"flows": {"deployment": {"is_null_": True}}}, ["alone"]),
    "either": (
        {
            "flows": {
                "operator": "or_",
                "name": {"any_": ["alone"]},
                "deployment": {"is_null_": False},
            }
        },
        ["alone", "orders"],
    ),
    "nothing": ({"flows": {"id": {"any_": []}}}, []),
    "second page": ({"limit": 1, "offset": 1, "sort": "NAME_DESC"}, ["alone"]),
}


@pytest.mark.parametrize(("body", "names"), FILTERS.values(), ids=FILTERS)
def test_filters(api: ApiClient, body: Any, names: list[str]) -> None:
    a_deployment("served", flow="orders")
    api.post("/flows", {"name": "alone"})

    assert [flow["name"] for flow in api.post("/flows/filter", body)] == names


def test_flows_are_counted(api: ApiClient) -> None:
    api.post("/flows", {"name": "alone"})

    assert api.post("/flows/count") == 1


def test_a_flow_is_deleted_with_its_deployments(api: ApiClient) -> None:
    deployment = a_deployment()

    assert api.call("DELETE", f"/flows/{deployment.flow_id}") == (204, None)
    assert api.call("GET", f"/deployments/{deployment.pk}")[0] == 404


@pytest.mark.parametrize("name", ["a/b", "", "x" * 501, None, 5, "nul\0"])
def test_names_that_cannot_be_are_refused(api: ApiClient, name: Any) -> None:
    status, body = api.call("POST", "/flows", {"name": name})

    assert status == 422
    assert body["exception_detail"][0]["loc"] == ["body", "name"]
