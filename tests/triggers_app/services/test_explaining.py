"""Why did it (not) fire? Asked of recorded events."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from msgspec.structs import replace

from events_app.domain.event import from_ms
from events_app.domain.position import Position
from events_app.storage import partitions
from project.lib import database
from tests.menagerie import compound, event, ms, named, reactive
from tests.triggers_app.automation.engine.strategies import World, worlds
from tests.triggers_app.live import NOW, Live, empty_tables, identified, live_ms
from tests.triggers_app.services.test_replaying import played
from triggers_app.automation.engine.evaluator import Evaluator
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.verdict import Verdict
from triggers_app.models import Automation, Firing
from triggers_app.services import draft_explaining, explaining
from triggers_app.services.explaining import Explanation, explain, verdict_document
from triggers_app.services.replaying import fold
from triggers_app.storage import history, history_versions
from triggers_app.storage.history import LogSpan
from triggers_app.storage.history_sql import EVERYTHING

pytestmark = pytest.mark.django_db(transaction=True)
A = named("a")
THREE = identified(reactive("e", threshold=3, within=60))
BOTH = identified(compound(identified(reactive("a"), "first"), identified(reactive("b"), "second")))


@pytest.fixture
def live() -> Iterator[Live]:
    with empty_tables() as client:
        yield Live(client)


def sent(live: Live, *names: str, at: float) -> None:
    """Events whose ids are their names and times, one entry each, evaluated and recorded."""
    live.at(ms(at))
    for name in names:
        live.send([event(name, at=at, id=f"{name} {at}")])
    live.evaluate_all()
    live.record_all()


def explained(name: str) -> Explanation:
    return explain(A, named(name), now=NOW)


def told(name: str) -> tuple[str, str]:
    verdict = explained(name).verdict
    assert verdict
    return verdict.fate, verdict.sentence


def saved(live: Live, at: float, document: dict[str, Any] | None = THREE, **more: Any) -> None:
    live.at(ms(at))
    live.save(A, document, **more)
    live.evaluate_all()


def test_an_event_is_explained_by_the_windows_of_its_time(live: Live) -> None:
    saved(live, 0)
    for at in (1, 2, 3, 4):
        sent(live, "e", "other", at=at)

    assert told("e 2") == ("counted", "Counted: 2 of 3, until 2100-01-01T00:01:01Z.")
    assert told("e 3") == ("fired", "It fired.")
    assert (
        told("e 4")[1]
        == "Ignored: the trigger had fired and stays quiet until 2100-01-01T00:01:01Z."
    )
    assert told("other 2") == ("ignored", "Ignored: its name is `other`, not `e`.")


def test_the_version_of_its_time_decides(live: Live) -> None:
    saved(live, 0)
    sent(live, "e", at=1)
    saved(live, 2, identified(reactive("other"), "another"))
    sent(live, "e", at=3)
    saved(live, 4, enabled=False)
    sent(live, "e", at=5)
    saved(live, 6, None)
    sent(live, "e", at=7)

    assert [explained(f"e {at}").version for at in (1, 3, 5, 7)] == [1, 2, 3, 4]
    assert [told(f"e {at}")[0] for at in (1, 3, 5)] == ["counted", "ignored", "ignored"]
    assert told("e 5")[1] == "Ignored: the automation was disabled."
    assert explained("e 7").verdict is None
    assert explained("e 7").notes == ["The automation had been deleted."]


def test_an_event_before_the_automation(live: Live) -> None:
    sent(live, "e", at=1)
    saved(live, 2)

    assert explained("e 1").notes == ["The automation did not exist yet."]


def test_a_fold_begins_at_a_snapshot_and_tells(live: Live) -> None:
    saved(live, 0)
    sent(live, "e", at=1)
    sent(live, "e", at=2)
    live.snapshot()
    sent(live, "e", at=3)
    from_start = explained("e 2").folded_since

    later = explained("e 3")

    assert later.verdict and later.verdict.fate == "fired"
    assert from_start and later.folded_since
    assert later.folded_since > from_start


def test_a_follower_is_explained_when_its_leader_had_come(live: Live) -> None:
    saved(live, 0, identified(reactive("e", after=["start"], within=60)))
    live.at(ms(1))
    live.send([event("e", at=2, id="follower", follows="start 5")])
    sent(live, "start", at=5)

    explanation = explained("follower")

    assert explanation.verdict and explanation.verdict.fate == "ignored"
    assert explanation.evaluated == explain(A, named("start 5"), now=NOW).evaluated
    assert explanation.verdict.reason == "late"


def test_a_follower_that_still_waits(live: Live) -> None:
    saved(live, 0)
    live.send([event("e", at=2, id="follower", follows="nobody")])
    sent(live, "other", at=5)

    waiting = explain(A, named("follower"), now=from_ms(live_ms(899)))

    assert waiting.notes == ["It still waits for the event that it follows."]
    assert told("follower")[0] == "counted"


@pytest.mark.parametrize("document", [THREE, BOTH], ids=["counted", "composite"])
def test_a_draft_is_told_of_an_event_what_the_same_automation_is(
    live: Live, document: dict[str, Any]
) -> None:
    saved(live, 0, document)
    live.at(ms(1))
    live.send([event(name, at=1, id=f"{name} of one entry") for name in ("e", "a", "e2", "b")])
    live.send([event("e", at=2, id="follower", follows="a 3")])
    for at in (2, 3, 4):
        sent(live, "e", "a", "b", at=at)
    names = [f"{name} of one entry" for name in ("e", "a", "e2", "b")]
    names += ["follower", *(f"{name} {at}" for at in (2, 3, 4) for name in ("e", "a", "b"))]
    automation = Automation.objects.get(pk=A)

    for name in names:
        draft = draft_explaining.explain_recorded(
            parse_trigger(document), named(name), since_ms=live_ms(0), length_ms=1, of=automation
        )

        assert draft.verdict == explained(name).verdict, name


def test_history_that_is_gone_is_admitted(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(live, 0)
    for at in (1, 2, 3):
        sent(live, "e", at=at)
    tomorrow = {(NOW + timedelta(days=1)).date()}
    monkeypatch.setattr(partitions, "existing", lambda _: tomorrow)

    counted, fired = explained("e 2"), explained("e 3")

    assert (counted.complete, fired.complete) == (False, False)
    assert "gone" in counted.notes[0]
    assert "stored when it fired" in fired.notes[1]


def test_an_automation_that_was_set_aside(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(live, 0)
    with monkeypatch.context() as poisoned:
        poisoned.setattr("triggers_app.automation.engine.reactive.Counting.feed", lambda *_: 1 / 0)
        sent(live, "e", at=1)
        sent(live, "e", at=2)

        assert explained("e 2").notes == ["It had been set aside because of an error."]


def test_what_is_not_recorded_cannot_be_explained(live: Live) -> None:
    for unknown in (named("nothing"), Position(1, 2, 3)):
        with pytest.raises(explaining.EventNotFound):
            explain(A, unknown, now=NOW)


def test_a_fold_that_takes_too_long_is_given_up(live: Live) -> None:
    saved(live, 0)
    sent(live, "e", at=1)
    sent(live, "e", at=2)

    with pytest.raises(explaining.TookTooLong):
        explain(A, named("e 2"), now=NOW, seconds=-1)


def test_a_verdict_in_json_has_a_sentence_everywhere(live: Live) -> None:
    saved(live, 0, BOTH)
    sent(live, "a", at=1)
    verdict = explained("a 1").verdict
    assert verdict

    document = verdict_document(verdict)

    assert document["sentence"] == "Counted: 1 of 2."
    assert document["window"] == {"start": "2100-01-01T00:00:01Z", "end": None, "count": 1}
    assert [child["sentence"] for child in document["children"]] == [
        "It fired.",
        "Ignored: its name is `a`, not `b`.",
    ]
    assert document["children"][1]["conditions"][0]["sentence"] == "its name is `a`, not `b`"


def leaf_reasons(verdict: Verdict, found: dict[UUID, str]) -> dict[UUID, str]:
    for child in verdict.children:
        leaf_reasons(child, found)
    if verdict.reason in ("before", "no part"):
        verdict = replace(verdict, reason="before")
    if verdict.type == "event" and verdict.reason not in ("name", "match", "related", "disabled"):
        found[verdict.trigger_id] = verdict.reason or verdict.fate
    return found


def agrees(reasons: dict[UUID, str], expected: dict[UUID, str]) -> bool:
    """Of a part that had fired before, only what this event did not do is not told."""
    before = {leaf for leaf, reason in reasons.items() if reason == "before"}
    told = {leaf: reason for leaf, reason in reasons.items() if leaf not in before}
    return told == {leaf: reason for leaf, reason in expected.items() if leaf not in before}


def really(until_ms: int) -> dict[tuple[UUID, Position], dict[UUID, str]]:
    """What became of every event at every leaf, from one fold over everything."""
    found: dict[tuple[UUID, Position], dict[UUID, str]] = {}
    evaluator = Evaluator()

    def watch(leaf: Any, fate: Any, log_ms: int) -> None:
        key = leaf.automation_id, evaluator._moment.position
        found.setdefault(key, {})[leaf.trigger_id] = fate.value

    evaluator.watch = watch
    with database.connect(application_name="flint test") as own:
        versions = history_versions.applied(own, until_ms=2**60)
        everything = history.events(own, LogSpan.since(0, 2**60), interest=EVERYTHING)
        for _ in fold(evaluator, everything, versions, until_ms=until_ms):
            pass
    return found


def positions() -> list[Position]:
    with database.connect(application_name="flint test") as own:
        everything = history.events(own, LogSpan.since(0, 2**60), interest=EVERYTHING)
        return [
            Position(*past.position)
            for past in everything
            if past.event.event != "prefect.log.write"
        ]


def check(world: World) -> None:
    with empty_tables() as client:
        until_ms, _ = played(client, world, ["none", "kept"], 2000)
        expected = really(until_ms)
        fired = {
            (one.automation_id, Position(one.log_ms or 0, one.log_seq or 0, one.frame_index or 0))
            for one in Firing.objects.exclude(log_ms=None)
        }
        for automation in Automation.objects.all():
            for position in positions():
                verdict = explain(automation.pk, position, now=from_ms(until_ms)).verdict
                reasons = {} if verdict is None else leaf_reasons(verdict, {})
                assert agrees(reasons, expected.get((automation.pk, position), {}))
                root = verdict is not None and verdict.fate == "fired"
                assert root == ((automation.pk, position) in fired)


FEW = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@given(world=worlds(max_size=6))
@FEW
def test_every_event_is_explained_as_it_was_decided(world: World) -> None:
    check(world)


@pytest.mark.slow
@given(world=worlds(max_size=8))
@settings(FEW, max_examples=100)
def test_every_event_is_explained_as_it_was_decided_at_length(world: World) -> None:
    check(world)
