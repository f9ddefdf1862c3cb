"""`/artifacts`. Shapes: recorded answers of Prefect 3.9.1."""

from typing import Any

import pytest

from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import a_deployment, a_run

EITHER = {"operator": "or_", "key": {"any_": ["md"]}, "type": {"any_": ["table"]}}


def made(api: ApiClient, key: str | None = "md", **fields: Any) -> Any:
    body = {"key": key, "type": "markdown", "description": None, "data": "# hi", **fields}
    return api.post("/artifacts", body)


def keys(api: ApiClient, body: Any, path: str = "/artifacts/filter") -> list[Any]:
    return [each["key"] for each in api.post(path, {"sort": "KEY_ASC", **body})]


def test_an_artifact_is_made_changed_and_deleted(api: ApiClient) -> None:
    artifact = made(api, None, type="progress", data=0.0, metadata_={"a": "b"})
    path = f"/artifacts/{artifact['id']}"

    assert api.get(path) == artifact
    assert set(artifact) >= {"metadata_", "flow_run_id", "task_run_id", "created", "updated"}
    assert api.call("PATCH", path, {"data": 50.0}) == (204, None)
    assert (api.get(path)["data"], api.get(path)["metadata_"]) == (50.0, {"a": "b"})
    assert api.call("DELETE", path) == (204, None)
    for method, body in (("GET", ...), ("DELETE", ...), ("PATCH", {"data": 1})):
        assert api.call(method, path, body) == (404, {"detail": "Artifact not found."})


def test_the_latest_of_a_key_is_the_one_made_last_that_is_left(api: ApiClient) -> None:
    first, second = made(api, data=1), made(api, data=2)

    assert api.get("/artifacts/md/latest") == second
    [latest] = api.post("/artifacts/latest/filter", {})
    assert (latest["latest_id"], latest["data"]) == (second["id"], 2)
    assert latest["id"] not in (first["id"], second["id"])

    api.call("DELETE", f"/artifacts/{second['id']}")
    assert api.get("/artifacts/md/latest") == first
    assert api.post("/artifacts/latest/filter", {})[0]["id"] == latest["id"]
    api.call("DELETE", f"/artifacts/{first['id']}")
    assert api.call("GET", "/artifacts/md/latest")[0] == 404
    assert api.post("/artifacts/latest/filter", {}) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [None, "md", "table-a"]),
        ({"key": {"exists_": True}}, ["md", "table-a"]),
        ({"key": {"any_": ["md"]}}, ["md"]),
        ({"key": {"like_": "t%e-"}}, ["table-a"]),
        ({"type": {"any_": ["table"]}}, ["table-a"]),
        ({"type": {"not_any_": ["table"]}}, [None, "md"]),
        ({"task_run_id": {"any_": []}}, []),
        (EITHER, ["md", "table-a"]),
    ],
)  # fmt: skip
def test_filters(api: ApiClient, given: Any, expected: list[Any]) -> None:
    made(api, "md")
    made(api, "table-a", type="table")
    made(api, None)

    assert keys(api, {"artifacts": given}) == expected
    assert api.post("/artifacts/count", {"artifacts": given}) == len(expected)
    named = [key for key in expected if key is not None]
    assert keys(api, {"artifacts": given}, "/artifacts/latest/filter") == named
    assert api.post("/artifacts/latest/count", {"artifacts": given}) == len(named)


def test_artifacts_of_a_run_of_a_deployment_and_of_a_flow(api: ApiClient) -> None:
    deployment = a_deployment("mine")
    made(api, "own", flow_run_id=str(a_run(deployment)))
    made(api, "other", flow_run_id=str(a_run(a_deployment("theirs", flow="others"))))
    made(api, "loose")

    for scope in (
        {"deployments": {"name": {"any_": ["mine"]}}},
        {"flows": {"id": {"any_": [str(deployment.flow_id)]}}},
        {"flow_runs": {"deployment_id": {"any_": [str(deployment.pk)]}}},
    ):
        assert keys(api, scope) == keys(api, scope, "/artifacts/latest/filter") == ["own"]


def test_keys_are_what_prefect_takes_and_pages_are_bounded(api: ApiClient) -> None:
    assert api.call("POST", "/artifacts", {"key": "Not This"})[0] == 422
    assert api.call("POST", "/artifacts/filter", {"limit": 201})[0] == 422
    made(api, "a")
    made(api, "b")
    assert keys(api, {"limit": 1, "offset": 1}) == ["b"]
