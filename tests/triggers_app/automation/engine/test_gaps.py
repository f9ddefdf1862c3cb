"""What stored windows become when the log goes on at another time, as after a restore."""

from collections.abc import Callable
from typing import Any

import pytest

from events_app.domain.position import Position
from tests.menagerie import named
from triggers_app.automation.engine.causality import NOBODY
from triggers_app.automation.engine.gaps import Triggers, bridged
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.parsing import parse_trigger

AUTOMATION, TRIGGER = named("automation"), named("trigger")
SECOND = 1_000_000
NOW = 1_000 * SECOND


def window(**fields: Any) -> Window:
    place = {"automation_id": AUTOMATION, "trigger_id": TRIGGER, "key": ("a",)}
    times = {"start_us": 10 * SECOND, "end_us": 70 * SECOND, "due_us": 70 * SECOND}
    return Window(**{**place, **times, "opened": Position(10_000, 0, 0), "count": 1, **fields})


def triggers(**document: Any) -> Triggers:
    return {(AUTOMATION, TRIGGER): parse_trigger({"type": "event", **document})}


ABSENCE = {"posture": "Proactive", "expect": ["beat"], "within": 60}
METRIC = {
    "type": "metric",
    "metric": {
        "name": "duration",
        "operator": ">",
        "threshold": 5,
        "range": 600,
        "firing_for": 300,
    },
}


def test_an_absence_begins_anew() -> None:
    found = bridged(window(lag_us=5 * SECOND), triggers(**ABSENCE), now_us=NOW)

    assert found is not None
    assert (found.start_us, found.end_us, found.due_us) == (NOW, NOW + 60 * SECOND, found.end_us)
    assert (found.count, found.counted, found.lag_us) == (0, (), 0)


def test_an_absence_after_an_event_has_its_time_again_and_keeps_what_counted() -> None:
    found = bridged(window(), triggers(**ABSENCE, after=["start"], threshold=2), now_us=NOW)

    assert found is not None
    assert (found.start_us, found.due_us) == (10 * SECOND, NOW + 60 * SECOND)
    assert found.count == 1


def test_a_metric_has_met_its_condition_since_now() -> None:
    found = bridged(window(since_us=20 * SECOND), triggers(**METRIC), now_us=NOW)

    assert found is not None and found.since_us == NOW


def test_a_metric_that_has_fired_goes_on_as_it_was() -> None:
    given = window(since_us=20 * SECOND, triggered=True)

    found = bridged(given, triggers(**METRIC), now_us=NOW)

    assert found is not None and found.since_us == 20 * SECOND


def test_a_follower_that_waits_for_its_leader_is_gone() -> None:
    given = window(automation_id=NOBODY, trigger_id=NOBODY, open=False)

    assert bridged(given, triggers(**ABSENCE), now_us=NOW) is None


@pytest.mark.parametrize(
    ("given", "known"),
    [
        pytest.param(
            window, triggers(posture="Reactive", expect=["x"], within=60, threshold=3), id="counts"
        ),
        pytest.param(
            lambda: window(open=False), triggers(**ABSENCE, after=["start"]), id="only holds events"
        ),
        pytest.param(window, {}, id="of no trigger that is at work"),
    ],
)
def test_every_other_window_stays_as_it_is(given: Callable[[], Window], known: Triggers) -> None:
    assert bridged(given(), known, now_us=NOW) == given()
