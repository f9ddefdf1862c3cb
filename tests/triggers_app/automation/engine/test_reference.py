"""The engine agrees with an independent reference, however its work is cut up."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events_app.domain.event import Entry
from project.lib.json_documents import Document
from tests.conformance.test_scenarios import CHANGED, SCENARIOS, labels_agree
from tests.menagerie import proactive
from tests.triggers_app.automation.engine.reference import Reference
from tests.triggers_app.automation.engine.reference_triggers import Fired
from tests.triggers_app.automation.engine.strategies import (
    ABSENCES,
    COMPOSITES,
    LAGGING,
    LEAVES,
    TRIGGERS,
    World,
    world_of,
    worlds,
)
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import Firing, WindowKey
from triggers_app.automation.engine.simulation import ZERO_MS, ScenarioLog, script_of
from triggers_app.automation.engine.windows import decode_window, encode_window

CORE = [scenario for scenario in SCENARIOS if scenario["compat"] == "core"]
DIFFERENT = [scenario for scenario in SCENARIOS if scenario["name"] in CHANGED]
# After each step of a world: nothing, a batch ends, or the process ends.
CUTS = st.lists(st.sampled_from(["", "take", "restart"]), min_size=1, max_size=20)

Firings = dict[UUID, list[Fired]]
few = settings(max_examples=50, derandomize=True)
many = settings(max_examples=10_000)


class Service:
    """An evaluator as the service drives it: takes, stores, and is restarted."""

    def __init__(self) -> None:
        self.evaluator = Evaluator()
        self.versions: dict[UUID, Version] = {}
        self.stored: dict[WindowKey, bytes] = {}
        self.firings: list[Firing] = []

    def run(self, world: World, cuts: Iterable[str] = ()) -> Firings:
        cut = iter(cuts)
        for step in world.steps:
            if isinstance(step, Entry):
                self.evaluator.fold(step)
            else:
                self.edit(step.automation_id, step.version, step.log_ms)
            self.interrupt(next(cut, ""), step.id.ms if isinstance(step, Entry) else step.log_ms)
        self.evaluator.advance(world.until_ms)
        self.take()
        return self.by_automation()

    def edit(self, automation_id: UUID, version: Version | None, log_ms: int) -> None:
        if version is None:
            self.evaluator.advance(log_ms)
            self.evaluator.remove(automation_id)
            self.versions.pop(automation_id, None)
        else:
            self.evaluator.apply(version, log_ms=log_ms)
            self.versions[automation_id] = version

    def interrupt(self, cut: str, log_ms: int) -> None:
        if not cut:
            return
        self.take()
        if cut == "restart":
            self.evaluator = Evaluator()
            enabled = [version for version in self.versions.values() if version.enabled]
            windows = [decode_window(data) for data in self.stored.values()]
            self.evaluator.restore(enabled, windows, log_ms=log_ms)

    def take(self) -> None:
        outcome = self.evaluator.take()
        assert outcome.raised == {}
        self.firings += outcome.firings
        for key in outcome.deleted:
            self.stored.pop(key, None)
        for window in outcome.windows:
            self.stored[window.window_key] = encode_window(window)

    def by_automation(self) -> Firings:
        times = [firing.fired_ms for firing in self.firings]
        assert times == sorted(times)
        found: Firings = {}
        for firing in self.firings:
            found.setdefault(firing.automation_id, []).append(reduced(firing))
        return found


def reduced(firing: Firing) -> Fired:
    return Fired(
        firing.fired_ms,
        firing.version,
        firing.trigger_id,
        firing.triggering.event.id if firing.triggering else None,
        firing.position,
        tuple(firing.labels.items()),
        frozenset(map(reduced, firing.child_firings)),
    )


def by_reference(world: World) -> Firings:
    reference = Reference()
    for step in world.steps:
        if isinstance(step, Entry):
            reference.fold(step)
        elif step.version is None:
            reference.remove(step.automation_id, log_ms=step.log_ms)
        else:
            reference.apply(step.version, log_ms=step.log_ms)
    reference.advance(world.until_ms)
    return reference.firings


def compare(world: World, cuts: list[str]) -> None:
    firings = by_reference(world)

    assert Service().run(world) == firings
    assert Service().run(world, cuts) == firings


def a(skew_ms: int) -> tuple[str, int]:
    return "a", skew_ms * 1000


def b(skew_ms: int) -> tuple[str, int]:
    return "b", skew_ms * 1000


@given(world=worlds(LEAVES), cuts=CUTS)
@few
def test_event_triggers_fire_as_the_reference_does(world: World, cuts: list[str]) -> None:
    compare(world, cuts)


@given(world=worlds(COMPOSITES), cuts=CUTS)
@few
def test_composite_triggers_fire_as_the_reference_does(world: World, cuts: list[str]) -> None:
    compare(world, cuts)


@given(world=worlds(ABSENCES, LAGGING), cuts=CUTS)
@few
def test_absences_of_lagging_senders_and_of_followers_that_wait(
    world: World, cuts: list[str]
) -> None:
    compare(world, cuts)


B_AFTER_A = proactive("b", after=["a"], within=10)
BEATS = proactive("a", "b", after=["a"], within=10, threshold=2)
HALF_AN_HOUR = 30 * 60 * 1000
# What needs so many coincidences that chance does not find it soon; and how often it fires.
COINCIDENCES = {
    "held until opened": (B_AFTER_A, [(0, b(0)), (HALF_AN_HOUR - 1, a(-HALF_AN_HOUR))], 0),
    "held too long": (B_AFTER_A, [(0, b(0)), (HALF_AN_HOUR, a(-HALF_AN_HOUR))], 1),
    "held too long, but for one": (
        {**B_AFTER_A, "threshold": 2},
        [(0, b(0)), (1000, b(0)), (HALF_AN_HOUR - 1000, a(-HALF_AN_HOUR))],
        1,
    ),
    "held around a heartbeat": (BEATS, [(0, a(0)), (5000, b(0)), (1, a(-3000)), (1, b(0))], 0),
    "held beside many": (
        B_AFTER_A,
        [*[(1000, b(0))] * 5, (1000, a(-1500))],
        0,
    ),
    "ended together": (B_AFTER_A, [(20_000, a(-20_000), b(-19_000))], 0),
    "ended too late": (B_AFTER_A, [(20_000, a(-20_000), b(-10_000))], 1),
    "opened with an end that is over": (B_AFTER_A, [(20_000, a(-20_000)), (0, b(-19_000))], 0),
}


@pytest.mark.parametrize(("trigger", "steps", "count"), COINCIDENCES.values(), ids=COINCIDENCES)
def test_coincidences_are_decided_as_by_the_reference(
    trigger: Document, steps: list[Any], count: int
) -> None:
    world = world_of(trigger, *steps, until_ms=2 * HALF_AN_HOUR)

    compare(world, ["restart"] * 9)
    assert [len(found) for found in by_reference(world).values()] == [count] * (count > 0)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@given(
    world=st.one_of(
        worlds(TRIGGERS, max_size=25),
        worlds(st.one_of(ABSENCES, ABSENCES, TRIGGERS), LAGGING, max_size=25),
    ),
    cuts=CUTS,
)
@many
def test_everything_fires_as_the_reference_does(world: World, cuts: list[str]) -> None:
    compare(world, cuts)


Seen = list[tuple[float, int | None, dict[str, str], int]]


def of_scenario(scenario: dict[str, Any]) -> Seen:
    script: ScenarioLog = script_of(scenario)
    reference, automation_id = Reference(), UUID(int=1)
    version = Version(automation_id, 1, script.enabled, script.trigger)
    reference.apply(version, log_ms=ZERO_MS)
    for entry in script.entries:
        reference.fold(entry)
    reference.advance(script.until_ms)
    return [
        (
            (fired.at_ms - ZERO_MS) / 1000,
            script.index_by_id[fired.event_id] if fired.event_id else None,
            dict(fired.labels),
            len(fired.children),
        )
        for fired in reference.firings.get(automation_id, [])
    ]


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one["name"]) for one in CORE])
def test_reference_fires_as_prefect_does(scenario: dict[str, Any]) -> None:
    firings = of_scenario(scenario)

    wanted = scenario["expected_firings"]["firings"]
    assert [(firing[1], firing[3]) for firing in firings] == [
        (one["triggering_event_index"], one.get("child_firings", 0)) for one in wanted
    ]
    assert all(labels_agree(firing[2], one) for firing, one in zip(firings, wanted, strict=True))
    # Where a tick of 5 s decided in Prefect, Flint decides at the deadline.
    ticks = 5 if scenario["group"] == "proactive" else 0.001
    early = [one["at_seconds"] - firing[0] for one, firing in zip(wanted, firings, strict=True)]
    assert all(-0.001 <= seconds < ticks for seconds in early)


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one["name"]) for one in DIFFERENT])
def test_reference_differs_from_prefect_where_flint_does(scenario: dict[str, Any]) -> None:
    assert [firing[:2] for firing in of_scenario(scenario)] == CHANGED[scenario["name"]]
