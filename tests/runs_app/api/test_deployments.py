"""`/deployments` as Prefect's clients use it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from project.lib.clock import utcnow
from runs_app.models import Deployment, FlowRun
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import SCHEMA, a_deployment, a_run

# What flow.serve() sends, with its nulls.
SERVED: dict[str, Any] = {
    "name": "served",
    "paused": False,
    "schedules": [],
    "concurrency_limit": None,
    "concurrency_options": None,
    "enforce_parameter_schema": True,
    "parameter_openapi_schema": SCHEMA,
    "parameters": {},
    "tags": ["t1"],
    "labels": {},
    "work_queue_name": None,
    "storage_document_id": None,
    "infrastructure_document_id": None,
    "description": "None",
    "path": ".",
    "entrypoint": "flows.py:orders",
    "job_variables": {},
    "version": "v1",
    "version_info": {"type": "prefect:simple", "version": "v1"},
}
KEYS = {
    "id", "created", "updated", "name", "version", "description", "flow_id", "paused",
    "schedules", "concurrency_limit", "global_concurrency_limit", "concurrency_options",
    "job_variables", "parameters", "tags", "labels", "work_queue_name", "work_queue_id",
    "last_polled", "parameter_openapi_schema", "path", "pull_steps", "entrypoint",
    "storage_document_id", "infrastructure_document_id", "created_by", "updated_by",
    "work_pool_name", "status", "enforce_parameter_schema",
}  # fmt: skip


def served(api: ApiClient, **changes: Any) -> tuple[int, Any]:
    flow = api.post("/flows", {"name": "orders"})
    return api.call("POST", "/deployments/", SERVED | {"flow_id": flow["id"]} | changes)


def test_a_deployment_is_made_with_every_key(api: ApiClient) -> None:
    status, deployment = served(api)

    assert status == 201
    assert set(deployment) >= KEYS
    assert deployment["labels"] == {"prefect.flow.id": deployment["flow_id"]}
    assert (deployment["status"], deployment["tags"]) == ("NOT_READY", ["t1"])


def test_the_same_name_changes_what_is_given_and_keeps_the_rest(api: ApiClient) -> None:
    _, first = served(api, paused=True)

    body = {"name": "served", "flow_id": first["flow_id"], "version": "v2"}
    status, second = api.call("POST", "/deployments", body)

    assert status == 200
    assert (second["id"], second["version"], second["paused"]) == (first["id"], "v2", True)


def test_a_deployment_is_read_by_id_and_by_name(api: ApiClient) -> None:
    _, deployment = served(api, name="served: daily, #1 äöü")

    path = "/deployments/name/orders/served%3A%20daily%2C%20%231%20%C3%A4%C3%B6%C3%BC"

    assert api.get(f"/deployments/{deployment['id']}") == deployment
    assert api.get(path) == deployment


@pytest.mark.parametrize("path", ["/name/orders/none", "/00000000-0000-4000-8000-000000000000"])
def test_what_is_not_there_is_not_found_in_prefects_words(api: ApiClient, path: str) -> None:
    answer = api.call("GET", f"/deployments{path}")

    assert answer == (404, {"detail": "Deployment not found"})


def test_a_patch_with_nulls_changes_what_is_given(api: ApiClient) -> None:
    _, deployment = served(api)
    change = {"description": None, "tags": ["t2"], "work_pool_name": None, "pull_steps": None}

    assert api.call("PATCH", f"/deployments/{deployment['id']}", change) == (204, None)

    after = api.get(f"/deployments/{deployment['id']}")
    assert (after["description"], after["tags"], after["version"]) == (None, ["t2"], "v1")


def test_a_pool_that_does_not_exist_is_told(api: ApiClient) -> None:
    assert served(api, work_pool_name="none") == (
        404,
        {"detail": 'Work pool "none" not found.'},
    )
    assert not Deployment.objects.exists()


def test_a_flow_that_does_not_exist_is_told(api: ApiClient) -> None:
    assert served(api, flow_id=str(uuid4())) == (404, {"detail": "Flow not found"})


def test_a_broken_schema_is_told_with_its_place(api: ApiClient) -> None:
    schema = {"properties": {"p": {"type": "integr"}}}

    status, body = served(api, parameter_openapi_schema=schema)

    assert status == 422
    assert body["exception_detail"][0]["loc"] == [
        "body", "parameter_openapi_schema", "properties", "p", "type",
    ]  # fmt: skip


def test_parameters_that_contradict_the_schema_are_a_conflict(api: ApiClient) -> None:
    status, body = served(api, parameters={"count": "many"})

    assert status == 409
    assert body["detail"].startswith("Error creating deployment: Validation failed for field")


@pytest.mark.parametrize(("verb", "paused"), [("pause", True), ("resume", False)])
def test_pausing_and_resuming(api: ApiClient, verb: str, paused: bool) -> None:
    deployment = a_deployment(paused=not paused)

    answer = api.call("POST", f"/deployments/{deployment.pk}/{verb}_deployment")

    assert answer == (200, None)
    assert api.get(f"/deployments/{deployment.pk}")["paused"] is paused


def test_a_run_is_made_as_the_command_line_asks_for_it(api: ApiClient) -> None:
    deployment = a_deployment(tags=["t1"], version="v1")
    later = (utcnow() + timedelta(hours=1)).isoformat()
    details = {"scheduled_time": later, "traceparent": None}
    state = {"type": "SCHEDULED", "name": "Scheduled", "message": None, "data": None}
    body: dict[str, Any] = {
        "state": state | {"state_details": details},
        "name": None, "parameters": {"order_id": "cli"}, "context": {}, "tags": [],
        "idempotency_key": None, "parent_task_run_id": None, "job_variables": {}, "labels": {},
    }  # fmt: skip

    status, run = api.call("POST", f"/deployments/{deployment.pk}/create_flow_run", body)

    assert (status, run["tags"], run["parameters"]) == (201, ["t1"], {"order_id": "cli"})
    assert run["expected_start_time"] == later.replace("+00:00", "Z")
    assert run["state"]["state_details"]["scheduled_time"] == later.replace("+00:00", "Z")


def test_the_same_key_gives_the_same_run_with_200(api: ApiClient) -> None:
    path = f"/deployments/{a_deployment().pk}/create_flow_run"

    first = api.call("POST", path, {"idempotency_key": "k"})
    again = api.call("POST", path, {"idempotency_key": "k"})

    assert (first[0], again[0]) == (201, 200)
    assert first[1]["id"] == again[1]["id"]


def test_parameters_that_do_not_fit_are_a_conflict(api: ApiClient) -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)
    path = f"/deployments/{deployment.pk}/create_flow_run"

    status, body = api.call("POST", path, {"parameters": {"count": "12"}})

    assert status == 409
    assert body["detail"] == (
        "Error creating flow run: Validation failed for field 'count'. "
        "Failure reason: '12' is not of type 'integer'"
    )
    assert not FlowRun.objects.exists()


def test_a_run_of_nothing_is_not_found(api: ApiClient) -> None:
    answer = api.call("POST", f"/deployments/{uuid4()}/create_flow_run", {})

    assert answer == (404, {"detail": "Deployment not found"})


def test_polling_gives_what_is_due_and_is_a_sign_of_life(api: ApiClient) -> None:
    deployment, now = a_deployment(), utcnow()
    late, soon = (a_run(deployment, scheduled_time=now + timedelta(seconds=s)) for s in (-9, 5))
    a_run(deployment, scheduled_time=now + timedelta(hours=1))
    before = str(now + timedelta(seconds=10))

    body = {"deployment_ids": [str(deployment.pk)], "scheduled_before": before}
    runs = api.post("/deployments/get_scheduled_flow_runs", body)

    assert [run["id"] for run in runs] == [str(late), str(soon)]
    assert api.get(f"/deployments/{deployment.pk}")["status"] == "READY"


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nulls": ({"flows": None, "limit": None, "offset": 0, "work_pool_queues": None}, ["a", "b"]),
    "flow": ({"flows": {"name": {"any_": ["other"]}}}, ["b"]),
    "tag": ({"deployments": {"tags": {"all_": ["x"]}}}, ["a"]),
    "any tag": ({"deployments": {"tags": {"any_": ["x", "y"]}}}, ["a"]),
    "no tag": ({"deployments": {"tags": {"is_null_": True}}}, ["b"]),
    "paused": ({"deployments": {"paused": {"eq_": True}}}, ["b"]),
    "either name": ({"deployments": {"flow_or_deployment_name": {"like_": "oth"}}}, ["b"]),
    "pool": ({"work_pools": {"name": {"any_": ["flint"]}}}, ["a"]),
    "runs": ({"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}, ["a"]),
    "descending": ({"sort": "NAME_DESC"}, ["b", "a"]),
}


@pytest.mark.parametrize(("body", "names"), FILTERS.values(), ids=FILTERS)
def test_filters(api: ApiClient, body: Any, names: list[str]) -> None:
    a_run(a_deployment("a", flow="orders", tags=["x"], pool="flint"))
    a_deployment("b", flow="other", paused=True)

    assert [each["name"] for each in api.post("/deployments/filter", body)] == names


def test_deployments_are_counted(api: ApiClient) -> None:
    a_deployment()

    assert api.post("/deployments/count", {"deployments": None}) == 1


def test_a_deleted_deployment_leaves_its_runs(api: ApiClient) -> None:
    deployment = a_deployment()
    run_id = a_run(deployment)

    assert api.call("DELETE", f"/deployments/{deployment.pk}") == (204, None)
    assert api.get(f"/flow_runs/{run_id}")["deployment_id"] is None


EVIL = {"env": {"PYTHONPATH": "/tmp", "STAGE": "test"}}
PLACE = ["body", "job_variables", "env", "PYTHONPATH"]


def pools(api: ApiClient) -> None:
    api.post("/work_pools", {"name": "own", "type": "flint"})
    api.post("/work_pools", {"name": "theirs", "type": "process"})


def test_variables_that_choose_code_are_refused_where_flint_executes(api: ApiClient) -> None:
    pools(api)

    status, refused = served(api, work_pool_name="own", job_variables=EVIL)
    taken, _ = served(api, work_pool_name="theirs", job_variables=EVIL)

    assert (status, [one["loc"] for one in refused["exception_detail"]]) == (422, [PLACE])
    assert "decides which code or program runs" in refused["exception_detail"][0]["msg"]
    assert taken == 201


def test_so_are_they_when_a_deployment_moves_there_or_is_changed(api: ApiClient) -> None:
    pools(api)
    _, theirs = served(api, work_pool_name="theirs", job_variables=EVIL)
    path = f"/deployments/{theirs['id']}"

    moved, answer = api.call("PATCH", path, {"work_pool_name": "own"})
    upserted, _ = served(api, work_pool_name="own", job_variables=EVIL)
    cleaned, _ = api.call("PATCH", path, {"work_pool_name": "own", "job_variables": {}})
    changed, _ = api.call("PATCH", path, {"job_variables": EVIL})

    assert (moved, answer["exception_detail"][0]["loc"]) == (422, PLACE)
    assert (upserted, cleaned, changed) == (422, 204, 422)


def test_a_deployment_of_before_can_still_be_paused_and_described(api: ApiClient) -> None:
    pools(api)
    _, own = served(api, work_pool_name="own")
    Deployment.objects.filter(pk=own["id"]).update(job_variables=EVIL)

    assert api.call("PATCH", f"/deployments/{own['id']}", {"description": "x"})[0] == 204
    assert api.call("POST", f"/deployments/{own['id']}/pause_deployment")[0] == 200


def test_a_run_sets_no_such_variables_either(api: ApiClient) -> None:
    pools(api)
    _, own = served(api, work_pool_name="own")
    _, theirs = served(api, name="other", work_pool_name="theirs")
    body = {"job_variables": EVIL}

    refused, answer = api.call("POST", f"/deployments/{own['id']}/create_flow_run", body)
    taken, _ = api.call("POST", f"/deployments/{theirs['id']}/create_flow_run", body)
    run = api.post(f"/deployments/{own['id']}/create_flow_run")
    adhoc = {"flow_id": own["flow_id"], "deployment_id": own["id"], **body}

    assert (refused, answer["exception_detail"][0]["loc"]) == (422, PLACE)
    assert taken == 201
    assert api.call("POST", "/flow_runs", adhoc)[0] == 422
    assert api.call("PATCH", f"/flow_runs/{run['id']}", body)[0] == 422
    assert api.call("PATCH", f"/flow_runs/{run['id']}", {"job_variables": {"env": {}}})[0] == 204


def test_the_template_of_a_pool_sets_no_such_variables(api: ApiClient) -> None:
    template = {"job_configuration": {"env": {"LD_PRELOAD": "/x.so"}}}
    pools(api)

    def status(method: str, path: str, **body: Any) -> int:
        return api.call(method, path, body | {"base_job_template": template})[0]

    assert status("POST", "/work_pools", name="new", type="flint") == 422
    assert status("PATCH", "/work_pools/own") == 422
    assert status("POST", "/work_pools", name="new", type="docker") == 201
    assert status("PATCH", "/work_pools/theirs") == 204
