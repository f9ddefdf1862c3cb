"""Followers wait for their leaders."""

import pytest

from project.lib.json_documents import Document
from tests.menagerie import Stage, compound, entry, event, named, proactive, reactive
from triggers_app.automation.engine import causality
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.windows import decode_window, encode_window

STOP_AFTER_START = reactive("stop", after=["start"], within=60)
ANY = reactive()


def names(stage: Stage) -> str:
    return " ".join(cause or "-" for cause in stage.causes)


def test_follower_is_evaluated_when_its_leader_was() -> None:
    stage = Stage(STOP_AFTER_START)

    stage.send("stop", 3, follows="lead").send("start", 5, occurred=2, id="lead")

    [firing] = stage.firings
    assert (stage.times, firing.position and firing.position.seq) == ([5], 0)
    assert firing.triggering and firing.triggering.received_ms == firing.position.ms  # type: ignore[union-attr]


def test_follower_of_a_known_leader_does_not_wait() -> None:
    stage = Stage(ANY).send("a", 1, id="lead").send("b", 2, follows="lead")

    assert stage.times == [1, 2]


def test_event_that_follows_itself_does_not_wait() -> None:
    assert Stage(ANY).send("a", 1, id="me", follows="me").times == [1]


def test_followers_are_evaluated_in_the_order_in_which_they_occurred() -> None:
    stage = Stage(ANY)

    stage.send("c", 3, follows="lead").send("b", 4, occurred=2, follows="lead")
    stage.send("a", 5, occurred=1, id="lead")

    assert names(stage) == "a b c"
    assert stage.times == [5, 5, 5]


def test_follower_of_one_that_waits_waits_too() -> None:
    stage = Stage(ANY)

    stage.send("b", 1, id="b", follows="a").send("c", 2, follows="b").send("a", 3, id="a")

    assert names(stage) == "a b c"


def test_follower_without_leader_is_evaluated_after_fifteen_minutes_with_its_own() -> None:
    stage = Stage(ANY).send("b", 1, id="b", follows="gone").send("c", 2, follows="b")

    deadline = stage.evaluator.next_deadline_ms
    stage.until(901)

    assert (names(stage), stage.times) == ("b c", [901, 901])
    assert deadline == stage.firings[0].fired_ms


def test_followers_given_up_at_one_instant_go_in_the_order_of_the_log() -> None:
    stage = Stage(ANY)

    for number in range(12):
        stage.send(str(number), 1, follows="gone")
    stage.until(901)

    assert names(stage) == " ".join(map(str, range(12)))


def test_chain_is_followed_twenty_deep() -> None:
    stage = Stage(ANY)
    for number in range(30, 0, -1):
        stage.send(f"e{number}", 30 - number, id=str(number), follows=str(number - 1))

    stage.send("e0", 31, id="0")

    assert stage.causes == [f"e{number}" for number in range(21)]


def test_ids_that_go_in_circles_end_somewhere() -> None:
    stage = Stage(ANY)

    stage.send("a", 1, id="a", follows="b").send("b", 2, id="b", follows="a")
    stage.send("c", 3, id="c", follows="b").send("again", 4, id="b", follows="c")
    stage.until(1000)

    assert sorted(names(stage).split()) == ["a", "again", "b", "c"]


def test_released_twice_is_evaluated_once() -> None:
    stage = Stage(ANY)
    stage.send("x", 1, id="x", follows="lead").send("y", 2, id="y", follows="lead")
    stage.send("lead again", 3, id="lead", follows="x")

    stage.fold(entry(event("lead", id="lead"), at=4, seq=9))

    assert sorted(stage.causes) == ["lead", "lead again", "x", "y"]  # type: ignore[type-var]


def test_made_up_leaders_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causality, "MAX_WAITING", 1)
    stage = Stage(ANY)

    stage.send("a", 1, follows="gone").send("b", 2, follows="gone")

    assert names(stage) == "b"


def test_waiting_followers_survive_a_restart() -> None:
    stage = Stage(STOP_AFTER_START).send("stop", 3, follows="lead")
    restarted = Stage()
    stored = [decode_window(encode_window(one)) for one in stage.evaluator.take().windows]

    restarted.evaluator.restore([], stored, log_ms=0)
    restarted.send("start", 5, id="lead").take()

    assert [gone.automation_id for gone in restarted.outcome.deleted] == [causality.NOBODY]


def test_log_lines_are_not_evaluated_when_they_are_released() -> None:
    stage = Stage(ANY).send("prefect.log.write", 1, follows="lead").send("lead", 2, id="lead")

    assert names(stage) == "lead"
    assert named("lead") in stage.sent


GUARDED = {"flint.causes": f"{named('b')},{named('a')}"}
ANOTHER = {"flint.causes": str(named("b"))}


@pytest.mark.parametrize(
    "document",
    [reactive("e"), reactive("e", within=10), proactive("e", within=10), compound(reactive("e"))],
    ids=["immediate", "counting", "absence", "composite"],
)
def test_row_14_a_guarded_automation_ignores_what_it_has_caused(document: Document) -> None:
    free, guarded = Stage(document), Stage(document, guarded=True)
    fates: list[Fate] = []
    guarded.evaluator.watch = lambda leaf, fate, log_ms: fates.append(fate)

    free.send("e", 2, labels=ANOTHER).until(50)
    guarded.send("e", 1, labels=GUARDED).send("e", 2, labels=ANOTHER).until(50)

    assert fates[0] is Fate.CAUSED
    assert guarded.times == free.times != []


def test_row_14_a_follower_that_it_has_caused_counts_at_no_deadline() -> None:
    document = proactive("done", after=["start"], within=30)
    stage = Stage(document, guarded=True).send("start", 1)

    stage.send("done", 8, follows="nobody", labels=GUARDED).until(31)

    assert stage.times == [31]
