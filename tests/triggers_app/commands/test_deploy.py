"""`manage.py deploy`: all of a file is deployed, or nothing, with every problem and its line."""

import json
from io import StringIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from django.core.management import call_command

from project.lib.clock import utcnow
from runs_app.models import Deployment, DeploymentSchedule, WorkPool
from triggers_app.models import Automation, AutomationVersion
from triggers_app.services import authoring

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "orders" / "prefect.yaml"
FLOW = """
def take(order_id: str, amount: float = 1.5):
    \"\"\"Take an order.\"\"\"
"""
ONE = """
deployments:
  - name: nightly   # a comment
    entrypoint: flow.py:take
    triggers:
      - expect: [a]
        parameters: {order_id: "{{ event.id }}"}
      - name: second
        expect: [b]
        enabled: false
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.py").write_text(FLOW)
    return tmp_path


def deploy(folder: Path, text: str | None = ONE, *options: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    if text is not None:
        (folder / "prefect.yaml").write_text(dedent(text))
    out, err = StringIO(), StringIO()
    arguments = [f"--prefect-file={folder / 'prefect.yaml'}", *(options or ("--all",))]
    try:
        call_command("deploy", *arguments, stdout=out, stderr=err)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def automations() -> dict[str, dict[str, Any]]:
    rows = Automation.objects.filter(deleted=None).order_by("change")
    return {row.name: {**row.document, "id": row.pk, "version": row.version} for row in rows}


def test_the_example_is_deployed() -> None:
    out = StringIO()

    call_command("deploy", "--all", f"--prefect-file={EXAMPLE}", stdout=out)

    names = sorted(Deployment.objects.values_list("name", flat=True))
    assert names == ["receive-order", "ship-order"]
    assert "note:" not in out.getvalue()
    [run] = automations()["receive-order__automation_1"]["actions"]
    assert run["parameters"]["param_1"] == "{{ event }}"


def test_a_deployment_is_made_from_the_file_and_the_source(folder: Path) -> None:
    code, out, _ = deploy(folder)

    made = Deployment.objects.select_related("flow", "work_pool").get()
    assert code == 0
    assert (made.flow.name, made.name, made.flow_root) == ("take", "nightly", str(folder))
    assert made.work_pool is not None
    assert (made.work_pool.name, made.work_pool.type) == ("default", "flint")
    assert made.description == "Take an order."
    assert (made.parameter_openapi_schema or {})["required"] == ["order_id"]
    assert "created   deployment take/nightly" in out


def test_triggers_become_automations_of_the_deployment(folder: Path) -> None:
    deploy(folder)

    made = automations()
    owner = f"prefect.deployment.{Deployment.objects.get().pk}"
    assert list(made) == ["nightly__automation_1", "second"]
    assert [document["enabled"] for document in made.values()] == [True, False]
    assert set(Automation.objects.values_list("owner_resource", flat=True)) == {owner}


def test_deploying_again_changes_nothing(folder: Path) -> None:
    deploy(folder)
    before = automations()

    _, out, _ = deploy(folder)

    assert automations() == before
    assert AutomationVersion.objects.count() == 2
    assert out.count("unchanged") == 3


def test_only_what_is_different_is_changed(folder: Path) -> None:
    deploy(folder)
    before = automations()

    _, out, _ = deploy(folder, ONE.replace("[b]", "[c]"))

    after = automations()
    assert after["nightly__automation_1"] == before["nightly__automation_1"]
    assert after["second"]["id"] == before["second"]["id"]
    assert after["second"]["trigger"]["expect"] == ["c"]
    assert "changed   automation second" in out


def test_a_trigger_that_moves_keeps_its_automation(folder: Path) -> None:
    deploy(folder)
    before = automations()["nightly__automation_1"]

    first = '      - expect: [a]\n        parameters: {order_id: "{{ event.id }}"}\n'
    deploy(folder, ONE.replace(first, "") + first)

    after = automations()["nightly__automation_2"]
    assert (after["id"], after["trigger"]["id"]) == (before["id"], before["trigger"]["id"])


def test_what_is_gone_from_the_file_is_removed(folder: Path) -> None:
    deploy(folder)

    _, out, _ = deploy(folder, ONE.split("    triggers:")[0])

    assert automations() == {}
    assert "removed   automation second" in out


def test_trigger_options_replace_the_triggers_of_the_file(folder: Path) -> None:
    (folder / "more.yml").write_text("triggers:\n  - {expect: [x]}\n  - {expect: [y], name: why}\n")

    deploy(
        folder, ONE, "-n", "nightly",
        "--trigger", json.dumps({"expect": ["flag.go"]}),
        "--trigger", str(folder / "more.yml"),
    )  # fmt: skip

    made = automations()
    assert list(made) == ["nightly__automation_1", "nightly__automation_2", "why"]
    assert made["nightly__automation_1"]["trigger"]["expect"] == ["flag.go"]


def test_a_pool_that_does_not_exist_is_made_and_said(folder: Path) -> None:
    _, out, _ = deploy(folder, ONE + "    work_pool: {name: mine, job_variables: {a: 1}}\n")

    assert WorkPool.objects.get().type == "flint"
    assert "created   work pool  mine" in out
    assert Deployment.objects.get().job_variables == {"a": 1}


def test_what_has_no_effect_is_noted_with_its_line(folder: Path) -> None:
    _, out, _ = deploy(folder, ONE + "    push: [{step: {}}]\n    colour: red\n")

    assert "prefect.yaml:11: deployments[0].push: push steps are not carried out." in out
    assert "prefect.yaml:12: deployments[0].colour: this key is not known" in out


SCHEDULED = """
    schedules:
      - cron: "0 2 * * *"
        timezone: Europe/Berlin
        slug: nightly
        parameters: {order_id: "7"}
      - interval: 3600
        active: false
"""


def test_schedules_are_deployed_and_stay_as_long_as_the_file_says_so(folder: Path) -> None:
    deploy(folder, ONE + SCHEDULED)
    made = {row.pk for row in DeploymentSchedule.objects.all()}
    _, again, _ = deploy(folder, ONE + SCHEDULED)

    cron, interval = DeploymentSchedule.objects.order_by("slug")
    assert cron.schedule == {"cron": "0 2 * * *", "timezone": "Europe/Berlin", "day_or": True}
    assert (cron.slug, cron.parameters, cron.active) == ("nightly", {"order_id": "7"}, True)
    assert interval.schedule["interval"] == 3600 and interval.active is False
    assert "unchanged deployment" in again and {cron.pk, interval.pk} == made

    deploy(folder, ONE + "    schedule: {rrule: 'FREQ=DAILY'}\n")
    assert DeploymentSchedule.objects.get().schedule["rrule"].endswith("FREQ=DAILY")
    _, out, _ = deploy(folder, ONE)
    assert not DeploymentSchedule.objects.exists() and "schedules" in out


def test_a_wrong_schedule_is_told_by_its_line(folder: Path) -> None:
    wrong = SCHEDULED.replace("0 2 * * *", "0 0 30 2 *").replace("interval: 3600", "interval: 0")

    code, _, told = deploy(folder, ONE + wrong)

    assert code == 1 and not Deployment.objects.exists()
    assert "prefect.yaml:13: deployments[0].schedules[0].cron: This never occurs." in told
    one = ONE + "    schedule: {cron: never}\n"
    assert "deployments[0].schedule.cron: " in deploy(folder, one)[2]


def with_variables(pool: str, where: str) -> str:
    variables = {"env": {"LD_PRELOAD": "/x.so", "STAGE": "s"}}
    entry: dict[str, Any] = {
        "name": "n",
        "entrypoint": "flow.py:take",
        "triggers": [{"expect": ["a"]}],
    }
    entry["work_pool"] = {"name": pool}
    target = entry["work_pool"] if where == "deployment" else entry["triggers"][0]
    target["job_variables"] = variables
    return json.dumps({"deployments": [entry]})


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("deployment", "deployments[0].work_pool.job_variables.env.LD_PRELOAD"),
        ("trigger", "deployments[0].triggers[0].job_variables.env.LD_PRELOAD"),
    ],
)
def test_variables_that_choose_code_are_refused_where_flint_executes(
    where: str, path: str, folder: Path
) -> None:
    WorkPool.objects.create(name="theirs", type="process")

    code, _, errors = deploy(folder, with_variables("own", where))
    written = Deployment.objects.count()
    theirs, _, _ = deploy(folder, with_variables("theirs", where))

    assert (code, written) == (1, 0)
    assert path in errors
    assert theirs == 0


@pytest.mark.parametrize("name", ["imported", "Thing", "values"])
def test_an_entrypoint_is_a_function_that_is_written_in_its_file(name: str, folder: Path) -> None:
    source = "from os import system as imported\nclass Thing: ...\nvalues = imported\n"
    (folder / "flow.py").write_text(source)

    code, _, errors = deploy(folder, ONE.replace("take", name))

    assert (code, Deployment.objects.count()) == (1, 0)
    assert f"`{name}`" in errors


def test_methods_and_flows_with_options_are_deployed_with_their_parameters(folder: Path) -> None:
    (folder / "flow.py").write_text(
        "class Shop:\n"
        "    @flow(name='open the shop')\n"
        "    def open(self, order_id: str): ...\n"
        "    @staticmethod\n"
        "    def close(order_id: str): ...\n"
        "def take(order_id: str): ...\n"
        "again = take.with_options(name='take again', description='Once more.')\n"
    )
    for name in ("Shop.open", "Shop.close", "again"):
        code, _, errors = deploy(folder, ONE.replace("take", name).replace("nightly", name))
        assert code == 0, errors

    made = {each.name: each for each in Deployment.objects.select_related("flow")}
    flows = {name: each.flow.name for name, each in made.items()}
    assert flows == {"Shop.open": "open the shop", "Shop.close": "close", "again": "take again"}
    assert made["again"].description == "Once more."
    assert all(
        list((each.parameter_openapi_schema or {})["properties"]) == ["order_id"]
        for each in made.values()
    )


def switched_off(name: str) -> None:
    row = Automation.objects.get(name=name)
    authoring.enable(row.pk, False, author="somebody", now=utcnow())


def test_what_a_person_switched_off_stays_off_and_that_is_said(folder: Path) -> None:
    deploy(folder)
    switched_off("nightly__automation_1")

    code, out, _ = deploy(folder)
    _, again, _ = deploy(folder, ONE.replace("[a]", "[c]"))

    assert code == 0
    assert "unchanged automation nightly__automation_1" in out
    said = "warning: automation `nightly__automation_1`: It stays off, because a person"
    assert said in out and said in again
    assert not automations()["nightly__automation_1"]["enabled"]


def test_a_file_that_says_something_else_than_before_is_followed(folder: Path) -> None:
    deploy(folder)
    switched_off("nightly__automation_1")
    off = ONE.replace("- expect: [a]", "- expect: [a]\n        enabled: false")

    deploy(folder, off)
    _, out, _ = deploy(folder)

    assert automations()["nightly__automation_1"]["enabled"]
    assert "warning" not in out


def test_a_loop_is_deployed_and_its_guard_is_said(folder: Path) -> None:
    trigger = {
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "expect": ["prefect.flow-run.Completed"],
        "parameters": {"order_id": "{{ event.id }}"},
    }

    code, out, err = deploy(folder, ONE, "-n", "nightly", "--trigger", json.dumps(trigger))

    assert (code, err) == (0, "")
    assert "warning: automation `nightly__automation_1`: This automation runs in a loop" in out
    assert Automation.objects.get(deleted=None, name="nightly__automation_1").guarded


def test_prefects_own_pattern_is_refused_with_its_words(folder: Path) -> None:
    trigger = json.dumps({"expect": ["prefect.flow-run.Running"]})

    code, _, err = deploy(folder, ONE, "-n", "nightly", "--trigger", trigger)

    assert code == 1
    assert "Running a selected deployment from a flow run state change event may lead to" in err
    assert automations() == {}
