"""`/logs` as flows write and people read them."""

from typing import Any
from uuid import UUID

import pytest

from tests.runs_app.api.conftest import ApiClient

RUN, TASK = str(UUID(int=1)), str(UUID(int=2))


def a_line(message: str, seconds: int, **fields: Any) -> dict[str, Any]:
    line = {"name": "prefect.flow_runs", "level": 20, "message": message, "flow_run_id": RUN}
    return line | {"timestamp": f"2026-03-01T12:00:{seconds:02}.5Z", "task_run_id": None} | fields


def write(api: ApiClient) -> None:
    lines = [
        a_line("second", 2),
        a_line("first of all", 1, level=30),
        a_line("of a task", 3, task_run_id=TASK),
        a_line("elsewhere", 4, flow_run_id=str(UUID(int=9))),
    ]
    assert api.call("POST", "/logs/", lines) == (201, None)


FILTERS: dict[str, tuple[Any, list[str]]] = {
    "none": (None, ["first of all", "second", "of a task", "elsewhere"]),
    "run": ({"flow_run_id": {"any_": [RUN]}}, ["first of all", "second", "of a task"]),
    "level": ({"level": {"ge_": 30}}, ["first of all"]),
    "until": ({"timestamp": {"before_": "2026-03-01T12:00:01.5Z"}}, ["first of all"]),
    "task": ({"task_run_id": {"any_": [TASK]}}, ["of a task"]),
    "no task": (
        {"flow_run_id": {"any_": [RUN]}, "task_run_id": {"is_null_": True}},
        ["first of all", "second"],
    ),
    "text": ({"text": {"query": "ALL first"}}, ["first of all"]),
}


@pytest.mark.parametrize(("given", "messages"), FILTERS.values(), ids=FILTERS)
def test_filters(api: ApiClient, given: Any, messages: list[str]) -> None:
    write(api)
    body = {"logs": given, "limit": None, "offset": 0, "sort": "TIMESTAMP_ASC"}

    assert [log["message"] for log in api.post("/logs/filter", body)] == messages


def test_pages_in_either_direction(api: ApiClient) -> None:
    write(api)

    page = api.post("/logs/filter", {"sort": "TIMESTAMP_DESC", "limit": 2, "offset": 1})

    assert [log["message"] for log in page] == ["of a task", "second"]


def test_a_log_has_an_id_of_its_own_and_every_key(api: ApiClient) -> None:
    write(api)

    found = api.post("/logs/filter", {})

    assert len({UUID(log["id"]) for log in found}) == 4
    assert set(found[0]) == {
        "id", "created", "updated", "name", "level", "message", "timestamp", "flow_run_id",
        "task_run_id",
    }  # fmt: skip


def test_one_bad_line_refuses_all_with_its_place(api: ApiClient) -> None:
    lines = [a_line("good", 1), a_line("bad", 2, level="loud")]

    status, body = api.call("POST", "/logs", lines)

    assert (status, body["exception_detail"][0]["loc"]) == (422, ["body", 1, "level"])
    assert api.post("/logs/filter") == []
