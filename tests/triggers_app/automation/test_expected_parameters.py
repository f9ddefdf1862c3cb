"""Kept tests that also say what the runs of a firing must get."""

from typing import Any

import pytest

from tests.menagerie import named, reactive
from tests.triggers_app.automation.test_running_tests import came, kept
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.running_tests import TestResult, run_tests

TWICE = reactive("landed", threshold=2, within=600, for_each=["site"])
RUN = {
    "site": "{{ labels.site }}",
    "rows": "{{ event.payload.rows }}",
    "fixed": 7,
    "day": "{{ event.occurred.date() }}",
    "deployment": "{{ deployment.name }}",
    "broken": "{{ event.payload.nothing }}",
}
NORTH = {"prefect.resource.id": "a", "site": "north"}
EVENTS = [came("landed", each, payload={"rows": each}, resource=NORTH) for each in (0, 60)]


def automation(test: Any, *runs: Any, trigger: Any = TWICE) -> dict[str, Any]:
    actions = [
        {"type": "run-deployment", "deployment_id": str(named("d")), "parameters": run}
        for run in runs
    ]
    return {"name": "a", "trigger": trigger, "actions": actions, "flint": {"tests": [test]}}


def result(test: Any, *runs: Any, trigger: Any = TWICE) -> TestResult:
    [found] = run_tests(automation(test, *runs, trigger=trigger))
    return found


def test_parameters_are_rendered_from_the_event_and_its_labels_alone() -> None:
    found = result(kept(*EVENTS), RUN)

    assert list(found.rendered) == [
        {"site": "north", "rows": 60, "fixed": 7, "day": "2026-11-23"}
    ]  # neither what the deployment says, nor what has no value


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        ([{"rows": 60}], ""),
        ([{}], ""),
        ([{"rows": 61}], "`rows` is `60`, expected `61`"),
        ([{"rows": "60"}], '`rows` is `60`, expected `"60"`'),
        ([{"broken": 1}], "`broken` has no value, expected `1`"),
        ([{}, {"rows": 60}], "`rows` has no value, expected `60`"),
    ],
    ids=["as expected", "anything", "another", "another type", "none", "no such run"],
)
def test_expected_parameters_are_compared(expected: Any, sentence: str) -> None:
    found = result(kept(*EVENTS, parameters=expected), RUN)

    assert [one.sentence for one in found.differences] == ([sentence] if sentence else [])
    assert (found.fired, found.passes) == (True, not sentence)
    assert sentence in found.reason


def test_runs_are_compared_in_their_order() -> None:
    expected = [{"rows": 60}, {"fixed": 8}]

    found = result(kept(*EVENTS, parameters=expected), RUN, {"fixed": 8})

    assert found.passes


def test_what_must_not_fire_expects_no_parameters() -> None:
    found = result(kept(EVENTS[0], fires=False, parameters=[{"rows": 60}]), RUN)

    assert found.passes


def test_absence_of_everything_has_no_event() -> None:
    silent = {**TWICE, "posture": "Proactive", "threshold": 1, "for_each": []}
    times: dict[str, Any] = {"since": "2026-11-23T12:00:00Z", "until": "2026-11-23T13:00:00Z"}

    found = result(kept(**times), RUN, trigger=silent)

    assert (found.fired, list(found.rendered)) == (True, [{"fixed": 7}])


def test_expected_parameters_are_kept_with_the_document() -> None:
    document = automation(kept(*EVENTS, parameters=[{"rows": 60}]), RUN)

    options = parse_automation(document).flint

    assert options is not None
    assert options.tests[0].parameters == [{"rows": 60}]
