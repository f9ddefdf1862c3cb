"""`/…/bulk_…`: one thing done to many."""

from typing import Any
from uuid import uuid4

import pytest

from runs_app.models import Deployment, Flow, FlowRun
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import SCHEMA, a_deployment, a_run, run_events


def test_flows_are_deleted_by_a_filter(api: ApiClient) -> None:
    gone = a_deployment("a", flow="gone")
    a_deployment("b", flow="kept")

    answer = api.post("/flows/bulk_delete", {"flows": {"name": {"any_": ["gone", "none"]}}})

    assert answer == {"deleted": [str(gone.flow_id)]}
    assert [flow.name for flow in Flow.objects.all()] == ["kept"]
    assert [deployment.name for deployment in Deployment.objects.all()] == ["b"]


def test_deployments_are_deleted_by_a_filter(api: ApiClient) -> None:
    gone = [a_deployment(name) for name in ("a", "b")]
    a_deployment("c", tags=["kept"])

    body = {"deployments": {"tags": {"is_null_": True}}, "limit": 1}
    first = api.post("/deployments/bulk_delete", body)
    second = api.post("/deployments/bulk_delete", body)

    deleted = {*first["deleted"], *second["deleted"]}
    assert deleted == {str(each.pk) for each in gone}
    assert [deployment.name for deployment in Deployment.objects.all()] == ["c"]


def test_each_run_answers_for_the_state_that_it_is_to_enter(api: ApiClient) -> None:
    waiting, done = a_run(a_deployment()), a_run(a_deployment())
    FlowRun.objects.filter(pk=done).update(state_type="COMPLETED", state_name="Completed")
    before = len(run_events())

    ids = [str(waiting), str(done)]
    body = {"flow_runs": {"id": {"any_": ids}}, "state": {"type": "CANCELLED"}}
    results = api.post("/flow_runs/bulk_set_state", body)["results"]

    by_id = {each["flow_run_id"]: each for each in results}
    assert by_id[ids[0]]["status"] == "ACCEPT"
    assert by_id[ids[0]]["state"]["type"] == "CANCELLED"
    assert set(by_id) == set(ids)
    assert len(run_events()) > before


def test_runs_are_made_at_once_and_refused_one_by_one(api: ApiClient) -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)
    runs: list[dict[str, Any]] = [
        {"parameters": {"count": 1}, "name": "first"},
        {"parameters": {"count": "many"}},
        {"idempotency_key": "once"},
    ]

    path = f"/deployments/{deployment.pk}/create_flow_run/bulk"
    results = api.post(path, runs)["results"]

    assert [each["status"] for each in results] == ["CREATED", "FAILED", "CREATED"]
    assert "many" in results[1]["error"]
    assert FlowRun.objects.count() == 2
    assert api.get(f"/flow_runs/{results[0]['flow_run_id']}")["name"] == "first"


def test_no_runs_of_nothing_and_never_too_many(api: ApiClient) -> None:
    deployment = a_deployment()
    path = f"/deployments/{deployment.pk}/create_flow_run/bulk"

    assert api.post(path, []) == {"results": []}
    assert api.call("POST", path, [{}] * 101)[0] == 400
    assert api.call("POST", f"/deployments/{uuid4()}/create_flow_run/bulk", [])[0] == 404
    assert not FlowRun.objects.exists()


@pytest.mark.parametrize(
    "path", ["/flows/bulk_delete", "/deployments/bulk_delete", "/flow_runs/bulk_set_state"]
)
def test_what_is_to_be_chosen_must_be_said(api: ApiClient, path: str) -> None:
    """Prefect's server takes everything where no filter is sent."""
    a_deployment()

    assert api.call("POST", path, {"state": {"type": "CANCELLED"}})[0] == 422
    assert Flow.objects.count() == Deployment.objects.count() == 1
