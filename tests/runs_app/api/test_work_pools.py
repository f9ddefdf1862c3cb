"""`/work_pools`: what deployments need of them."""

from uuid import UUID

from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import a_deployment


def test_a_pool_is_made_once(api: ApiClient) -> None:
    body = {"name": "p", "type": "process", "base_job_template": {}, "is_paused": False}

    status, pool = api.call("POST", "/work_pools/", body)

    assert (status, pool["name"], pool["type"], pool["is_paused"]) == (201, "p", "process", False)
    assert api.call("POST", "/work_pools/", body) == (
        409,
        {"detail": "A work pool with this name already exists."},
    )


def test_a_pool_has_a_default_queue_because_clients_insist(api: ApiClient) -> None:
    pool = api.post("/work_pools", {"name": "p", "type": "flint"})

    assert UUID(pool["default_queue_id"])
    assert api.get("/work_pools/p")["default_queue_id"] == pool["default_queue_id"]


def test_pools_are_read_and_filtered(api: ApiClient) -> None:
    for name in ("b", "a"):
        api.post("/work_pools", {"name": name, "type": "flint"})

    found = api.post("/work_pools/filter", {"work_pools": None, "limit": None, "offset": 0})

    assert [pool["name"] for pool in found] == ["a", "b"]
    assert api.get("/work_pools/a") == found[0]
    assert api.call("GET", "/work_pools/c") == (404, {"detail": 'Work pool "c" not found.'})


def test_a_pool_is_paused_and_described(api: ApiClient) -> None:
    api.post("/work_pools", {"name": "p", "type": "flint"})

    change = {"is_paused": True, "description": "hi", "concurrency_limit": None}
    assert api.call("PATCH", "/work_pools/p", change) == (204, None)

    pool = api.get("/work_pools/p")
    assert (pool["status"], pool["description"]) == ("PAUSED", "hi")
    assert api.call("PATCH", "/work_pools/none", change)[0] == 404


def test_a_deleted_pool_leaves_its_deployments(api: ApiClient) -> None:
    deployment = a_deployment(pool="flint")

    assert api.call("DELETE", "/work_pools/flint") == (204, None)
    assert api.get(f"/deployments/{deployment.pk}")["work_pool_name"] is None
    assert api.call("DELETE", "/work_pools/flint")[0] == 404
