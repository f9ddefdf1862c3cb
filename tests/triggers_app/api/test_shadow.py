"""`flint.shadow` over Prefect's API, whose clients do not know it."""

from typing import Any

import pytest

from tests.triggers_app.api.conftest import Call

BODY: dict[str, Any] = {
    "name": "a",
    "trigger": {"type": "event", "posture": "Reactive", "expect": ["x"]},
    "actions": [{"type": "do-nothing"}],
}
SHADOW = {"flint": {"shadow": True}}


def created(api: Call, **fields: Any) -> str:
    path: str = api("POST", "/automations", BODY | fields).json()["id"]
    return f"/automations/{path}"


def test_a_document_without_it_has_no_such_key(api: Call) -> None:
    assert "flint" not in api("GET", created(api)).json()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (BODY, SHADOW["flint"]),
        (BODY | {"flint": None}, None),
        (BODY | {"flint": {"shadow": False}}, {"max_actions_per_minute": None}),
        (BODY | SHADOW, SHADOW["flint"]),
    ],
    ids=["not said", "null", "false", "true"],
)
def test_put_keeps_what_it_does_not_speak_of(api: Call, body: dict[str, Any], kept: Any) -> None:
    path = created(api, **SHADOW)

    assert api("PUT", path, body | {"description": "another"}).status_code == 204

    assert api("GET", path).json().get("flint") == kept


def test_patch_keeps_it(api: Call) -> None:
    path = created(api, **SHADOW)

    for enabled in (False, True):
        api("PATCH", path, {"enabled": enabled})

    assert api("GET", path).json()["flint"] == {"shadow": True}


def test_deploying_again_keeps_it(api: Call) -> None:
    path = created(api, owner_resource="prefect.deployment.x", **SHADOW)
    api("DELETE", "/automations/owned-by/prefect.deployment.x")

    assert created(api, owner_resource="prefect.deployment.x") == path
    assert api("GET", path).json()["flint"] == {"shadow": True}
