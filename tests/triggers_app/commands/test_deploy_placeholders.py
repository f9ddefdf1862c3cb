"""A placeholder without a value: told with its line and path, and nothing is deployed."""

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


# What a trigger says, and the path of what has no value.
IN_TRIGGERS = {
    "enabled": ('enabled: "{{ prefect.variables.is_prod }}"', "enabled"),
    "expect": ('expect: "{{ $NOPE }}"', "expect"),
    "one of expect": ('expect: [a, "{{ $NOPE }}"]', "expect[1]"),
    "within a name": ('expect: ["orders.{{ $NOPE }}.landed"]', "expect[0]"),
    "after": ('after: ["{{ $NOPE }}"]', "after[0]"),
    "match": ('match: "{{ steps.match }}"', "match"),
    "a label": ('match: {region: "{{ $NOPE }}"}', "match.region"),
    "one of the values of a label": ('match: {region: [eu, "{{ $NOPE }}"]}', "match.region[1]"),
    "a label's name": ('match: {"{{ $SET }}": eu}', "match.{{ $SET }}"),
    "match_related": ('match_related: {region: "{{ $NOPE }}"}', "match_related.region"),
    "one of match_related": ('match_related: [{a: "{{ $NOPE }}"}]', "match_related[0].a"),
    "for_each": ('for_each: ["{{ $NOPE }}"]', "for_each[0]"),
    "threshold": ('threshold: "{{ $NOPE }}"', "threshold"),
    "within": ('within: "{{ $NOPE }}"', "within"),
    "posture": ('posture: "{{ $NOPE }}"', "posture"),
    "schedule_after": ('schedule_after: "{{ $NOPE }}"', "schedule_after"),
    "job_variables": ('job_variables: {env: {A: "{{ $NOPE }}"}}', "job_variables.env.A"),
    "require": ('require: "{{ $NOPE }}"\n        triggers: [{expect: [a]}]', "require"),
    "a part": ('require: all\n        triggers: [{expect: ["{{ $NOPE }}"]}]', None),
    "a metric": (
        'metric: {name: lateness, operator: ">", threshold: "{{ $NOPE }}"}', "metric.threshold"
    ),
    "a key that nobody knows": ('labels: "{{ $NOPE }}"', "labels"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "path"), IN_TRIGGERS.values(), ids=IN_TRIGGERS)
def test_in_a_trigger_it_stops_the_deployment(folder: Path, text: str, path: str | None) -> None:
    file = f"""
deployments:
  - name: nightly
    entrypoint: flow.py:take
    triggers:
      - name: t
        {text}
"""

    code, _, err = deploy(folder, file)

    line = 8 if path is None else 7
    where = f"deployments[0].triggers[0].{path or 'triggers[0].expect[0]'}: `{{{{ "
    assert code == 1
    assert f"prefect.yaml:{line}: {where}" in err
    assert "1 problems; nothing was deployed." in err
    assert not Deployment.objects.exists() and not Automation.objects.exists()


IN_DEPLOYMENTS = [
    "paused", "concurrency_limit", "enforce_parameter_schema", "entrypoint", "flow_name",
]  # fmt: skip


@pytest.mark.parametrize("key", IN_DEPLOYMENTS)
def test_it_stops_a_deployment_that_would_be_another_without_it(folder: Path, key: str) -> None:
    rest = "" if key == "entrypoint" else "\n    entrypoint: flow.py:take"
    file = f'deployments:\n  - name: nightly\n    {key}: "{{{{ $NOPE }}}}"{rest}\n'

    code, _, err = deploy(folder, file)

    assert code == 1
    assert f"prefect.yaml:3: deployments[0].{key}: `{{{{ $NOPE }}}}` has no value" in err
    assert not Deployment.objects.exists()


def test_the_pool_is_named(folder: Path) -> None:
    file = """
deployments:
  - name: nightly
    entrypoint: flow.py:take
    work_pool:
      name: "{{ $POOL }}"
      job_variables: {image: "{{ build.image }}"}
"""

    code, _, err = deploy(folder, file)

    assert code == 1
    assert "prefect.yaml:6: deployments[0].work_pool.name: `{{ $POOL }}` has no value" in err
    assert "image" not in err


def test_descriptions_and_images_are_noted(folder: Path) -> None:
    file = """
deployments:
  - name: nightly
    entrypoint: flow.py:take
    description: "{{ build.notes }}"
    version: "{{ build.tag }}"
    tags: ["{{ build.tag }}", kept]
    work_pool: {job_variables: {image: "{{ build.image }}"}}
    triggers:
      - expect: [a]
        description: "{{ build.notes }}"
"""

    code, out, err = deploy(folder, file)

    assert (code, err) == (0, "")
    assert out.count("has no value here and is left out") == 5
    assert Deployment.objects.get().tags == ["kept"]


def test_a_value_of_the_environment_is_filled_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLINT_TEST_SET", "orders.landed")
    file = """
deployments:
  - name: nightly
    entrypoint: flow.py:take
    triggers:
      - expect: ["{{ $FLINT_TEST_SET }}"]
        match: {a: "x.{{ $FLINT_TEST_SET }}"}
"""

    code, _, err = deploy(folder, file)

    assert (code, err) == (0, "")
    trigger = Automation.objects.get().document["trigger"]
    assert trigger["expect"] == ["orders.landed"]
    assert trigger["match"] == {"a": "x.orders.landed"}


@pytest.mark.parametrize("as_file", [True, False], ids=["in a file", "in JSON"])
def test_it_stops_a_trigger_of_the_command_line(folder: Path, as_file: bool) -> None:
    option = '{"expect": ["{{ $NOPE }}"]}'
    if as_file:
        (folder / "trigger.yaml").write_text(f"\n{option}\n")
        option = str(folder / "trigger.yaml")
    file = "deployments:\n  - name: nightly\n    entrypoint: flow.py:take\n"

    code, _, err = deploy(folder, file, "-n", "nightly", "--trigger", option)

    assert code == 1
    assert "expect[0]: `{{ $NOPE }}` has no value" in err
    assert not Deployment.objects.exists()


IN_PARAMETERS = {
    "of a deployment": 'parameters: {order_id: "{{ $NOPE }}"}',
    "of a step": 'parameters: {order_id: "{{ build.id }}"}',
    "within a list": 'parameters: {order_id: ["{{ prefect.variables.x }}"]}',
    "all of them": 'parameters: "{{ $NOPE }}"',
    "of a trigger": 'triggers: [{expect: [a], parameters: {order_id: "{{ $NOPE }}"}}]',
    "beside a template": (
        'triggers: [{expect: [a], parameters: {order_id: "{{ event.id }}{{ $NOPE }}"}}]'
    ),
}  # fmt: skip


@pytest.mark.parametrize("line", IN_PARAMETERS.values(), ids=IN_PARAMETERS)
def test_a_parameter_is_never_the_placeholder_itself(folder: Path, line: str) -> None:
    code, _, err = deploy(
        folder, f"deployments:\n  - name: nightly\n    entrypoint: flow.py:take\n    {line}\n"
    )

    assert code == 1
    assert "prefect.yaml:4: deployments[0]." in err and "parameters" in err
    assert "has no value." in err and "1 problems; nothing was deployed." in err
    assert not Deployment.objects.exists()


def test_parameters_and_switches_are_filled_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLINT_TEST_SET", "42")
    monkeypatch.setenv("FLINT_TEST_FLAG", "true")
    file = """
deployments:
  - name: nightly
    entrypoint: flow.py:take
    paused: "{{ $FLINT_TEST_FLAG }}"
    concurrency_limit: "{{ $FLINT_TEST_SET }}"
    parameters: {order_id: "{{ $FLINT_TEST_SET }}"}
    triggers:
      - expect: [a]
        enabled: "{{ $FLINT_TEST_FLAG }}"
        parameters: {order_id: ["{{ event.id }}-{{ $FLINT_TEST_SET }}"]}
"""

    code, _, err = deploy(folder, file)

    assert (code, err) == (0, "")
    made = Deployment.objects.get()
    assert (made.paused, made.concurrency_limit, made.parameters) == (True, 42, {"order_id": "42"})
    [run] = Automation.objects.get().document["actions"]
    assert run["parameters"] == {"order_id": ["{{ event.id }}-42"]}


def test_what_workers_fill_in_stays_and_is_noted(folder: Path) -> None:
    file = """
deployments:
  - name: nightly
    entrypoint: flow.py:take
    parameters: {order_id: "{{ ctx.flow_run.id }}"}
"""

    code, out, _ = deploy(folder, file)

    assert code == 0
    assert "prefect.yaml:5: deployments[0].parameters.order_id: `{{ ctx.flow_run.id }}`" in out
    assert Deployment.objects.get().parameters == {"order_id": "{{ ctx.flow_run.id }}"}
