"""Keys of a prefect.yaml that nobody knows: near misses are refused, the others are noted."""

from pathlib import Path

import pytest

from runs_app.models import Deployment
from tests.triggers_app.commands.test_deploy import FLOW, deploy
from triggers_app.models import Automation

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.py").write_text(FLOW)
    return tmp_path


def file_of(*lines: str) -> str:
    return "deployments:\n  - name: nightly\n    entrypoint: flow.py:take\n" + "".join(
        f"    {line}\n" for line in lines
    )


def in_trigger(*lines: str) -> str:
    return file_of("triggers:", "  - name: t", *(f"    {line}" for line in lines))


T = "deployments[0].triggers[0]"
# A file, the line and path of what is wrong, and what is meant.
REFUSED = {
    "expects": (in_trigger("expects: [a]"), 6, f"{T}.expects", "expect"),
    "event": (in_trigger("event: a"), 6, f"{T}.event", "expect"),
    "thresold": (in_trigger("expect: [a]", "thresold: 3"), 7, f"{T}.thresold", "threshold"),
    "count": (in_trigger("expect: [a]", "count: 3"), 7, f"{T}.count", "threshold"),
    "window": (in_trigger("expect: [a]", "window: 3"), 7, f"{T}.window", "within"),
    "filter": (in_trigger("expect: [a]", "filter: {a: b}"), 7, f"{T}.filter", "match"),
    "Expect": (in_trigger("Expect: [a]"), 6, f"{T}.Expect", "expect"),
    "forEach": (in_trigger("expect: [a]", "forEach: [a]"), 7, f"{T}.forEach", "for_each"),
    "schedule-after": (
        in_trigger("expect: [a]", "schedule-after: 3"), 7, f"{T}.schedule-after", "schedule_after",
    ),
    "enabld": (in_trigger("expect: [a]", "enabld: false"), 7, f"{T}.enabld", "enabled"),
    "params": (in_trigger("expect: [a]", "params: {}"), 7, f"{T}.params", "parameters"),
    "both stand there": (
        in_trigger("expect: [a]", "expects: [b]"), 7, f"{T}.expects", "expect",
    ),
    "of a part": (
        in_trigger("require: all", "triggers:", "  - expect: [a]", "    thresold: 2"),
        9, f"{T}.triggers[0].thresold", "threshold",
    ),
    "of a composite": (
        in_trigger("requires: any", "triggers:", "  - expect: [a]"), 6, f"{T}.requires", "require",
    ),
    "of a metric": (
        in_trigger("metric: {name: lateness, threshold: 1, operator: '>', rang: 600}"),
        6, f"{T}.metric.rang", "range",
    ),
    "trigers": (file_of("trigers: []"), 4, "deployments[0].trigers", "triggers"),
    "paramters": (file_of("paramters: {}"), 4, "deployments[0].paramters", "parameters"),
    "work_pol": (file_of("work_pol: {name: a}"), 4, "deployments[0].work_pol", "work_pool"),
    "workPool": (file_of("workPool: {name: a}"), 4, "deployments[0].workPool", "work_pool"),
    "tag": (file_of("tag: [a]"), 4, "deployments[0].tag", "tags"),
    "schedulles": (file_of("schedulles: []"), 4, "deployments[0].schedulles", "schedules"),
    "of the pool": (
        file_of("work_pool:", "  nme: a"), 5, "deployments[0].work_pool.nme", "name",
    ),
    "of the limit": (
        file_of("concurrency_limit:", "  limit: 1", "  colision_strategy: ENQUEUE"),
        6, "deployments[0].concurrency_limit.colision_strategy", "collision_strategy",
    ),
    "of a schedule": (
        file_of("schedules:", "  - crn: '* * * * *'"), 5, "deployments[0].schedules[0].crn", "cron",
    ),
    "of the file": ("pul: []\n" + file_of(), 1, "pul", "pull"),
    "a parameter": (
        file_of("parameters: {order_id: a, amout: 1}"),
        4, "deployments[0].parameters.amout", "amount",
    ),
    "a parameter of a trigger": (
        in_trigger("expect: [a]", "parameters:", "  orderId: a"),
        8, f"{T}.parameters.orderId", "order_id",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "path", "meant"), REFUSED.values(), ids=REFUSED)
def test_a_near_miss_is_refused_with_its_place(
    folder: Path, text: str, line: int, path: str, meant: str
) -> None:
    code, _, err = deploy(folder, text)

    assert code == 1
    assert f"prefect.yaml:{line}: {path}: " in err
    assert f"Did you mean `{meant}`?" in err
    assert not Deployment.objects.exists() and not Automation.objects.exists()


NOTED = {
    "of a trigger": (in_trigger("expect: [a]", "colour: red"), 7, f"{T}.colour"),
    "of a part": (
        in_trigger("triggers:", "  - expect: [a]", "    colour: red"),
        8,
        f"{T}.triggers[0].colour",
    ),
    "of a deployment": (file_of("colour: red"), 4, "deployments[0].colour"),
    "of a pool": (file_of("work_pool: {colour: red}"), 4, "deployments[0].work_pool.colour"),
    "of the file": ("colour: red\n" + file_of(), 1, "colour"),
    "a parameter": (file_of("parameters: {colour: red}"), 4, "deployments[0].parameters.colour"),
}


@pytest.mark.parametrize(("text", "line", "path"), NOTED.values(), ids=NOTED)
def test_another_unknown_key_is_noted_and_carried_on(
    folder: Path, text: str, line: int, path: str
) -> None:
    code, out, err = deploy(folder, text)

    assert (code, err) == (0, "")
    assert f"note: {folder}/prefect.yaml:{line}: {path}: " in out
    assert Deployment.objects.exists()


def test_names_that_are_free_are_not_told(folder: Path) -> None:
    text = in_trigger(
        "expect: [a]",
        "match: {expects: a, nam: b}",
        "match_related: [{thresold: c}]",
        "job_variables: {enviro: {}}",
    )

    code, out, err = deploy(folder, text)

    assert (code, err) == (0, "")
    assert "note:" not in out


def test_a_flow_that_takes_any_parameter_takes_this_one(folder: Path) -> None:
    (folder / "flow.py").write_text("def take(amount: int = 1, **others): ...\n")

    code, out, _ = deploy(folder, file_of("parameters: {amout: 1}"))

    assert code == 0
    assert "note:" not in out


@pytest.mark.parametrize("as_file", [True, False], ids=["in a file", "in JSON"])
def test_a_trigger_of_the_command_line_is_held_to_it(folder: Path, as_file: bool) -> None:
    option = '{"expects": ["a"], "colour": 1}'
    if as_file:
        (folder / "trigger.yaml").write_text(f"\n{option}\n")
        option = str(folder / "trigger.yaml")

    code, _, err = deploy(folder, file_of(), "-n", "nightly", "--trigger", option)

    assert code == 1
    assert "expects: `expects` is not a key" in err
    assert "Did you mean `expect`?" in err
