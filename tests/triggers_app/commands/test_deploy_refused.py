"""`manage.py deploy`: what is refused, and how that is said."""

from pathlib import Path

import pytest

from runs_app.models import Deployment, Flow
from tests.triggers_app.commands.test_deploy import ONE, deploy, folder

__all__ = ["folder"]

pytestmark = pytest.mark.django_db


BROKEN = """
deployments:
  - name: one
    entrypoint: flow.py:nope
    triggers:
      - expect: [a]
        within: soon
      - expect: [a]
        parameters:
          list:
            - "{{ x "
  - entrypoint: gone.py:take
  - name: three
    entrypoint: ../flow.py:take
"""


def test_every_problem_is_told_with_its_line_and_nothing_is_written(folder: Path) -> None:
    code, out, err = deploy(folder, BROKEN)

    assert (code, out) == (1, "")
    for place in [
        "prefect.yaml:4: deployments[0].entrypoint: 'flow.py:nope' cannot be run",
        "prefect.yaml:7: deployments[0].triggers[0].within",
        "prefect.yaml:11: deployments[0].triggers[1].parameters.list[0]",
        "prefect.yaml:12: deployments[1].name",
        "prefect.yaml:14: deployments[2].entrypoint",
    ]:
        assert place in err
    assert not Flow.objects.exists()


WRONG = [
    ("deployments: [", "prefect.yaml:1: This is not YAML"),
    ("a: 1\na: 2\n", "prefect.yaml:2: This is not YAML"),
    ("name: x\n", "needs a list `deployments`"),
    ("- 1\n", "needs a list `deployments`"),
    (ONE + "    parameters: {amount: x}\n", "prefect.yaml:11: deployments[0].parameters: "),
    (ONE + "  - name: nightly\n    entrypoint: flow.py:take\n", "deployed twice"),
    (ONE + "      - {metric: {name: queue, threshold: 1, operator: '>'}}\n", "the metrics"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_file_is_refused(folder: Path, text: str, message: str) -> None:
    code, _, err = deploy(folder, text)

    assert code == 1
    assert message in err
    assert not Deployment.objects.exists()


OPTIONS = [
    ((), "Say what to deploy"),
    (("-n", "nope"), "There is no deployment `nope`; there is: nightly."),
    (("--all", "--trigger", "{"), "--trigger:"),
    (("--all", "--trigger", '{"expect": 1}'), "expect"),
    (("--all", "--trigger", "gone.yaml"), "cannot be read"),
]


@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=[message for _, message in OPTIONS])
def test_wrong_options_are_refused(folder: Path, options: tuple[str, ...], message: str) -> None:
    code, _, err = deploy(folder, ONE, *(options or ("-v1",)))

    assert code == 1
    assert message in err
    assert not Deployment.objects.exists()


def test_an_alias_bomb_is_refused(folder: Path) -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )

    code, _, err = deploy(folder, bomb + ONE)

    assert code == 1
    assert "more than 100,000 values" in err
