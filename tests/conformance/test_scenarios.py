"""The engine agrees with what Prefect 3.9.1 did, but where Flint differs on purpose."""

import json
from pathlib import Path
from typing import Any

import pytest

from triggers_app.automation.engine.simulation import SimulatedFiring, simulate

SCENARIOS = [
    scenario
    for name in ("scenarios.json", "scenarios2.json")
    for scenario in json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
# Where a tick of 5 s decided in Prefect, Flint decides at the deadline.
TICKED = {"proactive"}
# Quirks that Flint changes (the differences in docs/semantics.md), and what it does instead.
CHANGED: dict[str, list[tuple[float, int | None]]] = {
    "present_then_absent_latency": [(s, None) for s in (61.0, 91.0, 121.0, 151.0, 181.0)],
    "two_proactive_windows_no_events_then_event": [
        (s, None) for s in (20.0, 45.0, 65.0, 85.0, 105.0)
    ],
    "for_each_without_after_never_fires": [(40.0, 0)],
    "after_unkeyed_is_ignored": [],
    "after_unkeyed_fires_even_when_done": [],
    "closing_event_after_deadline_between_ticks": [(32.0, 0)],
    "event_from_the_future_fires_now": [(10.0, 0)],
    "sequence_ordering_with_follows": [(7.0, 0)],
    "star_matches_nothing_through_another_pattern": [],
    "negation_in_after_through_another_pattern": [],
}


def labels_agree(labels: dict[str, str], expected: dict[str, Any]) -> bool:
    """Those of the second file are not recorded everywhere."""
    return bool(labels == expected.get("triggering_labels", labels))


def agrees(firing: SimulatedFiring, expected: dict[str, Any], ticked: bool) -> bool:
    early: float = expected["at_seconds"] - firing.at_seconds
    return bool(
        firing.triggering_event_index == expected["triggering_event_index"]
        and labels_agree(firing.triggering_labels, expected)
        and firing.child_firings == expected.get("child_firings", 0)
        and (-0.001 <= early < 5 if ticked else abs(early) <= 0.001)
    )


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(one, id=one["name"]) for one in SCENARIOS if one["name"] not in CHANGED],
)
def test_fires_as_prefect_does(scenario: dict[str, Any]) -> None:
    expected = scenario["expected_firings"]["firings"]

    firings = simulate(scenario)

    assert len(firings) == scenario["expected_firings"]["count"] == len(expected)
    ticked = scenario["group"] in TICKED
    assert [agrees(*pair, ticked) for pair in zip(firings, expected, strict=True)] == (
        [True] * len(firings)
    ), firings


@pytest.mark.parametrize(
    "scenario", [pytest.param(one, id=one["name"]) for one in SCENARIOS if one["name"] in CHANGED]
)
def test_differs_from_prefect_on_purpose(scenario: dict[str, Any]) -> None:
    firings = simulate(scenario)

    assert [(one.at_seconds, one.triggering_event_index) for one in firings] == (
        CHANGED[scenario["name"]]
    )


def test_every_changed_scenario_is_one_where_prefect_surprises() -> None:
    changed = [one for one in SCENARIOS if one["name"] in CHANGED]

    assert len(changed) == len(CHANGED)
    assert {one["compat"] for one in changed} == {"quirk"}
