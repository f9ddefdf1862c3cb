"""What an automation would have done with recorded events."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from events_app.domain.event import Entry, from_ms
from project.lib.json_documents import Document
from tests.menagerie import (
    ZERO_MS,
    compound,
    entry,
    event,
    ms,
    named,
    proactive,
    reactive,
    sequence,
)
from tests.menagerie import trigger as parsed
from tests.triggers_app.automation.engine.strategies import World, worlds
from tests.triggers_app.live import empty_tables, record
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.services.backtest_result import BacktestResult
from triggers_app.services.backtesting import Backtest, Question

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    with empty_tables():
        yield


def happened(*names: str) -> None:
    """One event a second, each in an entry of its own."""
    record([entry(event(name, at=at), at=at) for at, name in enumerate(names)])


def question(document: Document, *, since: float = 0, until: float = 100, **more: Any) -> Question:
    return Question(trigger=parsed(document), since_ms=ms(since), until_ms=ms(until), **more)


def backtested(document: Document, **more: Any) -> BacktestResult:
    return Backtest(question(document, **more)).run()


def seconds(result: BacktestResult) -> list[float]:
    return [(firing.fired.timestamp() * 1000 - ZERO_MS) / 1000 for firing in result.firings]


def test_firings_tell_their_event_labels_and_what_they_counted() -> None:
    happened("e", "other", "e")

    result = backtested(reactive("e", threshold=2, within=60, for_each=["prefect.resource.id"]))

    (firing,) = result.firings
    assert (firing.fired, firing.labels) == (from_ms(ms(2)), {"prefect.resource.id": "order.1"})
    assert firing.event and firing.event.position == f"{ms(2)}-0-0"
    assert [one.position for one in firing.counted] == [f"{ms(0)}-0-0", f"{ms(2)}-0-0"]
    assert (result.starts, result.finished, result.error) == ("empty", True, None)


def test_only_what_was_received_in_the_period_counts() -> None:
    happened("e", "e", "e", "e", "e")

    assert seconds(backtested(reactive("e"), since=1, until=3)) == [1, 2, 3]


def test_an_absence_is_decided_by_log_time_up_to_the_end() -> None:
    happened("beat", "other")

    assert seconds(backtested(proactive("beat", within=30), until=95)) == [30, 60, 90]


def test_a_window_that_closed_with_too_few_almost_fired() -> None:
    happened("e", "e")

    result = backtested(reactive("e", threshold=3, within=20), until=200)

    (almost,) = result.almost
    assert (result.firings_total, almost.count, almost.needed) == (0, 2, 3)
    assert almost.closed == from_ms(ms(80))
    assert len(almost.counted) == 2


def test_a_composite_that_almost_fired_names_what_was_missing() -> None:
    happened("b")

    result = backtested(compound(reactive("a"), reactive("b"), within=10))

    (almost,) = result.almost
    assert (almost.trigger_id, almost.count, almost.needed) == (named("node 0"), 1, 2)
    assert almost.missing == [0]


def test_a_window_that_is_still_filling_is_told() -> None:
    happened("a")

    result = backtested(sequence(reactive("a"), reactive("b")))

    assert [(one.count, one.needed, one.end, one.closed) for one in result.open] == [
        (1, 2, None, None)
    ]


def test_each_trigger_tells_what_it_made_of_its_events() -> None:
    happened("a", "b", "a", "c")

    result = backtested(compound(reactive("a", threshold=2, within=9), reactive("b"), within=60))

    assert [(node.type, node.matched, node.firings, node.fates) for node in result.nodes] == [
        ("compound", 0, 1, {}),
        ("event", 2, 1, {"counted": 1, "fired": 1}),
        ("event", 1, 1, {"fired": 1}),
    ]
    assert [node.timeline[:3] for node in result.nodes[1:]] == [[1, 0, 1], [0, 1, 0]]
    assert result.timeline[:3] == [0, 0, 1]


def test_long_lists_keep_the_newest_and_the_total() -> None:
    happened(*["e"] * 10)

    result = backtested(reactive("e"), most=3)

    assert (seconds(result), result.firings_total) == ([7, 8, 9], 10)


def test_it_says_from_where_on_events_are_recorded() -> None:
    empty = backtested(reactive("e"))
    happened("e")

    later = backtested(reactive("e"), since=-500)

    assert empty.covered_since is None
    assert (later.since, later.covered_since) == (from_ms(ms(-500)), from_ms(ms(0)))


def test_progress_is_told_and_the_last_word_is_the_result() -> None:
    happened(*["e"] * 5)
    backtest = Backtest(question(reactive("e")))

    progress = list(backtest)

    assert (progress[-1].events_read, progress[-1].firings) == (5, 5)
    assert progress[-1].covered_until_ms == ms(100)
    assert backtest.result is not None


def test_a_backtest_that_runs_out_of_time_covers_a_part() -> None:
    happened(*["e"] * 5)

    result = backtested(reactive("e"), seconds=0)

    assert (result.finished, result.firings_total) == (False, 0)
    assert result.covered_until == from_ms(ms(0))


def test_it_can_be_stopped_at_any_time() -> None:
    happened("e")
    backtest = Backtest(question(reactive("e")))
    progress = iter(backtest)

    next(progress)
    progress.close()  # type: ignore[attr-defined]  # a generator

    assert backtest.result is None


def test_a_trigger_that_raises_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    happened("e")
    monkeypatch.setattr("triggers_app.automation.engine.reactive.Immediate.feed", lambda *_: 1 / 0)

    assert backtested(reactive("e")).error == "ZeroDivisionError: division by zero"


@given(world=worlds())
@settings(max_examples=30)
def test_it_gives_the_firings_of_the_engine(world: World) -> None:
    log = [step for step in world.steps if isinstance(step, Entry)]
    with empty_tables():
        record(log)
        for step in world.steps:
            if isinstance(step, Entry) or step.version is None:
                continue
            evaluator, version = Evaluator(), Version(named("a"), 1, True, step.version.trigger)
            evaluator.apply(version, log_ms=ZERO_MS)
            for one in log:
                evaluator.fold(one)
            evaluator.advance(world.until_ms)
            expected = evaluator.take().firings

            result = Backtest(
                Question(trigger=version.trigger, since_ms=ZERO_MS, until_ms=world.until_ms)
            ).run()

            assert [one.fired for one in result.firings] == [from_ms(f.fired_ms) for f in expected]
            assert [one.labels for one in result.firings] == [f.labels for f in expected]
            assert [one.event and one.event.id for one in result.firings] == [
                f.triggering and f.triggering.event.id for f in expected
            ]
            assert [[ref.position for ref in one.counted] for one in result.firings] == [
                [str(counted.position) for counted in f.counted] for f in expected
            ]


def test_entries_of_one_millisecond_are_told_apart() -> None:
    """A watch that a follower opens when its time is over is decided before the next entry."""
    record(
        [
            entry(event("beat", at=1, id="1", follows="leader"), at=1, seq=1),
            entry(event("beat", at=100, id="leader", resource="other"), at=100, seq=1),
            entry(event("beat", at=5, id="2"), at=100, seq=2),
        ]
    )

    result = backtested(proactive("beat", within=10, for_each=["prefect.resource.id"]), until=200)

    assert seconds(result) == [100, 110, 110]


def test_a_result_names_as_many_counted_events_as_were_asked_for() -> None:
    """Of a firing the latest, of a window that did not fire the first and the latest."""
    happened("e", "e", "e", "e", "e", "e", "e")

    result = backtested(reactive("e", threshold=4), most_counted=2)

    (firing,) = result.firings
    assert [one.position for one in firing.counted] == [f"{ms(at)}-0-0" for at in (2, 3)]
    assert firing.counted_total == 4
    assert firing.event == firing.counted[-1]
    (window,) = [*result.open, *result.almost]
    assert [one.position for one in window.counted] == [f"{ms(at)}-0-0" for at in (4, 6)]
    assert window.count == 3
