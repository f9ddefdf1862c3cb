"""`/deployments/{id}/schedules`. Shapes: recorded answers of Prefect 3.9.1."""

from typing import Any

import pytest

from runs_app.models import DeploymentSchedule
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import SCHEMA, a_deployment, events_of

DAILY = {"cron": "0 0 * * *", "timezone": None, "day_or": True}
ANCHORED = {"interval": 3600.0, "anchor_date": "2026-11-22T12:25:40.407179Z", "timezone": "UTC"}
SENT = {
    "schedule": ANCHORED,
    "active": True,
    "max_scheduled_runs": None,
    "parameters": {},
    "slug": None,
    "replaces": None,
}


@pytest.fixture
def path(api: ApiClient) -> str:
    return f"/deployments/{a_deployment(parameter_openapi_schema=SCHEMA).pk}"


def specs(api: ApiClient, path: str) -> list[Any]:
    return [(each["slug"], each["schedule"]) for each in api.get(path)["schedules"]]


def test_schedules_are_made_as_they_were_sent(api: ApiClient, path: str) -> None:
    status, made = api.call("POST", f"{path}/schedules", [SENT])

    assert status == 201 and len(made) == 1
    assert made[0] == {**made[0], **{k: v for k, v in SENT.items() if k != "replaces"}}
    assert set(made[0]) >= {"id", "created", "updated", "deployment_id"}
    assert made == api.get(f"{path}/schedules") == api.get(path)["schedules"]
    assert events_of("deployment")[-1] == "prefect.deployment.updated"


def test_the_newest_stands_first(api: ApiClient, path: str) -> None:
    for slug in ("old", "new"):
        api.post(f"{path}/schedules", [{"schedule": DAILY, "slug": slug}])

    assert specs(api, path) == [("new", DAILY), ("old", DAILY)]


def test_one_is_changed_and_deleted(api: ApiClient, path: str) -> None:
    [made] = api.post(f"{path}/schedules", [SENT])
    one = f"{path}/schedules/{made['id']}"

    assert api.call("PATCH", one, {"active": False, "parameters": {"order_id": "7"}}) == (204, None)
    [changed] = api.get(f"{path}/schedules")
    assert (changed["active"], changed["parameters"]) == (False, {"order_id": "7"})
    assert changed["schedule"] == ANCHORED
    assert api.call("DELETE", one) == (204, None)
    assert api.get(f"{path}/schedules") == []
    assert api.call("DELETE", one)[0] == api.call("PATCH", one, {"active": True})[0] == 404


@pytest.mark.parametrize(
    ("body", "path_of_problem"),
    [
        ([{"schedule": {"cron": "0 0 30 2 *"}}], ["body", 0, "schedule", "cron"]),
        ([{"schedule": DAILY}, {"schedule": {}}], ["body", 1, "schedule"]),
        ([{"schedule": DAILY, "max_scheduled_runs": 0}], ["body", 0, "max_scheduled_runs"]),
        ([{"active": True}], ["body", 0, "schedule"]),
        ({}, ["body"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    api: ApiClient, path: str, body: Any, path_of_problem: list[Any]
) -> None:
    status, told = api.call("POST", f"{path}/schedules", body)

    assert status == 422
    assert told["exception_detail"][0]["loc"] == path_of_problem
    assert not DeploymentSchedule.objects.exists()


def test_parameters_that_could_never_run_and_a_slug_twice_are_refused(
    api: ApiClient, path: str
) -> None:
    wrong = {"schedule": DAILY, "parameters": {"amount": "much"}}
    twice = [{"schedule": DAILY, "slug": "s"}, {"schedule": DAILY, "slug": "s"}]

    assert api.call("POST", f"{path}/schedules", [wrong])[0] == 409
    assert api.call("POST", f"{path}/schedules", twice)[0] == 409
    assert api.get(f"{path}/schedules") == []


def test_a_deployment_that_does_not_exist_is_missing(api: ApiClient, path: str) -> None:
    nowhere = "/deployments/00000000-0000-4000-8000-000000000000/schedules"

    assert api.call("GET", nowhere)[0] == api.call("POST", nowhere, [SENT])[0] == 404
    assert api.call("DELETE", f"{nowhere}/00000000-0000-4000-8000-000000000000")[0] == 404


def deployed(api: ApiClient, schedules: Any) -> Any:
    flow = api.post("/flows", {"name": "orders"})
    body = {"name": "served", "flow_id": flow["id"], "schedules": schedules}
    return api.post("/deployments", body)


def test_a_deployment_is_made_with_its_schedules_and_made_again_with_others(
    api: ApiClient,
) -> None:
    first = deployed(api, [SENT, {"schedule": DAILY, "slug": "daily"}])
    again = deployed(api, [{"schedule": DAILY, "slug": "daily"}])

    assert len(first["schedules"]) == 2
    [kept] = again["schedules"]
    assert kept["id"] in {each["id"] for each in first["schedules"]}
    assert deployed(api, [])["schedules"] == []


def test_a_wrong_schedule_of_a_deployment_is_told_by_its_place(api: ApiClient) -> None:
    flow = api.post("/flows", {"name": "orders"})
    body = {"name": "served", "flow_id": flow["id"], "schedules": [{"schedule": {"cron": "x"}}]}

    status, told = api.call("POST", "/deployments", body)

    assert status == 422
    assert told["exception_detail"][0]["loc"] == ["body", "schedules", 0, "schedule", "cron"]


def test_a_patch_changes_those_whose_slugs_it_names(api: ApiClient) -> None:
    made = deployed(api, [{"schedule": ANCHORED, "slug": s} for s in ("a", "b", "c")])
    path = f"/deployments/{made['id']}"
    body = [
        {"slug": "a", "schedule": DAILY},
        {"slug": "e", "replaces": "b"},
        {"slug": "d", "schedule": DAILY},
    ]

    assert api.call("PATCH", path, {"schedules": body}) == (204, None)

    found = dict(specs(api, path))
    assert found == {"a": DAILY, "c": ANCHORED, "e": ANCHORED, "d": DAILY}
    ids = {each["slug"]: each["id"] for each in api.get(path)["schedules"]}
    assert ids["e"] == {each["slug"]: each["id"] for each in made["schedules"]}["b"]


def test_a_patch_without_slugs_replaces_those_without_and_not_those_with(api: ApiClient) -> None:
    path = f"/deployments/{deployed(api, [SENT])['id']}"

    assert api.call("PATCH", path, {"schedules": [{"schedule": DAILY, "slug": "s"}]})[0] == 204
    assert specs(api, path) == [("s", DAILY)]
    assert api.call("PATCH", path, {"schedules": [{"schedule": DAILY}]})[0] == 422
    assert api.call("PATCH", path, {"schedules": [{"slug": "unknown"}]})[0] == 422
    assert specs(api, path) == [("s", DAILY)]
