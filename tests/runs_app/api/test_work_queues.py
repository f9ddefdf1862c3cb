"""`/work_queues` and the queues of a pool. Shapes: recorded answers of Prefect 3.9.1."""

from typing import Any

import pytest

from runs_app.models import Deployment, FlowRun
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import a_deployment, a_run, events_of

POOL = "/work_pools/p"


@pytest.fixture
def pool(api: ApiClient) -> Any:
    return api.post("/work_pools", {"name": "p", "type": "process"})


def names(api: ApiClient, body: Any = None) -> list[str]:
    return [queue["name"] for queue in api.post(f"{POOL}/queues/filter", body or {})]


def test_every_pool_has_its_default_queue(api: ApiClient, pool: Any) -> None:
    [queue] = api.post(f"{POOL}/queues/filter", {"work_queues": None, "limit": None, "offset": 0})

    assert (queue["id"], queue["name"]) == (pool["default_queue_id"], "default")
    assert (queue["priority"], queue["status"], queue["work_pool_name"]) == (1, "NOT_READY", "p")
    assert set(queue) >= {"filter", "last_polled", "active_slots", "concurrency_limit"}


def test_a_queue_is_made_once_with_the_next_priority(api: ApiClient, pool: Any) -> None:
    body = {"name": "q", "description": None, "is_paused": False, "priority": None, "filter": None}

    status, queue = api.call("POST", f"{POOL}/queues", body)

    assert (status, queue["priority"], queue["work_pool_id"]) == (201, 2, pool["id"])
    assert api.call("POST", f"{POOL}/queues", body)[0] == 409
    assert api.call("POST", "/work_pools/none/queues", body)[0] == 404


@pytest.mark.parametrize("path", ["/work_pools/p/queues/q", "/work_queues/{id}"])
def test_a_queue_is_read_changed_and_deleted_by_name_and_by_id(
    api: ApiClient, pool: Any, path: str
) -> None:
    made = api.post(f"{POOL}/queues", {"name": "q"})
    path = path.format(**made)

    assert api.get(path)["id"] == made["id"]
    change = {"is_paused": True, "concurrency_limit": 3, "priority": 7}
    assert api.call("PATCH", path, change) == (204, None)
    changed = api.get(path)
    assert (changed["status"], changed["concurrency_limit"], changed["priority"]) == (
        "PAUSED",
        3,
        7,
    )
    assert api.call("DELETE", path) == (204, None)
    assert api.call("GET", path)[0] == 404
    assert "paused" in [event.rpartition(".")[2] for event in events_of("work-queue")]


def test_the_default_queue_stays(api: ApiClient, pool: Any) -> None:
    status, answer = api.call("DELETE", f"{POOL}/queues/default")

    assert (status, "default queue" in answer["detail"]) == (403, True)


def test_what_stood_in_a_deleted_queue_stands_in_the_default_one(api: ApiClient) -> None:
    deployment = a_deployment(pool="p", work_queue_name="q")
    run_id = a_run(deployment)

    api.call("DELETE", f"{POOL}/queues/q")

    default = api.get(f"{POOL}/queues/default")["id"]
    assert str(FlowRun.objects.get(pk=run_id).work_queue_id) == default
    assert str(Deployment.objects.get(pk=deployment.pk).work_queue_id) == default


def test_a_deployment_that_names_a_queue_makes_it(api: ApiClient, pool: Any) -> None:
    deployment = a_deployment(pool="p", work_queue_name="fast")

    document = api.get(f"/deployments/{deployment.pk}")

    assert sorted(names(api)) == ["default", "fast"]
    assert document["work_queue_id"] == api.get(f"{POOL}/queues/fast")["id"]


def test_a_deployment_without_a_queue_stands_in_default(api: ApiClient, pool: Any) -> None:
    document = api.get(f"/deployments/{a_deployment(pool='p').pk}")

    assert (document["work_queue_name"], document["work_queue_id"]) == (
        "default",
        pool["default_queue_id"],
    )


def test_a_run_stands_in_the_queue_that_it_asks_for(api: ApiClient, pool: Any) -> None:
    deployment = a_deployment(pool="p")

    run = api.post(f"/deployments/{deployment.pk}/create_flow_run", {"work_queue_name": "urgent"})

    assert run["work_queue_name"] == "urgent"
    assert run["work_queue_id"] == api.get(f"{POOL}/queues/urgent")["id"]


def test_the_health_of_a_queue(api: ApiClient, pool: Any) -> None:
    status = api.get(f"/work_queues/{pool['default_queue_id']}/status")

    assert status == {
        "healthy": False,
        "late_runs_count": 0,
        "last_polled": None,
        "health_check_policy": {
            "maximum_late_runs": 0,
            "maximum_seconds_since_last_polled": 60,
        },
    }


def test_queues_are_filtered_by_name_and_found_in_any_pool(api: ApiClient, pool: Any) -> None:
    api.post("/work_pools", {"name": "other", "type": "process"})
    api.post("/work_pools/other/queues", {"name": "far"})

    found = api.post("/work_queues/filter", {"work_queues": {"name": {"any_": ["far"]}}})

    assert [queue["work_pool_name"] for queue in found] == ["other"]
    assert api.get("/work_queues/name/far")["id"] == found[0]["id"]
    assert api.call("GET", "/work_queues/name/none")[0] == 404
