"""`/flow_runs` as Prefect's clients use it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.domain.run_request import NewFlowRun
from runs_app.models import FlowRun, FlowRunState, Log
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run, create

KEYS = {
    "id", "created", "updated", "name", "flow_id", "state_id", "deployment_id",
    "deployment_version", "work_queue_id", "work_queue_name", "flow_version", "parameters",
    "idempotency_key", "context", "empirical_policy", "tags", "labels", "parent_task_run_id",
    "state_type", "state_name", "run_count", "expected_start_time",
    "next_scheduled_start_time", "start_time", "end_time", "total_run_time",
    "estimated_run_time", "estimated_start_time_delta", "auto_scheduled",
    "infrastructure_document_id", "infrastructure_pid", "created_by", "work_pool_id",
    "work_pool_name", "state", "job_variables",
}  # fmt: skip
DETAIL_KEYS = 18


def propose(api: ApiClient, run_id: UUID, kind: str, **state: Any) -> tuple[int, Any]:
    body = {"state": {"type": kind, **state}, "force": False}
    return api.call("POST", f"/flow_runs/{run_id}/set_state", body)


def test_a_run_has_every_key(api: ApiClient) -> None:
    run = api.get(f"/flow_runs/{a_run(a_deployment(pool='flint'))}")

    assert set(run) == KEYS
    assert len(run["state"]["state_details"]) == DETAIL_KEYS
    assert (run["work_pool_name"], run["state"]["type"]) == ("flint", "SCHEDULED")


def test_what_is_not_there_is_not_found_in_prefects_words(api: ApiClient) -> None:
    assert api.call("GET", f"/flow_runs/{uuid4()}") == (404, {"detail": "Flow run not found"})


def test_an_ad_hoc_run_starts_in_the_state_it_is_given(api: ApiClient) -> None:
    flow = api.post("/flows", {"name": "orders"})
    body = {"flow_id": flow["id"], "state": {"type": "PENDING"}, "tags": None, "name": "n"}

    status, run = api.call("POST", "/flow_runs/", body)

    assert (status, run["state_name"], run["deployment_id"]) == (201, "Pending", None)
    assert (run["name"], run["labels"]) == ("n", {"prefect.flow.id": flow["id"]})


def test_an_ad_hoc_run_of_no_flow_is_not_found(api: ApiClient) -> None:
    answer = api.call("POST", "/flow_runs", {"flow_id": str(uuid4())})

    assert answer == (404, {"detail": "Flow not found"})


def test_the_states_of_a_served_run(api: ApiClient) -> None:
    run_id = a_run(a_deployment())
    key = str(uuid4())

    taken = propose(api, run_id, "PENDING", state_details={"transition_id": key})
    again = propose(api, run_id, "PENDING", state_details={"transition_id": key})
    renamed = propose(api, run_id, "PENDING", name="Submitting", message=None, data=None)
    running = propose(api, run_id, "RUNNING", state_details={"deferred": None})
    late = propose(api, run_id, "PENDING")

    answers = [(s, b["status"]) for s, b in (taken, again, renamed, running, late)]
    assert answers == [
        (201, "ACCEPT"), (200, "REJECT"), (201, "ACCEPT"), (201, "ACCEPT"), (200, "ABORT"),
    ]  # fmt: skip
    assert taken[1]["state"]["state_details"]["transition_id"] == key
    assert late[1]["details"]["type"] == "abort_details"


def test_a_run_before_its_time_is_told_how_long_to_wait(api: ApiClient) -> None:
    from project.lib.clock import utcnow

    run_id = a_run(a_deployment(), scheduled_time=utcnow() + timedelta(hours=1))

    status, body = propose(api, run_id, "RUNNING")

    assert (status, body["status"], body["details"]["delay_seconds"]) == (200, "WAIT", 3600)


def test_states_of_unknown_runs_and_unknown_states(api: ApiClient) -> None:
    assert propose(api, uuid4(), "RUNNING")[0] == 404

    status, body = propose(api, a_run(a_deployment()), "DANCING")

    assert status == 422
    assert body["exception_detail"][0]["loc"] == ["body", "state", "type"]


def test_force_bypasses_the_rules(api: ApiClient) -> None:
    run_id = a_run(a_deployment())
    body = {"state": {"type": "CANCELLED", "name": "Cancelled"}, "force": True}

    assert api.call("POST", f"/flow_runs/{run_id}/set_state", body)[0] == 201


def test_only_a_paused_run_is_resumed(api: ApiClient) -> None:
    path = f"/flow_runs/{a_run(a_deployment())}/resume"

    status, body = api.call("POST", path, {"run_input": None})

    assert (status, body["status"], body["state"]) == (200, "ABORT", None)


def test_a_patch_writes_what_is_given(api: ApiClient) -> None:
    run_id = a_run(a_deployment())
    policy = {"max_retries": 0, "retries": 2, "retry_delay": 1, "pause_keys": []}

    change = {"flow_version": "v", "empirical_policy": policy, "infrastructure_pid": "host:1"}
    assert api.call("PATCH", f"/flow_runs/{run_id}", change) == (204, None)

    run = api.get(f"/flow_runs/{run_id}")
    assert (run["flow_version"], run["empirical_policy"]) == ("v", policy)
    assert run["name"]
    assert api.call("PATCH", f"/flow_runs/{uuid4()}", {"flow_version": "v"})[0] == 404


def test_labels_are_added(api: ApiClient) -> None:
    run_id = a_run(a_deployment())

    assert api.call("PATCH", f"/flow_runs/{run_id}/labels", {"k": 1}) == (204, None)

    labels = api.get(f"/flow_runs/{run_id}")["labels"]
    assert labels["k"] == 1 and "prefect.flow.id" in labels


def scene() -> dict[str, UUID]:
    """Three runs: one waiting with tags, one cancelled, one of another flow and later."""
    one, other = a_deployment("one", flow="f1", pool="flint"), a_deployment("two", flow="f2")
    creator = {"id": str(UUID(int=7)), "type": "AUTOMATION", "display_value": "auto"}
    later = NOW + timedelta(hours=1)
    return {
        "first": a_run(one, NOW, name="first", tags=["x", "y"], created_by=creator),
        "second": a_run(
            one, NOW + timedelta(seconds=1), name="second", state={"type": "CANCELLED"}
        ),
        "third": a_run(
            other, NOW + timedelta(seconds=2), name="third", scheduled_time=later,
            idempotency_key="k3",
        ),
    }  # fmt: skip


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no filter": ({}, ["third", "second", "first"]),
    "nulls": (
        {"flows": None, "task_runs": None, "sort": None, "limit": None, "offset": 0},
        ["third", "second", "first"],
    ),
    "state type": ({"flow_runs": {"state": {"type": {"any_": ["CANCELLED"]}}}}, ["second"]),
    "not the type": (
        {"flow_runs": {"state": {"type": {"not_any_": ["SCHEDULED"]}}}},
        ["second"],
    ),
    "state name": ({"flow_runs": {"state": {"name": {"any_": ["Cancelled"]}}}}, ["second"]),
    "name": ({"flow_runs": {"name": {"any_": ["first", "third"]}}}, ["third", "first"]),
    "like": ({"flow_runs": {"name": {"like_": "IR"}}}, ["third", "first"]),
    "tags": ({"flow_runs": {"tags": {"all_": ["x", "y"]}}}, ["first"]),
    "key": ({"flow_runs": {"idempotency_key": {"any_": ["k3"]}}}, ["third"]),
    "creator": ({"flow_runs": {"created_by": {"type_": ["AUTOMATION"]}}}, ["first"]),
    "creator's id": ({"flow_runs": {"created_by": {"id_": [str(UUID(int=7))]}}}, ["first"]),
    "due before": (
        {"flow_runs": {"next_scheduled_start_time": {"before_": "2026-03-01T12:30:00Z"}}},
        ["first"],
    ),
    "expected after": (
        {"flow_runs": {"expected_start_time": {"after_": "2026-03-01T12:30:00"}}},
        ["third"],
    ),
    "has ended": ({"flow_runs": {"end_time": {"is_null_": False}}}, ["second"]),
    "flow": ({"flows": {"name": {"any_": ["f1"]}}}, ["second", "first"]),
    "deployment": ({"deployments": {"name": {"like_": "tw"}}}, ["third"]),
    "pool": ({"work_pools": {"type": {"any_": ["flint"]}}}, ["second", "first"]),
    "either": (
        {
            "flow_runs": {
                "operator": "or_",
                "name": {"any_": ["first"]},
                "state": {"type": {"any_": ["CANCELLED"]}},
            }
        },
        ["second", "first"],
    ),
    "task runs": ({"flow_runs": {"parent_flow_run_id": {"any_": [str(uuid4())]}}}, []),
    "by expected": ({"sort": "EXPECTED_START_TIME_ASC"}, ["first", "second", "third"]),
    "by start": ({"sort": "START_TIME_DESC"}, ["third", "second", "first"]),
    "by name": ({"sort": "NAME_ASC", "limit": 2}, ["first", "second"]),
    "by due": ({"sort": "NEXT_SCHEDULED_START_TIME_ASC"}, ["first", "third", "second"]),
    "by end": ({"sort": "END_TIME_DESC", "limit": 1}, ["second"]),
    "page": ({"offset": 1, "limit": 1}, ["second"]),
    "empty page": ({"limit": 0}, []),
}


@pytest.mark.parametrize(("body", "names"), FILTERS.values(), ids=FILTERS)
def test_filters_and_sorts(api: ApiClient, body: Any, names: list[str]) -> None:
    scene()

    assert [run["name"] for run in api.post("/flow_runs/filter", body)] == names


@pytest.mark.parametrize(
    ("field", "sign"), [("id", "any_"), ("id", "not_any_"), ("deployment_id", "any_")]
)
def test_filters_by_id(api: ApiClient, field: str, sign: str) -> None:
    runs = scene()
    first = FlowRun.objects.get(pk=runs["first"])
    value = str(first.pk if field == "id" else first.deployment_id)

    found = api.post("/flow_runs/filter", {"flow_runs": {field: {sign: [value]}}})

    names = {("id", "any_"): ["first"], ("id", "not_any_"): ["third", "second"]}
    wanted = names.get((field, sign), ["second", "first"])
    assert [run["name"] for run in found] == wanted


def test_runs_of_a_deployment_are_counted(api: ApiClient) -> None:
    scene()
    deployment = api.get("/deployments/name/f1/one")

    body = {"deployments": {"id": {"any_": [deployment["id"]]}}}

    assert api.post("/flow_runs/count", body) == 2


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"limit": 201}, ["body", "limit"]),
        ({"offset": -1}, ["body", "offset"]),
        ({"sort": "SIDEWAYS"}, ["body", "sort"]),
        ({"flow_runs": {"nmae": {"any_": []}}}, ["body", "flow_runs", "nmae"]),
        ({"flow_runs": {"id": {"any_": ["x"]}}}, ["body", "flow_runs", "id", "any_", 0]),
    ],
    ids=["limit", "offset", "sort", "unknown key", "no id"],
)
def test_what_cannot_be_asked_is_told(api: ApiClient, body: Any, loc: list[Any]) -> None:
    status, answer = api.call("POST", "/flow_runs/filter", body)

    assert (status, answer["exception_detail"][0]["loc"]) == (422, loc)


def test_a_page_takes_two_queries_whatever_its_length(api: ApiClient) -> None:
    deployment = a_deployment(pool="flint")
    create(*[NewFlowRun(deployment_id=deployment.pk) for _ in range(30)])
    api.post("/flow_runs/count")  # the key is known from now on

    with CaptureQueriesContext(connection) as queries:
        assert len(api.post("/flow_runs/filter", {"sort": "ID_DESC"})) == 30

    assert len(queries) == 2


def test_runs_are_deleted_in_bulk_with_states_and_logs(api: ApiClient) -> None:
    deployment, other = a_deployment("a"), a_deployment("b")
    create(*[NewFlowRun(deployment_id=deployment.pk) for _ in range(30)])
    kept = a_run(other)
    Log.objects.create(
        flow_run_id=FlowRun.objects.filter(deployment=deployment)[0].pk,
        name="n", level=20, message="m", timestamp=NOW,
    )  # fmt: skip
    body = {"flow_runs": {"deployment_id": {"any_": [str(deployment.pk)]}}, "limit": 50}

    with CaptureQueriesContext(connection) as queries:
        deleted = api.post("/flow_runs/bulk_delete", body)["deleted"]

    assert len(deleted) == 30 and len(queries) < 11
    assert [run.pk for run in FlowRun.objects.all()] == [kept]
    assert (FlowRunState.objects.count(), Log.objects.count()) == (1, 0)
    assert api.post("/flow_runs/bulk_delete", body) == {"deleted": []}


def test_a_bulk_deletion_without_a_filter_is_refused(api: ApiClient) -> None:
    assert api.call("POST", "/flow_runs/bulk_delete", {})[0] == 422


def test_a_run_is_deleted_once(api: ApiClient) -> None:
    run_id = a_run(a_deployment())

    assert api.call("DELETE", f"/flow_runs/{run_id}") == (204, None)
    assert api.call("DELETE", f"/flow_runs/{run_id}")[0] == 404
