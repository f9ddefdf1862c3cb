"""`/variables`. Shapes: recorded answers of Prefect 3.9.1."""

from typing import Any

import pytest

from runs_app.reads import variables as variable_reads
from tests.runs_app.api.conftest import ApiClient


@pytest.fixture
def made(api: ApiClient) -> Any:
    return api.post("/variables", {"name": "a", "value": "b", "tags": []})


def names(api: ApiClient, given: Any) -> list[str]:
    return [each["name"] for each in api.post("/variables/filter", {"variables": given})]


def test_a_variable_is_made_once(api: ApiClient, made: Any) -> None:
    assert set(made) == {"id", "created", "updated", "name", "value", "tags"}
    status, told = api.call("POST", "/variables", {"name": "a", "value": 1})
    assert (status, told) == (409, {"detail": "A variable with the name 'a' already exists."})


@pytest.mark.parametrize("path", ["/variables/{id}", "/variables/name/a"])
def test_a_variable_is_read_changed_and_deleted_by_id_and_by_name(
    api: ApiClient, made: Any, path: str
) -> None:
    path = path.format(**made)

    assert api.get(path) == made
    assert api.call("PATCH", path, {"value": {"x": [1, None]}, "tags": ["t"]}) == (204, None)
    assert (api.get(path)["value"], api.get(path)["tags"]) == ({"x": [1, None]}, ["t"])
    assert api.call("PATCH", path, {"tags": None, "name": None}) == (204, None)
    assert api.get(path)["tags"] == ["t"]
    assert api.call("PATCH", path, {"value": None}) == (204, None)
    assert api.get(path)["value"] is None
    assert api.call("DELETE", path) == (204, None)
    for method in ("GET", "DELETE"):
        assert api.call(method, path) == (404, {"detail": "Variable not found."})


def test_a_name_that_is_taken_stays_where_it_is(api: ApiClient, made: Any) -> None:
    api.post("/variables", {"name": "c", "value": 1})

    assert api.call("PATCH", "/variables/name/c", {"name": "a"})[0] == 409
    assert names(api, None) == ["a", "c"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Big", "value": 1},
        {"name": "", "value": 1},
        {"name": "x" * 256, "value": 1},
        {"name": "x"},
        {"name": "x", "value": "y" * 5000},
    ],
)
def test_what_prefect_refuses_is_refused(api: ApiClient, body: Any) -> None:
    assert api.call("POST", "/variables", body)[0] == 422


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ["my_one", "my_two", "other"]),
        ({"name": {"any_": ["other", "none"]}}, ["other"]),
        ({"name": {"like_": "MY%o"}}, ["my_one", "my_two"]),
        ({"name": {"like_": "_t"}}, ["my_two", "other"]),
        ({"name": {"like_": "(.*"}}, []),
        ({"tags": {"all_": ["x"]}}, ["my_two"]),
        ({"tags": {"is_null_": True}}, ["my_one", "other"]),
        (
            {"operator": "or_", "name": {"any_": ["other"]}, "tags": {"all_": ["x"]}},
            ["my_two", "other"],
        ),
        ({"id": {"any_": []}}, []),
    ],
)
def test_filters(api: ApiClient, given: Any, expected: list[str]) -> None:
    for name, tags in (("my_one", []), ("my_two", ["x", "y"]), ("other", None)):
        api.post("/variables", {"name": name, "value": 1, "tags": tags})

    assert names(api, given) == expected
    assert api.post("/variables/count", {"variables": given}) == len(expected)


def test_lists_are_sorted_and_bounded(api: ApiClient) -> None:
    for name in "abc":
        api.post("/variables", {"name": name, "value": 1})
    body = {"sort": "NAME_DESC", "limit": 1, "offset": 1}

    assert [each["name"] for each in api.post("/variables/filter", body)] == ["b"]
    assert api.call("POST", "/variables/filter", {"limit": 201})[0] == 422


def test_templates_read_them_by_name(api: ApiClient, made: Any) -> None:
    assert variable_reads.values() == {"a": "b"}
