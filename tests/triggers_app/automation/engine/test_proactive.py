"""Proactive event triggers: the rows of docs/semantics.md in which Flint differs."""

import pytest

from tests.menagerie import Stage, entry, event, ms, named, proactive, us, version

BEAT = proactive("beat", within=30)
BEAT_OF_EACH = proactive("beat", within=30, for_each=["prefect.resource.id"])
DONE_AFTER_START = proactive("done", after=["start"], within=30)
HEARTBEAT = proactive("beat", "closed", after=["beat"], within=30)


def test_silence_since_the_last_event_fires_at_the_deadline_and_then_every_window() -> None:
    """Row 1."""
    stage = Stage(BEAT).send("beat", 10).send("beat", 35).until(130)

    assert stage.times == [65, 95, 125]
    assert stage.causes == [None, None, None]


def test_window_with_too_few_events_fires_with_the_last_of_them() -> None:
    """Row 1."""
    stage = Stage(proactive("beat", within=30, threshold=3))

    stage.send("beat", 1).send("beat", 2, resource="last").until(30)

    [firing] = stage.firings
    assert firing.triggering is not None
    assert firing.triggering.event.resource_id == "last"
    assert (firing.counted_total, firing.position) == (2, None)


def test_satisfying_event_does_not_count_in_the_next_window() -> None:
    """Row 1."""
    stage = Stage(proactive("beat", within=30, threshold=2))

    stage.send("beat", 1).send("beat", 2).send("beat", 3).until(32)

    assert stage.times == [32]
    assert stage.firings[0].counted_total == 1


def test_late_event_does_not_count_in_a_window_that_began_after_it() -> None:
    stage = Stage(BEAT).send("beat", 20).send("beat", 45, occurred=19).until(50)

    assert stage.times == [50]


@pytest.mark.parametrize(
    "document",
    [BEAT, BEAT_OF_EACH, DONE_AFTER_START],
    ids=["unkeyed", "keyed", "after"],
)
def test_threshold_of_zero_never_fires(document: dict[str, object]) -> None:
    stage = Stage(document | {"threshold": 0})

    stage.send("beat", 1).send("start", 1).send("done", 2).until(500)

    assert stage.times == []


def test_key_fires_once_per_silence_with_its_last_event() -> None:
    """Row 2."""
    stage = Stage(BEAT_OF_EACH)

    stage.send("beat", 10, resource="a").send("beat", 15, resource="b")
    stage.send("beat", 20, resource="a").until(200).send("beat", 210, resource="b").until(300)

    ids = [firing.labels["prefect.resource.id"] for firing in stage.firings]
    assert list(zip(stage.times, ids, strict=True)) == [(45, "b"), (50, "a"), (240, "b")]
    assert stage.causes == ["beat"] * 3


def test_first_event_of_a_key_counts_in_the_window_it_opens() -> None:
    """Row 2."""
    stage = Stage(BEAT_OF_EACH | {"threshold": 3})

    stage.send("beat", 1).send("beat", 2).send("beat", 3).until(33)

    assert stage.times == [33]
    assert stage.firings[0].counted_total == 0


def test_after_opens_the_window_also_without_for_each() -> None:
    """Row 3."""
    stage = Stage(DONE_AFTER_START)

    stage.send("start", 40).send("done", 50).send("start", 100).until(200)

    assert stage.times == [130]
    assert stage.causes == ["start"]


def test_deadline_is_decided_at_its_own_log_time() -> None:
    """Row 4."""
    stage = Stage(DONE_AFTER_START | {"within": 30.0005}).send("start", 1)

    stage.until(31)
    before = list(stage.times)
    stage.until(31.001)

    assert before == []
    assert stage.times == [31.001]


def test_event_in_the_log_before_the_deadline_counts() -> None:
    """Row 5."""
    stage = Stage(DONE_AFTER_START).send("start", 1).send("done", 30.999).until(100)

    assert stage.times == []


def test_event_in_the_log_at_the_deadline_is_too_late() -> None:
    """Row 5."""
    stage = Stage(DONE_AFTER_START).send("start", 1).send("done", 31, occurred=20)

    assert stage.times == [31]


def test_deadline_is_as_late_as_the_opener_was() -> None:
    """Row 19: however late; a network that is slow invents no silence."""
    stage = Stage(DONE_AFTER_START).send("start", 100, occurred=1)

    deadline = stage.evaluator.next_deadline_ms
    stage.until(150)

    assert deadline == ms(130)
    assert stage.times == [130]
    assert stage.firings[0].window_end_us == us(31)


@pytest.mark.parametrize(("occurred", "fired"), [(25, []), (31, [51]), (35, [51])])
def test_what_counts_is_still_judged_by_event_time(occurred: float, fired: list[float]) -> None:
    """Row 19."""
    stage = Stage(DONE_AFTER_START).send("start", 21, occurred=1)

    stage.send("done", 45, occurred=occurred).until(200)

    assert stage.times == fired


def test_satisfying_event_brings_its_own_lag() -> None:
    """Row 19: the event that last moved the window; loading brings none."""
    stage = Stage(BEAT).send("beat", 25, occurred=10).until(54)

    assert stage.times == []
    assert stage.until(120).times == [55, 85, 115]


def test_heartbeat_brings_its_own_lag() -> None:
    """Row 19."""
    stage = Stage(HEARTBEAT).send("beat", 21, occurred=1).send("beat", 25, occurred=24).until(200)

    assert stage.times == [55]


def test_first_event_of_a_key_brings_its_lag() -> None:
    """Row 19: nobody else waits."""
    stage = Stage(BEAT_OF_EACH)

    stage.send("beat", 21, occurred=1, resource="slow").send("beat", 21, resource="fast")
    stage.until(200)

    ids = [firing.labels["prefect.resource.id"] for firing in stage.firings]
    assert list(zip(stage.times, ids, strict=True)) == [(51, "fast"), (51, "slow")]


def test_clock_that_is_ahead_brings_no_lag() -> None:
    """Row 19: it is never below 0."""
    stage = Stage(DONE_AFTER_START).send("start", 1, occurred=500).until(200)

    assert stage.times == [31]


def test_event_past_an_end_that_is_not_judged_yet_is_seen_after_the_judgment() -> None:
    """Row 19: it arms the key again, and does not count in what is over."""
    stage = Stage(BEAT_OF_EACH).send("beat", 21, occurred=1).send("beat", 40).until(200)

    assert stage.times == [51, 70]
    assert [firing.window_start_us for firing in stage.firings] == [us(1), us(40)]


def test_event_past_an_end_counts_in_the_window_that_follows() -> None:
    """Row 19."""
    stage = Stage(BEAT).send("beat", 25, occurred=5).send("beat", 40).until(71)

    assert stage.times == [55, 70]
    assert [firing.window_start_us for firing in stage.firings] == [us(5), us(40)]


def test_event_past_an_end_that_moves_away_counts_at_once() -> None:
    stage = Stage(BEAT).send("beat", 25, occurred=5).send("beat", 40)

    stage.send("beat", 41, occurred=34).until(69)

    assert stage.times == []


def test_of_many_events_past_an_end_the_last_decides() -> None:
    stage = Stage(BEAT_OF_EACH | {"within": 100}).send("beat", 151, occurred=1)

    for second in range(152, 252):
        stage.send("beat", second - 0.5)
    waiting = [len(window.ahead) for window in stage.evaluator.take().windows]
    stage.until(1000)

    assert waiting == [40]
    assert stage.times == [251, 350.5]


def test_opener_past_an_end_opens_the_next_watch() -> None:
    """Rows 19 and 25."""
    stage = Stage(DONE_AFTER_START).send("start", 21, occurred=1).send("start", 40).until(200)

    assert stage.times == [51, 70]


def test_follower_that_waits_when_the_deadline_comes_counts() -> None:
    """Row 20."""
    stage = Stage(DONE_AFTER_START).send("start", 1).send("done", 8, follows="nobody").until(2000)

    assert stage.times == []


def test_follower_that_waits_is_the_last_one_counted() -> None:
    """Row 20."""
    stage = Stage(DONE_AFTER_START | {"threshold": 3}).send("start", 1)

    stage.send("done", 8, follows="nobody", resource="waits").send("done", 9).until(31)

    [firing] = stage.firings
    assert firing.triggering is not None
    assert (firing.counted_total, firing.triggering.event.resource_id) == (2, "waits")


@pytest.mark.parametrize(
    ("document", "fired"),
    [(BEAT, [50, 80]), (BEAT_OF_EACH, [50]), (HEARTBEAT, [50])],
    ids=["all", "each", "after"],
)
def test_follower_that_was_counted_neither_counts_nor_opens_nor_moves(
    document: dict[str, object], fired: list[float]
) -> None:
    """Row 20: the leader comes when all is over."""
    stage = Stage(document).send("beat", 1).send("beat", 20, follows="leader")

    stage.until(60).send("note", 61, id="leader").until(100)

    assert stage.times == fired


def test_follower_outside_the_window_waits_on() -> None:
    """Row 20: what counts is judged by event time."""
    stage = Stage(BEAT_OF_EACH).send("beat", 21, occurred=1).send("beat", 40, follows="leader")

    stage.until(55).send("note", 60, id="leader").until(200)

    assert stage.times == [51, 70]


def test_opener_released_when_its_time_is_over_fires_at_its_release() -> None:
    """Row 24."""
    stage = Stage(DONE_AFTER_START).send("start", 1, follows="leader")

    stage.send("note", 100, id="leader").until(100)

    assert stage.times == [100]


def test_opener_released_in_time_keeps_its_deadline() -> None:
    """Rows 19 and 24: waiting for a leader is no lag."""
    stage = Stage(DONE_AFTER_START).send("start", 6, occurred=1, follows="leader")

    stage.send("note", 20, id="leader").until(100)

    assert stage.times == [36]


def test_late_frame_is_judged_as_if_it_had_come_in_time() -> None:
    stage = Stage(DONE_AFTER_START)

    frame = [event("start", at=1), event("done", at=9), event("start", at=90)]
    stage.fold(entry(*frame, at=200)).until(300)

    assert stage.times == [230]
    assert stage.firings[0].window_start_us == us(90)


def test_each_of_two_late_openers_is_watched() -> None:
    stage = Stage(DONE_AFTER_START)

    stage.fold(entry(event("start", at=1), event("start", at=90), at=200)).until(230)

    assert [firing.window_start_us for firing in stage.firings] == [us(1), us(90)]
    assert len({firing.id for firing in stage.firings}) == 2


def test_late_beats_of_one_frame_fire_for_each_gap() -> None:
    stage = Stage(BEAT_OF_EACH)

    beats = [event("beat", at=second) for second in (0, 20, 100)]
    stage.fold(entry(*beats, at=110)).until(140)

    assert stage.times == [140, 140]
    assert [firing.window_end_us for firing in stage.firings] == [us(50), us(130)]


def test_each_heartbeat_moves_the_deadline() -> None:
    stage = Stage(HEARTBEAT).send("beat", 1).send("beat", 21).send("beat", 50).until(200)

    assert stage.times == [80]
    assert stage.causes == ["beat"]


def test_heartbeat_that_does_not_satisfy_leaves_the_deadline() -> None:
    stage = Stage(HEARTBEAT | {"threshold": 2}).send("beat", 1).send("beat", 21).until(200)

    assert stage.times == [31]


def test_second_opener_leaves_the_deadline() -> None:
    stage = Stage(DONE_AFTER_START).send("start", 1).send("start", 20).until(200)

    assert stage.times == [31]


def test_terminal_event_before_a_late_heartbeat_still_stops_the_watch() -> None:
    stage = Stage(HEARTBEAT)

    stage.send("beat", 1).send("closed", 20).send("beat", 25, occurred=15).until(200)

    assert stage.times == []


def test_loading_opens_a_window_and_a_restart_does_not() -> None:
    """Row 1."""
    stage = Stage(BEAT).until(10)
    restarted = Stage()
    windows = stage.evaluator.take().windows

    restarted.evaluator.restore([version(BEAT)], windows, log_ms=ms(10))

    assert restarted.evaluator.next_deadline_ms == ms(30)
    assert windows[0].trigger_id == named("node 0")
