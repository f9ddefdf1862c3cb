"""prefect.yaml as Prefect takes it, and values of another shape: told with what would be right."""

from pathlib import Path
from typing import Any

import pytest

from runs_app.models import Deployment
from tests.triggers_app.commands.test_deploy import FLOW, deploy
from tests.triggers_app.commands.test_deploy_keys import file_of
from triggers_app.models import Automation

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.py").write_text(FLOW)
    return tmp_path


READ: dict[str, tuple[str, dict[str, Any]]] = {
    "tags as a set": ("tags: !!set {a, b}", {"tags": ["a", "b"]}),
    "a pool by its name": ("work_pool: mine", {"work_pool__name": "mine"}),
    "a pool as a number": ("work_pool: {name: 7}", {"work_pool__name": "7"}),
    "a limit": ("concurrency_limit: 3", {"concurrency_limit": 3, "concurrency_options": None}),
    "a limit alone": ("concurrency_limit: {limit: 3}", {"concurrency_limit": 3}),
    "a limit with its strategy": (
        "concurrency_limit: {limit: 3, collision_strategy: CANCEL_NEW}",
        {
            "concurrency_limit": 3,
            "concurrency_options": {"collision_strategy": "CANCEL_NEW"},
        },
    ),
    "a limit with patience": (
        "concurrency_limit: {limit: 3, grace_period_seconds: 60}",
        {
            "concurrency_options": {
                "collision_strategy": "ENQUEUE",
                "grace_period_seconds": 60,
            }
        },
    ),
    "no limit": ("concurrency_limit: null", {"concurrency_limit": None}),
    "one step": ("pull: {a.step: {b: c}}", {"pull_steps": [{"a.step": {"b": "c"}}]}),
}


@pytest.mark.parametrize(("line", "expected"), READ.values(), ids=READ)
def test_what_prefect_takes_is_read(folder: Path, line: str, expected: dict[str, Any]) -> None:
    code, _, err = deploy(folder, file_of(line))

    assert (code, err) == (0, "")
    assert Deployment.objects.values(*expected).get() == expected


D = "deployments[0]"
WRONG = {
    "one trigger": (
        "triggers: {expect: [a]}",
        f"{D}.triggers: `triggers` must be a list, and this is one trigger: begin it with `- `.",
    ),
    "an automation as a trigger": (
        "triggers: [{name: t, trigger: {expect: [a]}, actions: [{type: do-nothing}]}]",
        f"{D}.triggers[0]: This is an automation with actions of its own.",
    ),
    "a text that cannot be kept": (
        'description: "a\\0b"', f"{D}.description: Text must not contain the NUL character.",
    ),
    "a parameter that cannot be kept": (
        'parameters: {order_id: ["a\\0b"]}',
        f"{D}.parameters.order_id[0]: Text must not contain the NUL character.",
    ),
    "triggers by name": (
        "triggers: {late: {expect: [a]}}",
        f"{D}.triggers: `triggers` must be a list, and this is a map: begin each trigger with "
        "`- `, not with `late:`.",
    ),
    "triggers as a text": ("triggers: orders", f"{D}.triggers: `triggers` must be a list, and"),
    "triggers as a number": ("triggers: 3", f"{D}.triggers: `triggers` must be a list, and"),
    "tags as a text": ("tags: a", f"{D}.tags: `tags` must be a list, and this is a text. Write"),
    "tags as a map": ("tags: {a: b}", f"{D}.tags: `tags` must be a list, and this is a map."),
    "parameters as a list": (
        "parameters: [a]",
        f"{D}.parameters: `parameters` must be a map such as `{{name: value}}`, and this is a",
    ),
    "schedules as a map": (
        "schedules: {cron: '* * * * *'}",
        f"{D}.schedules: `schedules` must be a list, and this is one schedule: begin it with `- `.",
    ),
    "schedule as a text": ("schedule: '* * * * *'", f"{D}.schedule: `schedule` must be a map such"),
    "a pool as a list": ("work_pool: [a]", f"{D}.work_pool: `work_pool` must be a map such as"),
    "variables as a list": (
        "work_pool: {name: a, job_variables: [b]}",
        f"{D}.work_pool.job_variables: `job_variables` must be a map such as",
    ),
    "another strategy": (
        "concurrency_limit: {limit: 1, collision_strategy: DROP}",
        f"{D}.concurrency_limit.collision_strategy: Input should be 'ENQUEUE' or 'CANCEL_NEW'.",
    ),
    "a limit below nothing": ("concurrency_limit: -1", f"{D}.concurrency_limit.limit: "),
    "a limit as a text": ("concurrency_limit: many", f"{D}.concurrency_limit.limit: "),
    "a limit that is true": ("concurrency_limit: true", f"{D}.concurrency_limit.limit: "),
    "a pool that the API refuses": ("work_pool: a/b", f"{D}.work_pool: A name cannot contain"),
    "a pool's name that the API refuses": (
        "work_pool: {name: 'a%b'}", f"{D}.work_pool.name: A name cannot contain",
    ),
    "a flow that the API refuses": ("flow_name: a/b", f"{D}.flow_name: A name cannot contain"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "told"), WRONG.values(), ids=WRONG)
def test_another_shape_is_refused_with_its_place(folder: Path, line: str, told: str) -> None:
    code, _, err = deploy(folder, file_of(line))

    assert code == 1
    assert f"prefect.yaml:4: {told}" in err
    assert "1 problems; nothing was deployed." in err
    assert not Deployment.objects.exists()


@pytest.mark.parametrize("name", ["a/b", "a%b", "a&b", "a>b", "a<b", "a\\0b", "x" * 501])
def test_a_name_that_the_api_refuses_is_refused(folder: Path, name: str) -> None:
    code, _, err = deploy(folder, file_of().replace("nightly", f'"{name}"'))

    assert code == 1
    assert "prefect.yaml:2: deployments[0].name: " in err
    assert not Deployment.objects.exists()


def test_the_name_of_a_flow_in_its_source_is_held_to_it(folder: Path) -> None:
    (folder / "flow.py").write_text("@flow(name='orders/take')\ndef take(): ...\n")

    code, _, err = deploy(folder, file_of())
    again, _, _ = deploy(folder, file_of("flow_name: take"))

    assert (code, again) == (1, 0)
    assert "prefect.yaml:3: deployments[0].entrypoint: The flow is called `orders/take`." in err


FILES = {
    "a map of deployments": (
        "deployments:\n  nightly: {entrypoint: flow.py:take}\n",
        "must be a list, and this is a map: begin each deployment with `- `, not with `nightly:`.",
    ),
    "one deployment": (
        "deployments:\n  name: nightly\n  entrypoint: flow.py:take\n",
        "must be a list, and this is one deployment: begin it with `- `.",
    ),
    "without its key": ("name: a\nentrypoint: flow.py:take\n", "This is one deployment: put it"),
    "a slip": ("deployment: []\n", "Did you mean `deployments` instead of `deployment`?"),
    "triggers": ("triggers: [{expect: [a]}]\n", "A file of triggers goes with a deployment"),
}


@pytest.mark.parametrize(("text", "told"), FILES.values(), ids=FILES)
def test_another_file_says_what_would_be_right(folder: Path, text: str, told: str) -> None:
    code, _, err = deploy(folder, text)

    assert code == 1
    assert "The file needs a list `deployments`." in err and told in err


@pytest.mark.parametrize("name", ["trigger", "trigger.txt", "Trigger.YML"])
def test_a_file_of_triggers_may_be_called_anything(folder: Path, name: str) -> None:
    (folder / name).write_text("expect: [from.the.file]\n")

    code, _, err = deploy(folder, file_of(), "-n", "nightly", "--trigger", str(folder / name))

    assert (code, err) == (0, "")
    assert Automation.objects.get().document["trigger"]["expect"] == ["from.the.file"]


def test_a_path_without_a_file_is_told_as_such(folder: Path) -> None:
    code, _, err = deploy(folder, file_of(), "-n", "nightly", "--trigger", "gone/trigger")

    assert code == 1
    assert "there is no file `gone/trigger`." in err
