"""What PrefectHQ's Terraform provider sends, in the order in which it does, and what it needs back.

`cases.json`: read from the provider's source at commit d7f1aa4 (August 2026, Apache-2.0): requests,
status codes that it accepts and fields that it decodes. The ids are those of objects made on the
way. Where the order of a real `apply` needs an object, it is made first.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts_app.models import Role
from accounts_app.services import access
from tests.web import scene

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases.json").read_text())
FLOW, DEPLOYMENT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SCHEDULE, AUTOMATION = (
    "33333333-3333-4333-8333-333333333333",
    "44444444-4444-4444-8444-444444444444",
)


class Provider:
    """Sends one case after the other; ids of the cases become those of what was made."""

    def __init__(self) -> None:
        key = access.create_key("terraform", Role.ADMIN, scene.NOW)
        self.client = Client(headers={"authorization": f"Bearer {key}"})
        self.ids: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        text = json.dumps(body)
        for known, made in self.ids.items():
            path, text = path.replace(known, made), text.replace(known, made)
        csrf = {"prefect-csrf-client": "5aaef1f2"} if "csrf" in path else {}
        return self.client.generic(
            method,
            path,
            b"" if body is None else text,
            content_type="application/json",
            headers=csrf,
        )

    def as_in_the_cases(self, found: Any) -> Any:
        text = json.dumps(found)
        for known, made in self.ids.items():
            text = text.replace(made, known)
        return json.loads(text)

    def play(self, case: dict[str, Any]) -> Any:
        answer = self.call(case["method"], case["path"], case["body"])
        assert answer.status_code in case["status"], (case["step"], answer.content[:500])
        found = json.loads(answer.content) if answer.content else None
        for field in case["fields"]:
            assert field_is_there(found, field), (case["step"], field, found)
        return found


def field_is_there(found: Any, path: str) -> bool:
    """`[0].schedule.cron`, `[].id`, `trigger.match`."""
    for step in path.replace("[]", "[0]").replace("[0]", "0").split("."):
        if isinstance(found, list):
            if step != "0" or not found:
                return False
            found = found[0]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return False
    return True


@pytest.fixture
def played(db: None) -> dict[int, Any]:
    """All cases played in order; their answers by number, and reads between them by name."""
    provider, answers = Provider(), dict[Any, Any]()
    for name in ("my-work-pool", "some-testing-pool"):
        provider.call("POST", "/api/work_pools/", {"name": name, "type": "process"})
    for number, case in enumerate(CASES, start=1):
        answers[number] = found = provider.play(case)
        if number == 2:
            provider.ids[FLOW] = found["id"]
        elif number == 7:
            provider.ids[DEPLOYMENT] = found["id"]
        elif number == 14:
            provider.ids[SCHEDULE] = found[0]["id"]
        elif number == 18:
            provider.ids[AUTOMATION] = found["id"]
        elif number in (3, 10, 11, 16):
            path = case["path"].rpartition("/")[0] if number == 16 else case["path"]
            answers["after", number] = json.loads(provider.call("GET", path).content)
        elif number in (20, 21, 22):
            read = provider.call("GET", f"/api/automations/{found['id']}")
            answers["after", number] = provider.as_in_the_cases(json.loads(read.content))
    return answers


def sent(number: int) -> Any:
    return CASES[number - 1]["body"]


def test_every_call_is_answered_as_the_provider_needs(played: dict[Any, Any]) -> None:
    assert played[1]["token"]
    assert played["after", 3]["tags"] == ["test2"]
    pool, queue, variable = played[4], played[5], played[6]
    assert (pool["description"], pool["concurrency_limit"]) == (None, None)
    assert (queue["work_pool_name"], queue["priority"]) == ("some-pool", 1)
    assert (variable["value"], variable["tags"]) == (sent(6)["value"], sent(6)["tags"])


def test_deployments_keep_empty_and_absent_apart(played: dict[Any, Any]) -> None:
    minimal, full = played[7], played[8]
    assert (minimal["tags"], minimal["parameters"], minimal["job_variables"]) == ([], {}, {})
    assert not minimal["pull_steps"] and minimal["paused"] is False
    assert full["global_concurrency_limit"]["limit"] == 1
    assert full["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert full["parameter_openapi_schema"] == sent(8)["parameter_openapi_schema"]
    assert (played[9]["work_pool_name"], played[9]["work_queue_name"]) == (
        "my-work-pool",
        "default",
    )
    assert played["after", 10]["paused"] is True
    cleared = played["after", 11]
    assert (cleared["global_concurrency_limit"], cleared["concurrency_options"]) == (None, None)
    assert cleared["entrypoint"] == "hello_world.py:hello_world"


def test_schedules_come_back_as_they_were_sent(played: dict[Any, Any]) -> None:
    [interval], [cron] = played[14], played[15]
    assert interval["schedule"]["anchor_date"] == "2024-01-01T00:00:00Z"
    assert interval["schedule"]["interval"] == 30
    assert (interval["parameters"], interval["slug"]) == (
        sent(14)[0]["parameters"],
        "test-schedule",
    )
    assert (cron["active"], cron["schedule"]["cron"]) == (False, "* * * * *")
    updated = {one["id"]: one for one in played["after", 16]}[interval["id"]]
    assert (updated["active"], updated["slug"]) == (False, "updated-test-schedule")
    assert updated["schedule"]["timezone"] == "America/Chicago"


@pytest.mark.parametrize("number", [20, 21, 22])
def test_automations_keep_the_shape_that_was_sent(played: dict[Any, Any], number: int) -> None:
    asked, found = sent(number), played["after", number]

    assert [found[key] for key in ("name", "description", "enabled")] == [
        asked[key] for key in ("name", "description", "enabled")
    ]
    triggers = [(asked["trigger"], found["trigger"])]
    triggers += zip(
        asked["trigger"].get("triggers", []), found["trigger"].get("triggers", []), strict=True
    )
    for wanted, made in triggers:
        if wanted["type"] == "event":
            assert made["match_related"] == wanted["match_related"]
            assert isinstance(made["threshold"], int) and made["within"] == wanted["within"]
            assert made["match"] == wanted.get("match", {})
            assert [made[key] for key in ("after", "for_each")] == [
                wanted.get(key, []) for key in ("after", "for_each")
            ]
    for wanted, made in zip(asked["actions"], found["actions"], strict=True):
        assert {key: made[key] for key in wanted} == wanted
        assert all(made.get(key) is None for key in ("deployment_id",) if key not in wanted)
