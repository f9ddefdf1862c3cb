"""Reactive event triggers, beyond the recorded scenarios."""

from uuid import UUID, uuid5

import pytest

from tests.menagerie import Stage, entry, event, named, reactive, related, us
from triggers_app.automation.engine.outcome import MAX_COUNTED

STOP_AFTER_START = reactive("stop", after=["start"], within=60)


def test_threshold_without_window_counts_until_a_minute_has_passed() -> None:
    """Row 7."""
    stage = Stage(reactive("e", threshold=2))

    stage.send("e", 1).send("e", 60).send("e", 70).send("e", 130.001).send("e", 131)

    assert stage.times == [60, 131]


def test_event_dated_ahead_is_evaluated_when_it_was_received() -> None:
    """Row 6."""
    stage = Stage(reactive("e", threshold=2, within=60))

    stage.send("e", 1, occurred=9_000_000).send("e", 2)

    assert stage.times == [2]
    [ahead, _] = stage.firings[0].counted
    assert ahead.occurred == event(at=9_000_000).occurred


def test_older_event_counts_in_the_first_window_if_less_than_15_minutes_older() -> None:
    stage = Stage(reactive("e", threshold=2, within=30))

    stage.send("e", 1000).send("e", 1001, occurred=101)

    assert stage.times == [1001]


def test_unfilled_window_is_replaced_by_one_at_the_next_events_own_time() -> None:
    stage = Stage(reactive("e", threshold=2, within=10))

    stage.send("e", 0).send("e", 15).send("e", 24)

    assert stage.times == [24]
    assert [(closed.outcome, closed.count) for closed in stage.closed] == [
        ("expired", 1),
        ("fired", 2),
    ]


def test_expired_after_window_blocks_the_next_one_until_it_is_swept() -> None:
    stage = Stage(STOP_AFTER_START)

    stage.send("start", 1).send("start", 100).send("stop", 101)
    stage.send("start", 200).send("stop", 201)

    assert stage.times == [201]


def test_expected_event_after_the_end_removes_an_after_window() -> None:
    stage = Stage(STOP_AFTER_START)

    stage.send("start", 1).send("stop", 62).send("start", 63).send("stop", 64)

    assert stage.times == [64]


def test_same_event_in_after_and_expect_fires_on_every_second() -> None:
    stage = Stage(reactive("e", after=["e"], within=60))

    for second in (1, 2, 3, 4, 500):
        stage.send("e", second)

    assert stage.times == [2, 4]


def test_same_event_in_after_and_expect_without_window_never_fires() -> None:
    stage = Stage(reactive("e", after=["e"]))

    for second in (1, 2, 3, 4):
        stage.send("e", second)

    assert stage.times == []
    assert stage.evaluator.next_deadline_ms is None


@pytest.mark.parametrize("within", [0, 60])
@pytest.mark.parametrize("threshold", [0, -3])
def test_below_a_threshold_of_1_what_opens_and_is_expected_fires_by_itself(
    within: float, threshold: int
) -> None:
    """Row 27."""
    stage = Stage(reactive("e", "f", after=["e", "s"], within=within, threshold=threshold))

    stage.send("e", 1).send("f", 2).send("e", 3).send("s", 4).send("e", 5).send("f", 6)

    assert stage.times == [1, 3, 5]
    assert {firing.counted_total for firing in stage.firings} == {1}


def test_below_a_threshold_of_1_it_fires_beside_a_window_that_has_ended() -> None:
    """Row 27."""
    stage = Stage(reactive("e", "f", after=["e", "s"], within=10, threshold=0))

    stage.send("s", 1).send("e", 20).send("s", 30).send("e", 31, occurred=29)

    assert stage.times == [20]
    assert [closed.outcome for closed in stage.closed] == ["expired"]


def test_one_event_fires_once_below_a_threshold_of_1() -> None:
    """Row 27."""
    stage = Stage(reactive("e", within=10, threshold=0)).send("e", 1).send("e", 50)

    assert stage.times == [1, 50]


def test_a_window_of_a_lagging_sender_is_kept_as_long_as_its_own_lag() -> None:
    """Row 23."""
    stage = Stage(reactive("e", threshold=2, within=10))

    stage.send("e", 50, occurred=0).until(119)
    stage.send("e", 119, occurred=9)

    assert stage.times == [119]


def test_swept_window_is_deleted_from_storage_and_kept_for_explanation() -> None:
    stage = Stage(reactive("e", threshold=3, within=10)).send("e", 0).send("e", 5)

    stage.until(69.999).take()
    before = list(stage.outcome.deleted)
    stage.until(70).take()

    assert before == []
    assert [gone.trigger_id for gone in stage.outcome.deleted] == [named("node 0")]
    assert [(one.outcome, one.count, one.closed_ms) for one in stage.closed] == [
        ("expired", 2, us(70) // 1000)
    ]


def test_window_of_a_lagging_sender_lives_as_long_as_a_punctual_ones() -> None:
    stage = Stage(reactive("e", threshold=2, within=10))

    stage.send("e", 5000, occurred=0).send("e", 5069, occurred=9)

    assert stage.times == [5069]


def test_key_takes_the_label_of_the_first_related_resource_with_the_role() -> None:
    stage = Stage(reactive("e", for_each=["related:meal:genus", "site"]))
    meals = [related("meal", "m.1"), related("meal", "m.2", genus="malus")]

    stage.send("e", 1, related=meals, labels={"site": "north"})
    stage.send("e", 2, related=[related("guest", "g"), meals[1]])
    stage.send("e", 3, labels={"related:meal:genus": "own"})

    labels = [firing.labels for firing in stage.firings]
    assert labels == [
        {"related:meal:genus": "", "site": "north"},
        {"related:meal:genus": "malus", "site": ""},
        {"related:meal:genus": "own", "site": ""},
    ]


@pytest.mark.parametrize("label", ["related:meal", "customer"])
def test_key_of_a_plain_label_is_the_resources_own(label: str) -> None:
    stage = Stage(reactive("e", for_each=[label])).send("e", 1, labels={label: "acme"})

    assert stage.firings[0].labels == {label: "acme"}


def test_firing_tells_what_it_counted_and_when() -> None:
    stage = Stage(reactive("e", threshold=2, within=60)).send("e", 1).send("e", 2)

    [firing] = stage.firings

    assert [one.resource_id for one in firing.counted] == ["order.1", "order.1"]
    assert firing.counted_total == 2
    assert (firing.window_start_us, firing.window_end_us) == (us(1 - 900), us(61))
    assert firing.position == (us(2) // 1000, 1, 0)


def test_firing_keeps_the_latest_fifty_counted_events() -> None:
    stage = Stage(reactive("e", threshold=60, within=600))

    for second in range(60):
        stage.send("e", second)

    [firing] = stage.firings
    assert (len(firing.counted), firing.counted_total) == (MAX_COUNTED, 60)
    assert firing.counted[-1].occurred == event(at=59).occurred


def test_firing_id_depends_on_its_cause_alone() -> None:
    first = Stage(reactive("e")).send("e", 1).send("e", 2)
    again = Stage(reactive("e")).send("e", 1).send("e", 2)

    ids = [firing.id for firing in first.firings]

    assert ids == [firing.id for firing in again.firings]
    assert len(set(ids)) == 2


def test_firing_ids_stay_as_they_are() -> None:
    """Runs and later replays are found by them: they must outlive every release."""
    (firing,) = Stage(reactive("e")).send("e", 1).firings
    cause = f"{firing.automation_id}/{firing.version}/{firing.trigger_id}/{firing.position}"

    assert firing.id == uuid5(UUID("6f1c5a0e-57a4-4b0e-9d3e-0c4f6b8a2d11"), cause)


def test_log_lines_are_no_events_to_a_trigger() -> None:
    stage = Stage(reactive()).send("prefect.log.write", 1).send("other", 2)

    assert stage.causes == ["other"]


def test_one_frame_is_evaluated_in_its_order() -> None:
    stage = Stage(reactive("e", threshold=2, within=60))

    stage.fold(entry(event("e", at=1), event("x", at=1), event("e", at=2), at=3))

    assert stage.firings[0].position == (us(3) // 1000, 0, 2)
