"""Loading, changing, disabling and setting aside automations; restarts."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from events_app.domain.position import Position
from tests.menagerie import (
    Stage,
    compound,
    entry,
    event,
    ms,
    named,
    proactive,
    reactive,
    us,
    version,
)
from triggers_app.automation.engine.causality import NOBODY, Followers
from triggers_app.automation.engine.evaluator import Evaluator
from triggers_app.automation.engine.leaf import EventLeaf
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.windows import decode_window, encode_window

TWO_IN_A_MINUTE = reactive("e", threshold=2, within=60)
BEAT = proactive("beat", within=30)


def test_disabled_automation_is_not_evaluated_and_its_windows_are_closed() -> None:
    stage = Stage(TWO_IN_A_MINUTE).send("e", 1)

    stage.evaluator.apply(version(TWO_IN_A_MINUTE, number=2, enabled=False), log_ms=ms(2))
    stage.send("e", 3)
    stage.evaluator.apply(version(TWO_IN_A_MINUTE, number=3), log_ms=ms(4))
    stage.send("e", 5)

    assert stage.times == []
    assert [(one.outcome, one.closed_ms) for one in stage.closed] == [("disabled", ms(2))]


def test_loading_a_disabled_automation_does_nothing() -> None:
    stage = Stage(BEAT, enabled=False)

    assert not stage.evaluator.take()
    assert stage.evaluator.next_deadline_ms is None


def test_change_that_keeps_the_trigger_keeps_its_windows() -> None:
    stage = Stage(TWO_IN_A_MINUTE).send("e", 1)

    stage.evaluator.apply(version(TWO_IN_A_MINUTE, number=2), log_ms=ms(2))
    stage.send("e", 3)

    assert [(firing.version, firing.counted_total) for firing in stage.firings] == [(2, 2)]


def test_change_that_keeps_an_absence_keeps_its_deadline() -> None:
    stage = Stage(BEAT)

    stage.evaluator.apply(version(BEAT, number=2), log_ms=ms(20))
    stage.until(59)

    assert stage.times == [30]
    assert stage.firings[0].version == 2


def test_changed_trigger_starts_afresh() -> None:
    stage = Stage(TWO_IN_A_MINUTE).send("e", 1)

    stage.evaluator.apply(version(reactive("e", threshold=3, within=60), number=2), log_ms=ms(2))
    stage.send("e", 3).send("e", 4)

    assert stage.times == []
    assert [closed.outcome for closed in stage.closed] == ["changed"]


def test_removed_automation_leaves_nothing() -> None:
    stage = Stage(TWO_IN_A_MINUTE).send("e", 1)
    stage.take()

    stage.evaluator.remove(named("a"))
    stage.evaluator.remove(named("a"))
    stage.send("e", 2)

    assert stage.times == []
    assert [gone.key for gone in stage.outcome.deleted] == [()]


def test_stored_windows_of_nobody_are_reported_as_deleted() -> None:
    windows = [window(trigger="node 0"), window(trigger="gone"), window(automation="other")]
    evaluator = Evaluator()

    evaluator.restore([version(TWO_IN_A_MINUTE)], windows, log_ms=ms(0))

    gone = {(one.automation_id, one.trigger_id) for one in evaluator.take().deleted}
    assert gone == {(named("a"), named("gone")), (named("other"), named("node 0"))}
    assert not evaluator.take()


def test_restored_window_goes_on_counting() -> None:
    stage = Stage()
    stage.evaluator.restore([version(TWO_IN_A_MINUTE)], [window()], log_ms=ms(0))

    stage.send("e", 3)

    assert stage.times == [3]


def test_stored_window_of_another_format_is_refused() -> None:
    data = encode_window(window()).replace(b"[1,", b"[99,", 1)

    with pytest.raises(ValueError, match="format 99"):
        decode_window(data)


@pytest.mark.parametrize("occurred", [datetime.min, datetime.max], ids=["year 1", "year 9999"])
def test_any_year_can_be_counted_and_stored(occurred: datetime) -> None:
    stage = Stage(TWO_IN_A_MINUTE | {"posture": "Proactive", "for_each": ["prefect.resource.id"]})
    extreme = structs.replace(event("e"), occurred=occurred.replace(tzinfo=UTC))

    stage.fold(entry(extreme, at=1)).take()

    [stored] = stage.outcome.windows
    assert decode_window(encode_window(stored)) == stored


def test_automation_that_raises_is_set_aside_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(TWO_IN_A_MINUTE).send("e", 1)
    stage.evaluator.apply(version(TWO_IN_A_MINUTE, of="b"), log_ms=ms(1))
    break_leaves_of("a", monkeypatch)

    stage.send("e", 2).send("e", 3).send("e", 4)

    assert {firing.automation_id for firing in stage.firings} == {named("b")}
    assert stage.outcome.raised == {named("a"): "RuntimeError: broken"}


def test_deadline_that_raises_sets_only_its_automation_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(BEAT)
    stage.evaluator.apply(version(BEAT, of="b"), log_ms=ms(0))
    break_leaves_of("a", monkeypatch)

    stage.until(30)

    assert {firing.automation_id for firing in stage.firings} == {named("b")}
    assert list(stage.outcome.raised) == [named("a")]


def test_trigger_that_cannot_be_loaded_is_set_aside() -> None:
    stage = Stage(TWO_IN_A_MINUTE).send("e", 1)
    unusable = version(TWO_IN_A_MINUTE, number=2)
    object.__setattr__(unusable, "trigger", unusable.trigger.model_copy(update={"id": None}))

    stage.evaluator.apply(unusable, log_ms=ms(2))
    stage.send("e", 3)

    assert stage.times == []
    assert list(stage.outcome.raised) == [named("a")]


def test_other_triggers_of_an_automation_that_raised_are_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(compound(reactive("e"), reactive("e")))
    break_leaves_of("a", monkeypatch)

    stage.send("e", 1).take()

    assert list(stage.outcome.raised) == [named("a")]
    assert stage.outcome.windows == []


def test_stored_automation_that_cannot_be_loaded_is_set_aside() -> None:
    evaluator = Evaluator()
    unusable = version(TWO_IN_A_MINUTE)
    object.__setattr__(unusable, "trigger", unusable.trigger.model_copy(update={"id": None}))

    evaluator.restore([unusable], [window()], log_ms=ms(0))

    outcome = evaluator.take()
    assert list(outcome.raised) == [named("a")]
    assert [gone.automation_id for gone in outcome.deleted] == [named("a")]


def test_error_of_nobodys_making_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(reactive()).send("e", 1, follows="gone")

    monkeypatch.setattr(Followers, "_release", None)
    stage.until(901).take()

    assert list(stage.outcome.raised) == [NOBODY]


def test_values_know_their_times() -> None:
    stage = Stage(reactive()).send("e", 1)

    [firing] = stage.firings

    assert firing.triggering is not None
    assert firing.triggering.received == event(at=1).occurred
    assert window().closes_us == us(121)


def test_deadlines_at_the_same_time_are_decided_in_the_same_order() -> None:
    names = [f"automation {number}" for number in range(20)]

    orders = []
    for loaded in (names, list(reversed(names))):
        stage = Stage()
        for name in loaded:
            stage.evaluator.apply(version(BEAT, of=name), log_ms=ms(0))
        orders.append([firing.automation_id for firing in stage.until(30).firings])

    assert orders[0] == orders[1]
    assert len(orders[0]) == 20


def break_leaves_of(automation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fire = EventLeaf.fire

    def breaking(leaf: EventLeaf, *args: object, **kwargs: object) -> None:
        if leaf.automation_id == named(automation):
            raise RuntimeError("broken")
        fire(leaf, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(EventLeaf, "fire", breaking)


def window(*, automation: str = "a", trigger: str = "node 0") -> Window:
    return Window(
        named(automation),
        named(trigger),
        (),
        Position(ms(1), 0, 0),
        us(-899),
        us(61),
        us(121),
        count=1,
        last=None,
    )


def test_an_event_seen_alone_is_evaluated_as_in_its_entry() -> None:
    first, second = event("e", at=1), event("e", at=1, resource="x", follows="nobody")
    whole, alone = Stage(reactive("e")), Stage(reactive("e"))

    whole.fold(entry(first, second, at=1)).until(2000)
    alone.evaluator.advance(ms(1))
    alone.evaluator.see(first, (ms(1), 0, 0), leader_known=False)
    alone.evaluator.see(second, (ms(1), 0, 1), leader_known=False)
    alone.until(2000)

    assert alone.firings == whole.firings
    assert alone.times == [1, 901]


def test_a_watcher_learns_the_fate_of_every_event_that_a_trigger_wants() -> None:
    stage = Stage(reactive("e", threshold=2, within=60))
    seen: list[tuple[str, int]] = []
    stage.evaluator.watch = lambda leaf, fate, log_ms: seen.append((fate.value, log_ms))

    stage.send("e", 1).send("other", 2).send("e", 3)

    assert seen == [("counted", ms(1)), ("fired", ms(3))]
    assert stage.times == [3]


def test_a_closed_composite_tells_which_children_had_fired() -> None:
    stage = Stage(compound(reactive("a"), reactive("b"), within=10)).send("b", 1).until(20)

    assert [(one.outcome, one.filled) for one in stage.closed] == [("expired", (1,))]
