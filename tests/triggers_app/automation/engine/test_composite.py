"""Compound and sequence triggers, beyond the recorded scenarios."""

import pytest

from project.lib.json_documents import Document
from tests.menagerie import (
    Stage,
    compound,
    entry,
    event,
    ms,
    named,
    proactive,
    reactive,
    sequence,
    us,
    version,
)

A, B, C = reactive("a"), reactive("b"), reactive("c")
EACH = {"for_each": ["prefect.resource.id"]}
KEYED = compound(reactive("a", **EACH), reactive("b", **EACH), within=60)


def test_firing_carries_its_children_in_declaration_order() -> None:
    stage = Stage(compound(A, B, within=60)).send("b", 1).send("a", 2)

    [firing] = stage.firings

    children = [child.triggering.event.event for child in firing.child_firings if child.triggering]
    assert children == ["a", "b"]
    assert stage.causes == ["a"]
    assert (firing.trigger_id, firing.position) == (named("node 0"), (ms(2), 1, 0))
    assert (firing.counted_total, len(firing.counted)) == (2, 2)
    assert (firing.window_start_us, firing.window_end_us) == (us(1), us(2))


def test_children_that_fire_go_into_no_list_of_their_own() -> None:
    stage = Stage(compound(A, B, within=60)).send("a", 1)

    assert stage.firings == []


def test_slots_are_cleared_by_a_firing() -> None:
    stage = Stage(compound(A, B, within=60)).send("a", 1).send("b", 2).send("b", 3).send("a", 4)

    assert stage.times == [2, 4]


@pytest.mark.parametrize(
    "document",
    [compound(A, require="any"), compound(A, B, require=1), sequence(A), compound(A)],
    ids=["any", "one", "sequence of one", "all of one"],
)
def test_one_needed_fires_at_once_and_remembers_nothing(document: Document) -> None:
    stage = Stage(document | {"within": 0}).send("a", 1).send("a", 2)

    assert stage.times == [1, 2]
    assert stage.outcome.windows == []


def test_nothing_declared_never_fires() -> None:
    assert Stage(compound()).send("a", 1).times == []


def test_negative_window_never_holds_two() -> None:
    stage = Stage(compound(A, B, within=-5)).send("a", 1).send("b", 1)

    assert stage.times == []


def test_some_of_several_suffice() -> None:
    stage = Stage(compound(A, B, C, require=2, within=60)).send("a", 1).send("c", 3).send("b", 4)

    assert stage.times == [3]


def test_window_between_children_is_log_time() -> None:
    """Row 8."""
    stage = Stage(compound(A, B, within=10))

    stage.send("a", 100, occurred=0).send("b", 110, occurred=90).send("a", 120.001)

    assert stage.times == [110]


@pytest.mark.parametrize(
    ("order", "times"),
    [("ab", [2]), ("ba", []), ("bab", [3]), ("abab", [2, 4])],
)
def test_sequence_wants_the_declared_order(order: str, times: list[float]) -> None:
    stage = Stage(sequence(A, B, within=60))

    for second, name in enumerate(order, start=1):
        stage.send(name, second)

    assert stage.times == times


@pytest.mark.parametrize(("order", "fires"), [("aabc", True), ("abac", False), ("acbc", True)])
def test_repeated_step_takes_its_latest_place(order: str, fires: bool) -> None:
    stage = Stage(sequence(A, B, C))

    for second, name in enumerate(order, start=1):
        stage.send(name, second)

    assert bool(stage.times) is fires


def test_steps_of_one_millisecond_go_by_their_position() -> None:
    """Row 8."""
    forwards = Stage(sequence(A, B, within=0))
    backwards = Stage(sequence(A, B, within=0))

    forwards.fold(entry(event("a", at=1), event("b", at=1), at=1))
    backwards.fold(entry(event("b", at=1), event("a", at=1), at=1))

    assert (forwards.times, backwards.times) == ([1], [])


def test_steps_that_one_event_matches_go_by_declaration() -> None:
    """Row 10."""
    stage = Stage(sequence(reactive("x.*"), reactive("*.y"), within=60)).send("x.y", 1)

    assert stage.times == [1]


def test_nested_composite_is_a_step_like_any_other() -> None:
    stage = Stage(sequence(compound(A, B, within=60), compound(C, require="any"), within=60))

    stage.send("c", 1).send("b", 2).send("a", 3).send("c", 4)

    [firing] = stage.firings
    assert (stage.times, len(firing.child_firings)) == ([4], 2)
    assert [len(child.child_firings) for child in firing.child_firings] == [2, 1]


def test_absence_is_a_step_at_its_deadline() -> None:
    """Row 8."""
    silent = proactive("beat", after=["go"], within=10)
    stage = Stage(sequence(A, silent, B, within=60))

    stage.send("go", 1).send("a", 5).send("b", 11.001)

    assert stage.times == [11.001]


def test_keys_of_children_are_mixed_unless_asked_otherwise() -> None:
    """Row 9."""
    stage = Stage(KEYED).send("a", 1, resource="r.1").send("b", 2, resource="r.2")

    assert [firing.labels for firing in stage.firings] == [{}]


def test_for_each_of_the_whole_puts_together_what_belongs_together() -> None:
    """Row 9."""
    stage = Stage(KEYED | EACH)

    stage.send("a", 1, resource="r.1").send("a", 2, resource="r.2")
    stage.send("b", 3, resource="r.2").send("b", 4, resource="r.1").send("b", 5, resource="r.3")

    keys = [firing.labels["prefect.resource.id"] for firing in stage.firings]
    assert list(zip(stage.times, keys, strict=True)) == [(3, "r.2"), (4, "r.1")]


def test_expired_slots_are_swept() -> None:
    stage = Stage(compound(A, B, within=10)).send("a", 1)

    stage.until(11).take()
    before = list(stage.outcome.deleted)
    stage.until(11.001).take()

    assert before == []
    assert [gone.trigger_id for gone in stage.outcome.deleted] == [named("node 0")]
    assert [(one.outcome, one.count) for one in stage.closed] == [("expired", 1)]


def test_slots_without_window_wait_for_ever() -> None:
    stage = Stage(compound(A, B)).send("a", 1).send("b", 9_000_000)

    assert stage.times == [9_000_000]


def test_changed_sibling_leaves_the_windows_of_the_other_child() -> None:
    twice = reactive("a", threshold=2, within=60)
    stage = Stage(compound(twice, B, within=60)).send("a", 1).send("b", 2)

    stage.evaluator.apply(version(compound(twice, C, within=60), number=2), log_ms=ms(3))
    stage.send("a", 4).send("c", 5)

    assert stage.times == [5]
    assert [closed.outcome for closed in stage.closed] == ["changed", "fired"]


def test_absences_of_one_instant_go_by_declaration_also_after_events_were_held() -> None:
    """An event that was held had left its window among the sweeps."""
    silence = proactive(within=10)
    watch = proactive("e", after=["start"], within=10, threshold=2)

    stage = Stage(compound(silence, watch, require="any")).send("e", 0).send("start", 0).until(10)

    fired = [firing.child_firings[0].trigger_id for firing in stage.firings]
    assert fired == [named("node 1"), named("node 2")]
