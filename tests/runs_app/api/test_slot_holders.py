"""`/…/concurrency_status`, and what else tells of slots of pools and queues."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.models import FlowRun, WorkQueue
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import a_deployment, a_run


@pytest.fixture
def queue(api: ApiClient) -> dict[str, Any]:
    """A pool of two places; three runs of its queue `fast`, two of them under way."""
    api.call("POST", "/work_pools/", {"name": "p", "type": "process", "concurrency_limit": 2})
    body = {"name": "fast", "concurrency_limit": 5}
    made: dict[str, Any] = api.post("/work_pools/p/queues", body)
    deployment = a_deployment(work_pool_name="p", work_queue_name="fast")
    for state_type in ("RUNNING", "PENDING", "SCHEDULED"):
        run_id = a_run(deployment)
        FlowRun.objects.filter(pk=run_id).update(state_type=state_type, state_name=state_type)
    return made


def test_a_pool_tells_who_holds_its_slots(api: ApiClient, queue: dict[str, Any]) -> None:
    status = api.post("/work_pools/p/concurrency_status", {"page": 1, "flow_run_limit": 1})

    by_name = {each["queue_name"]: each for each in status.pop("queues")}
    assert status == {
        "active_slots": 2, "concurrency_limit": 2, "count": 2, "limit": 200, "pages": 1, "page": 1,
    }  # fmt: skip
    assert by_name["default"]["active_slots"] == 0
    fast = by_name["fast"]
    assert (fast["queue_id"], fast["concurrency_limit"]) == (queue["id"], 5)
    assert (fast["active_slots"], fast["flow_run_count"], len(fast["flow_runs"])) == (2, 2, 1)
    assert fast["flow_runs"][0].keys() == {
        "id", "name", "state_type", "state_name", "start_time", "state_timestamp",
        "time_in_current_state",
    }  # fmt: skip


def test_a_queue_tells_who_holds_its_slots(api: ApiClient, queue: dict[str, Any]) -> None:
    status = api.post(f"/work_queues/{queue['id']}/concurrency_status", {"limit": 1, "page": 2})

    assert (status["active_slots"], status["count"], status["pages"]) == (2, 2, 2)
    assert len(status["flow_runs"]) == 1
    assert status["flow_runs"][0]["time_in_current_state"] > 0


def test_slots_in_use_are_told_of_queues_with_a_limit(
    api: ApiClient, queue: dict[str, Any]
) -> None:
    listed = api.post("/work_pools/p/queues/filter")

    assert {each["name"]: each["active_slots"] for each in listed} == {"default": None, "fast": 2}
    assert api.get(f"/work_queues/{queue['id']}")["active_slots"] == 2
    assert queue["active_slots"] == 0
    assert api.get("/work_pools/p")["active_slots"] == 2


@pytest.mark.usefixtures("queue")
def test_a_pool_costs_the_same_however_many_queues(api: ApiClient) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            api.post("/work_pools/p/concurrency_status")
        return len(queries)

    cost()
    few = cost()
    for number in range(5):
        api.post("/work_pools/p/queues", {"name": f"q{number}"})

    assert cost() == few == 6


def test_unknown_pools_and_queues_are_not_found(api: ApiClient) -> None:
    assert api.call("POST", "/work_pools/none/concurrency_status", {})[0] == 404
    assert api.call("POST", f"/work_queues/{uuid4()}/concurrency_status", {})[0] == 404
    assert api.call("POST", f"/work_queues/{uuid4()}/get_runs", {})[0] == 404


def test_the_runs_of_a_queue_are_handed_out_by_its_id(
    api: ApiClient, queue: dict[str, Any]
) -> None:
    api.call("PATCH", "/work_pools/p", {"concurrency_limit": 3})

    runs = api.post(f"/work_queues/{queue['id']}/get_runs", {"limit": 5})

    assert [run["state_type"] for run in runs] == ["SCHEDULED"]


def test_a_queue_without_a_pool_goes_into_that_of_agents(api: ApiClient) -> None:
    made = api.post("/work_queues/", {"name": "old"})
    again = api.call("POST", "/work_queues/", {"name": "old"})

    assert made["work_pool_name"] == "default-agent-pool"
    assert again[0] == 409
    assert WorkQueue.objects.filter(name="old").count() == 1


@pytest.mark.usefixtures("queue")
def test_pools_are_counted(api: ApiClient) -> None:
    assert api.post("/work_pools/count", {"work_pools": {"name": {"any_": ["p", "q"]}}}) == 1
    assert api.post("/work_pools/count", {"work_pools": {"name": {"any_": ["q"]}}}) == 0
