"""The contract of `/automations`. Source: recorded traffic of Prefect 3.9.1."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triggers_app.api.conftest import Call
from triggers_app.models import Automation, AutomationVersion

TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["x"]}
BODY: dict[str, Any] = {"name": "val", "trigger": TRIGGER, "actions": [{"type": "do-nothing"}]}
RUN = {"type": "run-deployment", "source": "selected", "deployment_id": str(uuid4())}
DEPLOYMENT = f"prefect.deployment.{RUN['deployment_id']}"
RUNNING = {**TRIGGER, "expect": ["prefect.flow-run.Running"]}
UNKNOWN_METRIC = {
    "type": "metric",
    "metric": {"name": "queue", "threshold": 1, "operator": ">"},
}


def created(api: Call, **changes: Any) -> dict[str, Any]:
    answer = api("POST", "/automations/", {**BODY, **changes})
    assert answer.status_code == 201, answer.content
    document: dict[str, Any] = answer.json()
    return document


def test_create_answers_with_defaults_ids_and_times(api: Call) -> None:
    document = created(api, owner_resource=None)

    assert document["trigger"]["id"]
    assert {k: v for k, v in document["trigger"].items() if k != "id"} == {
        **TRIGGER,
        **{"match": {}, "match_related": {}, "after": [], "for_each": []},
        **{"threshold": 1, "within": 0.0},
    }
    expected = {"description": "", "enabled": True, "tags": [], "actions_on_trigger": []}
    assert expected.items() <= document.items()
    assert "owner_resource" not in document
    assert api("GET", f"/automations/{document['id']}").json() == document


REFUSED = [
    ({"name": None}, ["name"]),
    ({"trigger": {"type": "event"}}, ["trigger", "posture"]),
    ({"trigger": {**TRIGGER, "within": "45"}}, ["trigger", "within"]),
    ({"trigger": {**TRIGGER, "expect": "x"}}, ["trigger", "expect"]),
    ({"bogus": 1}, ["bogus"]),
    ({"actions": [{"type": "frobnicate"}]}, ["actions", 0]),
    ({"actions": [{"type": "run-deployment"}]}, ["actions", 0]),
    (
        {"actions": [{**RUN, "parameters": {"a": {"b": ["{{ x "]}}}]},
        ["actions", 0, "parameters", "a", "b", 0],
    ),
    (
        {
            "actions": [
                {"type": "send-notification", "block_document_id": str(uuid4()), "body": "{{ a"}
            ]
        },
        ["actions", 0, "body"],
    ),
    (
        {"trigger": RUNNING, "actions": [{"type": "run-deployment", "source": "inferred"}]},
        ["actions", 0],
    ),
    ({"trigger": RUNNING, "actions": [RUN]}, ["actions", 0]),
    ({"trigger": UNKNOWN_METRIC}, []),
]


@pytest.mark.parametrize(("changes", "loc"), REFUSED)
def test_what_cannot_be_saved_is_refused_with_its_place(
    api: Call, changes: dict[str, Any], loc: list[Any]
) -> None:
    answer = api("POST", "/automations", {**BODY, **changes})

    assert answer.status_code == 422
    assert answer.json()["exception_message"] == "Invalid request received."
    assert [p["loc"] for p in answer.json()["exception_detail"]] == [["body", *loc]]
    assert not Automation.objects.exists()


SAVED = [
    {"name": ""},
    {"actions": []},
    {"trigger": {"posture": "Reactive"}},
    {"trigger": RUNNING, "actions": [RUN], "enabled": False},
    {"trigger": UNKNOWN_METRIC, "enabled": False},
    {
        "trigger": {**RUNNING, "match_related": {"prefect.resource.name": "other"}},
        "actions": [RUN],
    },
]


@pytest.mark.parametrize("changes", SAVED)
def test_what_prefect_saves_is_saved(api: Call, changes: dict[str, Any]) -> None:
    assert created(api, **changes)["id"]


def test_a_body_that_is_not_json_is_refused(api: Call) -> None:
    answer = api("POST", "/automations/", "{not json")

    assert answer.status_code == 422
    assert answer.json()["exception_detail"][0]["type"] == "json_invalid"


def test_put_keeps_the_ids_of_equal_triggers(api: Call) -> None:
    before = created(api)

    answer = api("PUT", f"/automations/{before['id']}", {**BODY, "name": "other"})

    after = api("GET", f"/automations/{before['id']}").json()
    assert (answer.status_code, answer.content) == (204, b"")
    assert after["name"] == "other"
    assert after["trigger"]["id"] == before["trigger"]["id"]


def test_put_gives_a_changed_trigger_another_id(api: Call) -> None:
    before = created(api)

    api("PUT", f"/automations/{before['id']}", {**BODY, "trigger": {**TRIGGER, "threshold": 2}})

    after = api("GET", f"/automations/{before['id']}").json()
    assert after["trigger"]["id"] != before["trigger"]["id"]


def test_put_without_a_difference_is_no_new_version(api: Call) -> None:
    before = created(api)

    answer = api("PUT", f"/automations/{before['id']}", BODY)

    assert answer.status_code == 204
    assert AutomationVersion.objects.count() == 1
    assert api("GET", f"/automations/{before['id']}").json() == before


def test_patch_switches_off_and_on(api: Call) -> None:
    address = f"/automations/{created(api)['id']}"

    assert api("PATCH", address, {"enabled": False}).status_code == 204
    assert api("GET", address).json()["enabled"] is False
    assert api("PATCH", address, {"enabled": True}).status_code == 204
    assert list(
        AutomationVersion.objects.order_by("version").values_list("enabled", flat=True)
    ) == [*(True, False, True)]


@pytest.mark.parametrize(
    "changes", [SAVED[3], SAVED[4]], ids=["a loop", "a metric that nobody computes"]
)
def test_patch_refuses_to_enable_what_cannot_be_enabled(api: Call, changes: dict[str, Any]) -> None:
    address = f"/automations/{created(api, **changes)['id']}"

    answer = api("PATCH", address, {"enabled": True})

    assert answer.status_code == 422
    assert api("GET", address).json()["enabled"] is False


def test_delete_hides_it_from_every_list(api: Call) -> None:
    address = f"/automations/{created(api)['id']}"

    assert api("DELETE", address).status_code == 204
    assert api("GET", address).json() == {"exception_message": "Automation not found"}
    assert api("POST", "/automations/filter", {}).json() == []
    assert api("POST", "/automations/count", {}).json() == 0
    assert AutomationVersion.objects.order_by("-version")[0].deleted


@pytest.mark.parametrize(
    ("method", "body"),
    [("GET", None), ("PUT", BODY), ("PATCH", {"enabled": False}), ("DELETE", None)],
)
def test_what_is_not_there_is_not_found(api: Call, method: str, body: Any) -> None:
    gone = api(method, f"/automations/{uuid4()}", body)
    odd = api(method, "/automations/not-a-uuid", body)

    assert (gone.status_code, gone.json()) == (404, {"exception_message": "Automation not found"})
    assert (odd.status_code, odd.json()) == (404, {"detail": "Not Found"})


def test_owned_by_deletes_what_a_deployment_owns(api: Call) -> None:
    created(api, owner_resource=DEPLOYMENT)
    created(api, owner_resource=DEPLOYMENT, name="second")
    created(api, name="mine", actions=[RUN])

    answer = api("DELETE", f"/automations/owned-by/{DEPLOYMENT}")
    again = api("DELETE", f"/automations/owned-by/{DEPLOYMENT}")

    assert (answer.status_code, answer.json()) == (202, None)
    assert (again.status_code, again.json()) == (202, None)
    left = api("GET", f"/automations/related-to/{DEPLOYMENT}").json()
    assert [document["name"] for document in left] == ["mine"]


def test_related_to_nothing_is_an_empty_list(api: Call) -> None:
    assert api("GET", "/automations/related-to/nothing").json() == []


FILTERS = [
    ({}, ["a", "b", "c"]),
    ({"automations": None, "sort": None, "limit": None, "offset": 0}, ["a", "b", "c"]),
    ({"sort": "NAME_DESC", "limit": 2}, ["c", "b"]),
    ({"sort": "CREATED_DESC", "offset": 1}, ["b", "a"]),
    ({"automations": {"name": {"any_": ["b"]}, "id": None, "created": None}}, ["b"]),
    ({"automations": {"tags": {"all_": ["t", "u"]}}}, ["b"]),
    ({"automations": {"tags": {"any_": ["u", "z"]}}}, ["b"]),
    ({"automations": {"tags": {"is_null_": True}}}, ["c"]),
    ({"automations": {"created": {"before_": "2020-01-01T00:00:00Z"}}}, []),
    ({"automations": {"id": {"any_": []}}}, []),
]


@pytest.mark.parametrize(("body", "names"), FILTERS)
def test_filter_answers_with_what_passes(api: Call, body: Any, names: list[str]) -> None:
    created(api, name="a", tags=["t"])
    created(api, name="b", tags=["t", "u"])
    created(api, name="c")

    answer = api("POST", "/automations/filter", body)

    assert [document["name"] for document in answer.json()] == names


def test_count_counts_what_passes(api: Call) -> None:
    created(api, name="a")
    created(api, name="b")

    assert api("POST", "/automations/count", {}).json() == 2
    assert api("POST", "/automations/count", {"automations": {"name": {"any_": ["a"]}}}).json() == 1


def test_a_limit_above_200_is_refused(api: Call) -> None:
    answer = api("POST", "/automations/filter", {"limit": 1000})

    detail = "Invalid limit: must be less than or equal to 200."
    assert (answer.status_code, answer.json()) == (422, {"detail": detail})


@pytest.mark.parametrize(
    "body", ["[]", "false", '"x"', '{"automations": "x"}', '{"automations": {"bogus": 1}}']
)
def test_a_filter_of_another_shape_is_refused(api: Call, body: str) -> None:
    assert api("POST", "/automations/filter", body).status_code == 422
    assert api("POST", "/automations/count", body).status_code == 422


def test_no_body_is_no_filter(api: Call) -> None:
    assert api("POST", "/automations/filter").json() == []


def test_times_are_told_to_the_microsecond(api: Call) -> None:
    document = created(api)
    row = Automation.objects.get()

    assert document["created"] == row.created.isoformat().replace("+00:00", "Z")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_KEYS = ["name", "trigger", "actions", "tags", "enabled", "description", "owner_resource", "sort"]
_FILTER_KEYS = ["automations", "limit", "offset", "sort", "enabled"]
_BODIES = st.one_of(
    _JSON,
    st.dictionaries(st.sampled_from(_KEYS), _JSON).map(lambda changes: {**BODY, **changes}),
    st.dictionaries(st.sampled_from([*TRIGGER, "within", "match", "threshold"]), _JSON).map(
        lambda changes: {**BODY, "trigger": {**TRIGGER, **changes}}
    ),
    st.dictionaries(st.sampled_from([*RUN, "parameters", "schedule_after"]), _JSON).map(
        lambda changes: {**BODY, "actions": [{**RUN, **changes}]}
    ),
    st.dictionaries(st.sampled_from(_FILTER_KEYS), _JSON),
)


@settings(max_examples=150)
@given(body=_BODIES)
def test_no_body_is_an_error_of_the_server(api: Call, body: Any) -> None:
    some_id = uuid4()
    for method, path in [
        ("POST", "/automations"),
        ("POST", "/automations/filter"),
        ("POST", "/automations/count"),
        ("PUT", f"/automations/{some_id}"),
        ("PATCH", f"/automations/{some_id}"),
    ]:
        answer = api(method, path, body)
        assert answer.status_code in (200, 201, 404, 422), (method, path, answer.content)


DONE_ON_ANY_RUN = {
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Completed"],
    "posture": "Reactive",
}


def warnings(answer: Any) -> list[str]:
    header = answer.headers.get("Flint-Warning", "[]")
    assert header.isascii() and len(header) <= 4096
    found: list[str] = json.loads(header)
    return found


def test_the_documented_loop_is_accepted_guarded_and_warned_of(api: Call) -> None:
    body = {**BODY, "trigger": DONE_ON_ANY_RUN, "actions": [RUN]}

    posted = api("POST", "/automations/", body)
    path = f"/automations/{posted.json()['id']}"
    put = api("PUT", path, {**body, "tags": ["a"]})
    off = api("PATCH", path, {"enabled": False})
    on = api("PATCH", path, {"enabled": True})

    assert [one.status_code for one in (posted, put, off, on)] == [201, 204, 204, 204]
    assert [len(warnings(one)) for one in (posted, put, off, on)] == [1, 1, 0, 1]
    assert "whose prefect.flow-run.Completed fires `val` again" in warnings(posted)[0]
    assert list(
        AutomationVersion.objects.order_by("version").values_list("guarded", flat=True)
    ) == [True, True, False, True]


def test_a_name_that_no_header_could_hold_is_told_of_all_the_same(api: Call) -> None:
    name = "Zoë\r\nX: y " + "→" * 650

    answer = api(
        "POST",
        "/automations/",
        {**BODY, "name": name, "trigger": DONE_ON_ANY_RUN, "actions": [RUN]},
    )

    assert answer.status_code == 201
    assert warnings(answer) == ["1 more warning left out."]


def test_what_a_person_switched_off_stays_off_when_it_is_posted_again(api: Call) -> None:
    body = {**BODY, "actions": [RUN], "owner_resource": DEPLOYMENT}
    automation_id = created(api, **body)["id"]
    api("PATCH", f"/automations/{automation_id}", {"enabled": False})

    api("DELETE", f"/automations/owned-by/{DEPLOYMENT}")
    again = api("POST", "/automations/", body)

    assert (again.json()["id"], again.json()["enabled"]) == (automation_id, False)
    assert "It stays off" in warnings(again)[0]


def test_prefects_own_pattern_is_refused_in_its_words(api: Call) -> None:
    answer = api("POST", "/automations/", {**BODY, "trigger": RUNNING, "actions": [RUN]})

    [problem] = answer.json()["exception_detail"]
    assert answer.status_code == 422
    assert problem["msg"].startswith(
        "Running a selected deployment from a flow run state change event may lead to an "
        "infinite loop of flow runs."
    )
