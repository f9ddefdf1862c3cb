"""Workers of a pool: heartbeats, and the runs that they are handed."""

from datetime import timedelta
from typing import Any

import pytest

from project.lib.clock import utcnow
from runs_app.models import FlowRun, Worker, WorkPool, WorkQueue
from runs_app.services import claiming, queues, workers
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run, events_of

POOL = "/work_pools/p"
SOON = timedelta(seconds=9)


@pytest.fixture
def pool(api: ApiClient) -> Any:
    return api.post("/work_pools", {"name": "p", "type": "process"})


def handed(api: ApiClient, **asked: Any) -> list[str]:
    body = {"work_queue_names": [], "scheduled_before": str(utcnow()), **asked}
    return [one["flow_run"]["name"] for one in api.post(f"{POOL}/get_scheduled_flow_runs", body)]


def test_a_worker_is_online_and_makes_its_pool_ready(api: ApiClient, pool: Any) -> None:
    body = {"name": "w", "heartbeat_interval_seconds": 30}

    assert api.call("POST", f"{POOL}/workers/heartbeat", body) == (204, None)

    [worker] = api.post(f"{POOL}/workers/filter", {"workers": {"status": {"any_": ["ONLINE"]}}})
    assert (worker["name"], worker["status"]) == ("w", "ONLINE")
    assert worker["work_pool_id"] == pool["id"]
    assert api.get(POOL)["status"] == "READY"
    assert events_of("work-pool")[-1] == "prefect.work-pool.ready"


def test_a_worker_that_is_not_heard_of_is_gone_and_its_pool_is_not_ready(
    api: ApiClient, pool: Any
) -> None:
    api.call("POST", f"{POOL}/workers/heartbeat", {"name": "w", "heartbeat_interval_seconds": 10})

    assert workers.note_gone(now=utcnow() + timedelta(seconds=29)) == 0
    assert workers.note_gone(now=utcnow() + timedelta(seconds=31)) == 1

    [worker] = api.post(f"{POOL}/workers/filter", {"workers": {"status": {"any_": ["OFFLINE"]}}})
    assert worker["name"] == "w"
    assert api.get(POOL)["status"] == "NOT_READY"
    assert events_of("work-pool")[-1] == "prefect.work-pool.not-ready"


def test_a_worker_is_deleted(api: ApiClient, pool: Any) -> None:
    api.call("POST", f"{POOL}/workers/heartbeat", {"name": "w"})

    assert api.call("DELETE", f"{POOL}/workers/w") == (204, None)
    assert api.call("DELETE", f"{POOL}/workers/w")[0] == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("workers/heartbeat", {"name": "w"}),
        ("workers/filter", {}),
        ("get_scheduled_flow_runs", {}),
        ("queues/filter", {}),
    ],
)
def test_a_pool_that_does_not_exist_is_named(api: ApiClient, path: str, body: Any) -> None:
    assert api.call("POST", f"/work_pools/none/{path}", body) == (
        404,
        {"detail": 'Work pool "none" not found.'},
    )


def test_runs_that_are_due_are_handed_out_the_longest_due_first(api: ApiClient, pool: Any) -> None:
    deployment = a_deployment(pool="p")
    for name, minutes in (("second", 2), ("first", 1)):
        a_run(deployment, name=name, scheduled_time=NOW + timedelta(minutes=minutes))
    a_run(deployment, name="later", scheduled_time=utcnow() + timedelta(hours=1))

    assert handed(api) == ["first", "second"]
    assert handed(api, limit=1) == ["first"]
    assert handed(api, work_queue_names=["none"]) == []


def test_the_answer_names_pool_and_queue(api: ApiClient, pool: Any) -> None:
    run_id = a_run(a_deployment(pool="p"))

    [found] = api.post(f"{POOL}/get_scheduled_flow_runs", {})

    assert found["work_pool_id"] == pool["id"]
    assert found["work_queue_id"] == pool["default_queue_id"]
    assert found["flow_run"]["id"] == str(run_id)


def test_queues_of_a_lower_number_come_first(api: ApiClient, pool: Any) -> None:
    a_run(a_deployment("a", pool="p"), name="by default")
    a_run(a_deployment("b", pool="p", work_queue_name="urgent"), name="urgent")
    WorkQueue.objects.filter(name="urgent").update(priority=0)

    assert handed(api) == ["urgent", "by default"]


@pytest.mark.parametrize("what", ["pool", "queue"])
def test_nothing_is_handed_out_of_what_is_paused(api: ApiClient, pool: Any, what: str) -> None:
    a_run(a_deployment(pool="p"))
    path = POOL if what == "pool" else f"{POOL}/queues/default"

    api.call("PATCH", path, {"is_paused": True})
    assert handed(api) == []

    api.call("PATCH", path, {"is_paused": False})
    assert len(handed(api)) == 1


@pytest.mark.parametrize("what", ["pool", "queue"])
def test_no_more_is_handed_out_than_a_limit_leaves_room_for(
    api: ApiClient, pool: Any, what: str
) -> None:
    deployment = a_deployment(pool="p")
    for number in range(4):
        a_run(deployment, name=str(number))
    FlowRun.objects.filter(name="0").update(state_type="RUNNING")
    path = POOL if what == "pool" else f"{POOL}/queues/default"

    for limit, handed_out in ((1, 0), (3, 2), (9, 3)):
        api.call("PATCH", path, {"concurrency_limit": limit})
        assert len(handed(api)) == handed_out


def test_asking_makes_queues_ready_until_nobody_asks_any_more(api: ApiClient, pool: Any) -> None:
    handed(api)
    assert api.get(f"{POOL}/queues/default")["status"] == "READY"
    handed(api)

    assert queues.note_left(now=utcnow() + timedelta(seconds=61)) == 1
    assert [name for name in events_of("work-queue") if "ready" in name] == [
        "prefect.work-queue.ready",
        "prefect.work-queue.not-ready",
    ]


def test_a_poll_asks_five_queries_whatever_waits(
    api: ApiClient, pool: Any, django_assert_num_queries: Any
) -> None:
    deployment = a_deployment(pool="p")
    for _ in range(20):
        a_run(deployment)
    now = utcnow()
    workers.scheduled_flow_runs("p", queue_names=[], before=now, limit=0, now=now)

    with django_assert_num_queries(5):  # queues, their polls, due, runs, states
        listed = workers.scheduled_flow_runs("p", queue_names=[], before=now, limit=50, now=now)

    assert listed is not None and len(listed) == 20


def test_a_poll_in_vain_and_a_heartbeat_cost_hardly_anything(
    api: ApiClient, pool: Any, django_assert_num_queries: Any
) -> None:
    now = utcnow()
    for _ in range(2):
        workers.heartbeat("p", "w", 30, now=now)
        workers.scheduled_flow_runs("p", queue_names=["default"], before=now, limit=9, now=now)

    with django_assert_num_queries(3):  # queues, their polls, due
        workers.scheduled_flow_runs("p", queue_names=["default"], before=now, limit=9, now=now)
    with django_assert_num_queries(1):
        assert workers.heartbeat("p", "w", 15, now=now + timedelta(seconds=9))

    worker = Worker.objects.get()
    assert (worker.heartbeat_interval_seconds, worker.last_heartbeat) == (15, now + SOON)


def test_a_worker_that_was_gone_makes_its_pool_ready_again(api: ApiClient, pool: Any) -> None:
    workers.heartbeat("p", "w", 30, now=NOW)
    assert workers.note_gone(now=NOW + timedelta(minutes=5)) == 1
    assert api.get(POOL)["status"] == "NOT_READY"

    workers.heartbeat("p", "w", 30, now=NOW + timedelta(minutes=6))

    assert api.get(POOL)["status"] == "READY"
    assert Worker.objects.get().online


def test_the_types_of_pools_are_told(api: ApiClient) -> None:
    found = api.get("/collections/views/aggregate-worker-metadata")

    process = found["prefect"]["process"]
    assert process["type"] == "process"
    assert set(process["default_base_job_configuration"]) == {"job_configuration", "variables"}
    assert api.call("GET", "/collections/views/none")[0] == 404


def test_limits_hold_for_pools_that_flint_executes(api: ApiClient) -> None:
    deployment = a_deployment(pool="flint")
    for _ in range(3):
        a_run(deployment)
    WorkPool.objects.filter(name="flint").update(concurrency_limit=2)

    claims = [claiming.claim_next("e", now=NOW) for _ in range(3)]

    assert [claim is not None for claim in claims] == [True, True, False]
