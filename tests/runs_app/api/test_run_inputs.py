"""What is sent to a run while it runs or waits."""

import json
from typing import Any
from uuid import UUID

import pytest

from runs_app.domain.states import Proposal, StateType
from runs_app.services import orchestrating
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run

SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
KEYSET = {"schema": "paused-1-schema", "response": "paused-1-response"}


@pytest.fixture
def path(api: ApiClient) -> str:
    return f"/flow_runs/{a_run(a_deployment())}"


def text(api: ApiClient, path: str) -> tuple[int, str]:
    response = api._client.get(f"/api{path}")
    return response.status_code, response.content.decode()


def test_an_input_is_sent_once_and_read_as_it_was(api: ApiClient, path: str) -> None:
    body = {"key": "k-1", "value": '{"x": "ü"}', "sender": "prefect.flow-run.x"}

    assert api.call("POST", f"{path}/input", body) == (201, None)
    assert api.call("POST", f"{path}/input", body)[0] == 409
    assert text(api, f"{path}/input/k-1") == (200, '{"x": "ü"}')
    assert api.call("DELETE", f"{path}/input/k-1") == (204, None)
    assert api.call("GET", f"{path}/input/k-1")[0] == 404
    assert api.call("DELETE", f"{path}/input/k-1")[0] == 404


def test_inputs_are_found_by_their_beginning_the_oldest_first(api: ApiClient, path: str) -> None:
    for key in ("in-2", "in-1", "other", "in-3"):
        api.call("POST", f"{path}/input", {"key": key, "value": "1"})
    body = {"prefix": "in-", "limit": 2, "exclude_keys": ["in-2"]}

    found = api.post(f"{path}/input/filter", body)

    assert [each["key"] for each in found] == ["in-1", "in-3"]
    assert set(found[0]) >= {"id", "flow_run_id", "value", "sender", "created"}
    assert len(api.post(f"{path}/input/filter", {"prefix": "in-"})) == 1


def test_what_is_wrong_is_refused(api: ApiClient, path: str) -> None:
    nowhere = "/flow_runs/00000000-0000-4000-8000-000000000000/input"

    assert api.call("POST", f"{path}/input", {"key": "a b", "value": ""})[0] == 422
    assert api.call("POST", nowhere, {"key": "a", "value": ""})[0] == 404
    assert api.call("POST", f"{path}/input/filter", {"prefix": "", "limit": 201})[0] == 422


def paused(path: str) -> None:
    run_id = UUID(path.rpartition("/")[2])
    for proposal in (
        Proposal(type=StateType.PENDING),
        Proposal(type=StateType.RUNNING),
        Proposal(type=StateType.PAUSED, details={"run_input_keyset": KEYSET}),
    ):
        orchestrating.set_state(run_id, proposal, now=NOW, force=True)


@pytest.mark.parametrize(
    ("given", "status"), [({"x": "seven"}, "REJECT"), (None, "REJECT"), ({"x": 7}, "ACCEPT")]
)
def test_a_run_goes_on_with_what_it_waits_for(
    api: ApiClient, path: str, given: Any, status: str
) -> None:
    api.call("POST", f"{path}/input", {"key": KEYSET["schema"], "value": json.dumps(SCHEMA)})
    paused(path)

    _, answer = api.call("POST", f"{path}/resume", {"run_input": given})

    assert answer["status"] == status
    if status == "ACCEPT":
        assert answer["state"]["type"] == "RUNNING"
        assert text(api, f"{path}/input/{KEYSET['response']}") == (200, '{"x":7}')
    else:
        assert answer["state"]["type"] == "PAUSED" and "x" in answer["details"]["reason"]


def test_a_run_that_left_no_schema_is_not_resumed(api: ApiClient, path: str) -> None:
    paused(path)

    answer = api.call("POST", f"{path}/resume", {"run_input": {"x": 1}})[1]

    assert answer["details"]["reason"] == "Run input schema not found."
