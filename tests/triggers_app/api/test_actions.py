"""Flint's own paths: trying actions again, brakes, and blocks."""

from typing import Any
from uuid import uuid4

import pytest

from tests.triggers_app.api.conftest import Call
from tests.triggers_app.delivery.examples import fired
from tests.triggers_app.services.test_dispatching import dispatch

HOOK = {
    "name": "pager",
    "block_type_slug": "webhook",
    "data": {"url": "https://hooks.example.org/t0k3n", "headers": {"X-Key": "s3cr3t"}},
}


def test_a_failed_action_is_tried_again(api: Call) -> None:
    [run] = fired({"type": "cancel-flow-run"})
    path = f"/automations/{run.automation_id}/firings/{run.firing_id}/actions/0/retry"
    assert api("POST", path).status_code == 409
    dispatch()

    answer = api("POST", path)

    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert api("POST", path.replace("/0/", "/1/")).status_code == 404
    assert api("POST", path.replace("/0/", "/x/")).status_code == 404
    assert api("POST", path.replace(str(run.firing_id), "x")).status_code == 404


def test_acting_is_stopped_and_what_was_held_is_listed_and_released(api: Call) -> None:
    assert api("POST", "/brakes/stop", {"reason": "storm"}).json()["acting"] is False
    [run] = fired({"type": "do-nothing"})
    dispatch()
    told = api("GET", "/brakes").json()
    assert (told["author"], told["reason"], told["held"]["stopped"]) == ("editor", "storm", 1)
    assert [held["id"] for held in api("POST", "/brakes/held/filter").json()] == [run.pk]

    assert api("POST", "/brakes/resume").json()["acting"] is True
    only = {"automation_id": str(run.automation_id)}
    assert api("POST", "/brakes/held/release", only).json() == {"released": 1}
    assert api("POST", "/brakes/held/discard").json() == {"discarded": 0}
    assert api("POST", "/brakes/held/discard", {"held_for": "grace"}).status_code == 422


def test_a_block_never_shows_its_secrets(api: Call) -> None:
    made = api("POST", "/block_documents", HOOK)
    path = f"/block_documents/{made.json()['id']}"
    masked = {"url": "https://hooks.example.org/********", "headers": {"X-Key": "********"}}

    assert made.status_code == 201
    assert made.json()["data"] == masked
    listed = api(
        "POST", "/block_documents/filter", {"block_types": {"slug": {"any_": ["webhook"]}}}
    )
    assert [block["data"] for block in listed.json()] == [masked]
    # What comes back as it was shown stays; the rest is changed.
    assert api("PATCH", path, {"data": {**masked, "method": "PUT"}}).status_code == 204
    assert api("GET", path).json()["data"] == {**masked, "method": "PUT"}
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404


def test_what_comes_back_masked_is_stored_as_it_was(api: Call) -> None:
    from triggers_app.models import BlockDocument

    made = api("POST", "/block_documents", HOOK).json()
    api("PATCH", f"/block_documents/{made['id']}", {"data": made["data"]})

    assert BlockDocument.objects.get().data == HOOK["data"]


def test_a_block_that_makes_no_sense_is_refused_with_every_place(api: Call) -> None:
    data = {"url": "ftp://x", "method": "DANCE", "headers": {"a": "b\n"}, "more": 1}
    answer = api("POST", "/block_documents", HOOK | {"data": data})

    assert answer.status_code == 422
    places = sorted(problem["loc"][-1] for problem in answer.json()["exception_detail"])
    assert places == ["headers", "method", "more", "url"]
    assert api("POST", "/block_documents", HOOK | {"block_type_slug": "fax"}).status_code == 422
    assert api("POST", "/block_documents", HOOK).status_code == 201
    assert api("POST", "/block_documents", HOOK).status_code == 409
    assert api("PATCH", f"/block_documents/{uuid4()}", {"data": {}}).status_code == 404


BAD_HEADERS = [
    *({"": "x"}, {"X Y": "x"}, {"X:": "x"}, {"(X)": "x"}, {"X/Y": "x"}, {"X;": "x"}),
    *({"Host": "x"}, {"host": "x"}, {"Content-Length": "1"}, {"TRANSFER-ENCODING": "chunked"}),
    *({"Idempotency-Key": "x"}, {"Connection": "close"}, {"Upgrade": "h2c"}, {"TE": "trailers"}),
    *({"Expect": "100-continue"}, {"X": " a"}, {"X": "a "}, {"X-A": "1", "x-a": "2"}),
]


@pytest.mark.parametrize("headers", BAD_HEADERS, ids=str)
def test_headers_that_cannot_be_sent_are_refused_when_they_are_saved(
    headers: dict[str, str], api: Call
) -> None:
    data = {"url": "https://example.org", "headers": headers}
    own = {"type": "call-webhook", **data}
    automation = {"name": "a", "trigger": {"posture": "Reactive"}, "actions": [own]}

    in_block = api("POST", "/block_documents", HOOK | {"data": data})
    in_action = api("POST", "/automations", automation)

    assert (in_block.status_code, in_action.status_code) == (422, 422)
    [problem] = in_action.json()["exception_detail"]
    assert problem["loc"] == ["body", "actions", 0, "headers", list(headers)[-1]]


def test_headers_of_before_are_still_read_and_switched_off(api: Call) -> None:
    from triggers_app.models import Automation

    action = {"type": "call-webhook", "url": "https://example.org"}
    body = {"name": "a", "trigger": {"posture": "Reactive"}, "actions": [action]}
    made = api("POST", "/automations", body).json()
    row = Automation.objects.get()
    row.document["actions"][0]["headers"] = {"Host": "elsewhere"}
    row.save()

    assert api("PATCH", f"/automations/{made['id']}", {"enabled": False}).status_code == 204
    assert api("GET", f"/automations/{made['id']}").json()["enabled"] is False


def test_secrets_of_a_block_are_not_sent_to_another_server(api: Call) -> None:
    made = api("POST", "/block_documents", HOOK).json()
    path = f"/block_documents/{made['id']}"

    def status(data: dict[str, Any]) -> int:
        return int(api("PATCH", path, {"data": data}).status_code)

    assert status({"url": "https://evil.example.org/x"}) == 422
    assert status({"url": "https://evil.example.org/x", "headers": {"X-Key": "********"}}) == 422
    assert status({"url": "http://hooks.example.org/t0k3n"}) == 422
    assert status({"url": "https://hooks.example.org/other"}) == 204
    assert status({"url": "https://new.example.org/x", "headers": {"X-Key": "n3w"}}) == 204


def test_a_webhook_names_a_block_or_says_where_to(api: Call) -> None:
    def status(**fields: Any) -> int:
        action = {"type": "call-webhook", **fields}
        trigger = {"posture": "Reactive", "expect": ["x"]}
        body = {"name": "a", "trigger": trigger, "actions": [action]}
        return int(api("POST", "/automations", body).status_code)

    assert status() == 422
    assert status(url="https://example.org") == 201
    assert status(block_document_id=str(uuid4())) == 201
    assert status(block_document_id=str(uuid4()), url="https://example.org") == 422
    assert status(url="file:///etc/passwd") == 422
    assert status(url="http://a..b/") == 422
    assert status(url=f"http://{'a' * 64}.org/") == 422


def test_the_ceiling_is_a_key_of_the_document_where_it_is_given(api: Call) -> None:
    body = {"name": "a", "trigger": {"posture": "Reactive"}, "actions": []}
    plain = api("POST", "/automations", body).json()
    own = api("POST", "/automations", body | {"flint": {"max_actions_per_minute": 5}}).json()

    assert "flint" not in plain
    assert own["flint"] == {"max_actions_per_minute": 5}
    wrong = api("POST", "/automations", body | {"flint": {"max_actions_per_minute": -1}})
    assert wrong.status_code == 422
