"""Proactive event triggers: events that are held for a window that may still open."""

from events_app.domain.position import Position
from tests.menagerie import Stage, event, ms, proactive, us
from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.outcome import Held
from triggers_app.automation.engine.proactive import thinned

DONE_AFTER_START = proactive("done", after=["start"], within=30)
HEARTBEAT = proactive("beat", "closed", after=["beat"], within=30)


def test_held_events_count_in_the_window_that_a_heartbeat_opens() -> None:
    stage = Stage(HEARTBEAT | {"threshold": 2})

    stage.send("closed", 12).send("beat", 13, occurred=10).send("beat", 20).until(200)

    assert stage.times == [50]


def test_held_event_that_is_not_enough_is_the_triggering_one() -> None:
    """Row 26."""
    stage = Stage(DONE_AFTER_START | {"threshold": 2})

    stage.send("done", 5).send("start", 7, occurred=4).until(37)

    assert stage.times == [37]
    assert stage.causes == ["done"]


def test_expected_event_before_the_window_does_not_count() -> None:
    stage = Stage(DONE_AFTER_START).send("start", 20).send("done", 25, occurred=19).until(50)

    assert stage.times == [50]


def test_held_event_is_forgotten_after_half_an_hour() -> None:
    stage = Stage(DONE_AFTER_START).send("done", 5)

    stage.until(5 + 1800).take()
    stage.send("start", 1900, occurred=4).until(2000)

    assert [gone.key for gone in stage.outcome.deleted] == [()]
    assert stage.times == [1930]


def test_expired_held_event_does_not_count_beside_a_fresh_one() -> None:
    stage = Stage(DONE_AFTER_START).send("done", 5).send("done", 1700)

    stage.send("start", 1806, occurred=4).until(1836)

    assert stage.times == [1836]


def test_watch_that_fired_keeps_what_is_held() -> None:
    stage = Stage(DONE_AFTER_START | {"threshold": 2})

    stage.send("start", 1).send("done", 25).until(31)
    stage.send("done", 40).send("start", 41, occurred=20).until(100)

    assert stage.times == [31]


def test_threshold_satisfied_while_watching_ends_the_watch() -> None:
    """Row 25."""
    stage = Stage(DONE_AFTER_START).send("start", 1).send("done", 2)

    stage.send("start", 3).until(100)

    assert stage.times == [33]
    assert [closed.outcome for closed in stage.closed] == ["satisfied", "fired"]


def test_thinning_keeps_first_and_last_of_each_slot() -> None:
    moment = CurrentEvent()
    moment.set(event("done"), Position(ms(0), 0, 0), ms(0))
    seconds = [99, 0, 10, 20, 30, 40, 100]

    held = [Held(us(second), moment.counted, 0) for second in seconds]
    kept = thinned(held, 2, within_us=50_000_000)

    assert us(0) % 50_000_000 == 0
    assert [one.us for one in kept] == [us(s) for s in (0, 10, 30, 40, 99, 100)]
