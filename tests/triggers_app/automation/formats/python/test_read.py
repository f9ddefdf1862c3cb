"""Scripts for Prefect read as literals: what is found in them, and what is refused."""

from textwrap import dedent
from typing import Any

import pytest

from triggers_app.automation.formats.python import read as python_source
from triggers_app.automation.formats.reading import Reading

SCRIPT = """
    from datetime import timedelta
    from prefect import flow
    from prefect.events import DeploymentCompoundTrigger, DeploymentEventTrigger, EventTrigger

    PINGED = "external.resource.pinged"
    shared = DeploymentEventTrigger(name="shared", expect={PINGED})

    @flow(name="the flow", log_prints=True)
    def decorated_fn(param_1: str):
        print(param_1)

    if __name__ == "__main__":
        decorated_fn.serve(
            name="my-deployment",
            triggers=[
                shared,
                DeploymentCompoundTrigger(
                    enabled=True,
                    require="all",
                    within=timedelta(minutes=30),
                    triggers=[
                        EventTrigger(expect=["a"], posture=Posture.Proactive),
                        {"type": "event", "match": {"prefect.resource.id": "x"}},
                    ],
                    parameters={"param_1": "{{ event }}"},
                ),
            ],
        )
"""


def test_the_triggers_of_a_script_are_found_with_their_deployment() -> None:
    reading = python_source.read(dedent(SCRIPT))

    first, second = reading.automations
    assert not reading.errors
    assert [each.document["name"] for each in reading.automations] == [
        "shared",
        "my-deployment__automation_2",
    ]
    assert first.document["trigger"]["expect"] == ["external.resource.pinged"]
    assert second.document["trigger"]["within"] == 1800
    assert [each["posture"] for each in second.document["trigger"]["triggers"]] == [
        "Proactive",
        "Reactive",
    ]
    assert second.document["actions"][0]["parameters"] == {"param_1": "{{ event }}"}
    [reference] = second.references
    assert (reference.name, reference.flow_name) == ("my-deployment", "the flow")


def read(arguments: str) -> Reading:
    return python_source.read(f"t = DeploymentEventTrigger({arguments})\n")


VALUES: list[tuple[str, str, Any]] = [
    ("within=timedelta(hours=1, minutes=30)", "within", 5400),
    ("within=datetime.timedelta(0, 1.5)", "within", 1.5),
    ("within=timedelta(days=1)", "within", 86400),
    ("threshold=-1", "threshold", -1),
    ("expect=('a' 'b',)", "expect", ["ab"]),
    ("expect=set()", "expect", []),
    ("match=dict(a='b')", "match", {"a": "b"}),
    ("match=ResourceSpecification({'a': 'b'})", "match", {"a": "b"}),
    ("match=ResourceSpecification(root={'a': 'b'})", "match", {"a": "b"}),
    ("match={**{'a': 'b'}, 'c': 'd'}", "match", {"a": "b", "c": "d"}),
    ("x=[True, None, 1.5, {'y': []}]", "x", [True, None, 1.5, {"y": []}]),
    ("posture=Posture.Proactive", "posture", "Proactive"),
]


@pytest.mark.parametrize(("arguments", "key", "value"), VALUES)
def test_a_literal_is_read(arguments: str, key: str, value: Any) -> None:
    reading = read(arguments)

    assert reading.document is not None and not reading.errors
    assert reading.document["trigger"][key] == value


REFUSED = [
    ("expect=[f'a.{x}']", 36, "An f-string is known only when the program runs"),
    ("expect=names()", 35, "Only the running program knows what `names(…)` is"),
    ("expect=missing", 35, "Only the running program knows what `missing` is"),
    ("expect=[a for a in b]", 35, "Only the running program knows what this is"),
    ("match={1: 'a'}", 35, "A key must be a text in quotes"),
    ("['a']", 28, "Write this as a keyword argument"),
    ("within=timedelta(days=x)", 50, "Only the running program knows what `x` is"),
    ("within=timedelta(days=1e300)", 35, "This is not a duration"),
    ("expect=['é', 1j]", 41, "Only the running program knows what this is"),
    ("within=-1", 35, "must not be negative"),
]


@pytest.mark.parametrize(("arguments", "column", "message"), REFUSED)
def test_what_is_no_literal_is_refused_at_its_place(
    arguments: str, column: int, message: str
) -> None:
    reading = read(arguments)

    said = [(each.line, each.column) for each in reading.errors if message in each.message]
    assert said == [(1, column)], [str(each) for each in reading.diagnostics]
    assert reading.document is not None


def test_nothing_is_executed(tmp_path: Any) -> None:
    witness = tmp_path / "witness"
    code = f"open({str(witness)!r}, 'w').close()"

    reading = python_source.read(f"{code}\nDeploymentEventTrigger(expect=[{code}])\n")

    assert reading.errors and not witness.exists()


def test_an_automation_is_read_whole() -> None:
    reading = python_source.read(
        dedent(
            """
            automation = Automation(
                name="woodchonk",
                trigger=EventTrigger(expect={"animal.walked"}, within=timedelta(seconds=10)),
                actions=[CancelFlowRun(), ChangeFlowRunState(state=StateType.FAILED)],
                tags=["x"],
            ).create()
            """
        )
    )

    assert not reading.diagnostics
    assert reading.document == {
        "name": "woodchonk",
        "trigger": {
            "type": "event",
            "posture": "Reactive",
            "expect": ["animal.walked"],
            "within": 10,
        },
        "actions": [
            {"type": "cancel-flow-run"},
            {"type": "change-flow-run-state", "state": "FAILED"},
        ],
        "tags": ["x"],
    }


OTHERS = [
    ("EventTrigger(expect=['a'])", 1, None),
    ("f.deploy(triggers=[{'expect': ['a']}, {'expect': ['b']}])", 2, None),
    ("ts = [DeploymentEventTrigger()]\nf.deploy('n', triggers=ts)", 1, None),
    ("deploy(f.to_deployment(name='x', triggers=[DeploymentEventTrigger()]))", 1, "x"),
    ("DeploymentTrigger(posture='Metric', metric={'name': 'x'})", 1, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "count", "name"), OTHERS)
def test_triggers_are_found_wherever_they_stand(text: str, count: int, name: str | None) -> None:
    found = python_source.read(text).automations

    assert len(found) == count
    assert found[0].references[0].name == name


PROBLEMS = [
    ("x = (", 1, "Python:"),
    ("print('hello')", 1, "There is no trigger and no automation"),
    ("f.serve(triggers=make())", 1, "The triggers are not written as a list here."),
    ("a = 1\na = 2\nDeploymentEventTrigger(threshold=a)", 3, "Only the running program knows"),
    ("f.serve(triggers=[5])", 1, "A trigger must be an object"),
]


@pytest.mark.parametrize(("text", "line", "message"), PROBLEMS)
def test_a_problem_has_its_line(text: str, line: int, message: str) -> None:
    said = python_source.read(text).errors

    assert [each for each in said if each.line == line and message in each.message], said
