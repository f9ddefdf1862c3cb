"""Replaying an event: judged where it stands, done once, marked, and unknown to the engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from events_app.domain.event import decode_event, from_ms
from events_app.models import EventOutbox
from project.lib.json_documents import Document
from tests.menagerie import compound, event, ms, named, proactive, reactive
from tests.triggers_app.live import Live, identified, live_ms
from tests.triggers_app.services.test_fates import sent
from triggers_app.models import ActionRun, Automation, Bucket, Firing
from triggers_app.services import event_replays, snoozing
from triggers_app.services.event_replays import NotEvaluatedYet, ReplayResult
from triggers_app.services.explaining import EventNotFound
from triggers_app.services.replaying import replay_differences

pytestmark = pytest.mark.django_db(transaction=True)
A, B = named("a"), named("b")
ACTS: dict[str, Any] = {"actions": [{"type": "do-nothing"}]}
NOW = from_ms(live_ms(3600))


def saved(live: Live, document: Document, automation: UUID = A, **more: Any) -> None:
    live.save(automation, identified(document), **ACTS | more)
    live.evaluate_all()


def replayed(event_id: UUID, *automations: UUID, **given: Any) -> ReplayResult:
    options: dict[str, Any] = {
        "shadow": False,
        "again": False,
        "author": "eda",
        "key": "k",
        "now": NOW,
    } | given
    return event_replays.replay(event_id, automations or (A,), **options)


def fates(event_id: UUID, **given: Any) -> list[tuple[UUID, str]]:
    candidates = event_replays.preview(event_id, now=NOW, **given).candidates
    return [(one.automation.pk, one.verdict.fate) for one in candidates]


def test_an_event_from_before_the_automation_fires_it_once(live: Live) -> None:
    one = sent(live, 1, payload={"rows": 7})
    saved(live, reactive("e"))

    first, second = replayed(one), replayed(one, key="another click")

    firing = Firing.objects.get()
    assert first == second == ReplayResult([firing.pk], [])
    assert (firing.by_hand, firing.replay_of, firing.fired) == ("eda", one, NOW)
    assert (firing.triggering_event or {})["payload"] == {"rows": 7}
    assert ((firing.verdict or {})["fate"], firing.counted_total) == ("fired", 1)
    assert ActionRun.objects.get().firing == firing


def test_the_event_that_tells_of_it_carries_the_mark(live: Live) -> None:
    one = sent(live, 1)
    saved(live, reactive("e"))
    EventOutbox.objects.all().delete()

    replayed(one)

    notice = decode_event(bytes(EventOutbox.objects.get().body))
    assert notice.event == "prefect.automation.triggered"
    assert notice.resource["flint.replay-of"] == str(one)


def test_into_shadow_only_the_firing_is_written(live: Live) -> None:
    one = sent(live, 1)
    saved(live, reactive("e"))
    EventOutbox.objects.all().delete()

    replayed(one, shadow=True)

    assert (Firing.objects.get().shadow, Firing.objects.get().replay_of) == (True, one)
    assert (ActionRun.objects.count(), EventOutbox.objects.count()) == (0, 0)
    assert replayed(one).fired  # a try in shadow does not stand in the way of the deed
    assert ActionRun.objects.count() == 1


@pytest.mark.parametrize(
    ("keys", "firings"), [(("k", "k"), 2), (("k", "l"), 3)], ids=["a double click", "two clicks"]
)
def test_what_has_fired_is_left_alone_unless_it_is_meant(
    keys: tuple[str, str], firings: int, live: Live
) -> None:
    saved(live, reactive("e"))
    one = sent(live, 1)

    assert replayed(one) == ReplayResult([], [A])
    for key in keys:
        replayed(one, again=True, key=key)

    assert Firing.objects.count() == ActionRun.objects.count() == firings


def test_windows_stay_and_a_replay_of_the_log_agrees(live: Live) -> None:
    saved(live, reactive("e", threshold=2, within=60))
    sent(live, 1)
    one = sent(live, 2)
    sent(live, 3)
    before = list(Bucket.objects.values_list("key", "state", "count"))

    replayed(one, again=True)

    assert Firing.objects.filter(replay_of=one).count() == 1
    assert list(Bucket.objects.values_list("key", "state", "count")) == before
    assert not replay_differences(from_ms(live_ms(0)), from_ms(live_ms(3)))


def test_it_is_judged_with_the_windows_before_it(live: Live) -> None:
    first, second, third = (sent(live, at) for at in (1, 2, 3))
    saved(live, reactive("e", threshold=2, within=60))

    assert [fates(one) for one in (first, second, third)] == [
        [(A, "counted")], [(A, "fires")], [(A, "ignored")],
    ]  # fmt: skip
    replayed(second)
    assert [one["id"] for one in Firing.objects.get().counted] == [str(first), str(second)]


def test_windows_of_a_snapshot_are_gone_on_with(live: Live) -> None:
    saved(live, reactive("e", threshold=3, within=3600))
    sent(live, 1)
    live.snapshot()
    sent(live, 2)
    third = sent(live, 3)

    assert fates(third) == [(A, "fires")]
    replayed(third, again=True)
    assert [one.counted_total for one in Firing.objects.all()] == [3, 3]


def test_the_parts_of_a_group_bring_their_events_whole(live: Live) -> None:
    parts = [{**identified(reactive(name), name), "within": 0.0} for name in "ef"]
    sent(live, 1, "e", payload={"x": 1})
    one = sent(live, 2, "f", payload={"y": 2})
    saved(live, compound(*parts, within=60))

    replayed(one)

    bodies = [child["triggering_event"]["payload"] for child in Firing.objects.get().children]
    assert sorted(bodies, key=str) == [{"x": 1}, {"y": 2}]


def test_an_absence_is_no_answer_to_an_event(live: Live) -> None:
    saved(live, proactive("e", within=60))
    one = sent(live, 1)

    assert replayed(one) == ReplayResult([], [A])
    assert not Firing.objects.exists()


def test_only_those_that_listen_are_offered_and_one_that_is_off_when_it_is_named(
    live: Live,
) -> None:
    saved(live, reactive("e"), A, enabled=False)
    saved(live, reactive("e"), B)
    saved(live, reactive("f"), named("c"))
    one = sent(live, 1)

    assert fates(one) == [(B, "fires")]
    assert fates(one, only=A) == [(A, "fires")]
    assert replayed(one, A).fired


def test_what_is_snoozed_or_has_fired_is_not_chosen_at_first(live: Live) -> None:
    one = sent(live, 1)
    saved(live, reactive("e"))
    until = NOW + timedelta(hours=1)
    snoozing.snooze(A, {}, until=until, author="ana", now=from_ms(live_ms(2)))
    live.evaluate_all()

    snoozed = event_replays.preview(one, now=NOW).candidates[0]
    later = event_replays.preview(one, now=until).candidates[0]
    replayed(one)
    acted = event_replays.preview(one, now=until).candidates[0]

    assert (snoozed.chosen, later.chosen, acted.chosen) == (False, True, False)
    assert [firing.by_hand for firing in acted.firings] == ["eda"]


def test_an_automation_in_shadow_stays_in_shadow(live: Live) -> None:
    one = sent(live, 1)
    saved(live, reactive("e"), flint={"shadow": True})

    replayed(one)

    assert Firing.objects.get().shadow
    assert not ActionRun.objects.exists()


def test_an_event_that_may_still_fire_by_itself_is_not_replayed(live: Live) -> None:
    saved(live, reactive("e"))
    live.at(ms(1))
    live.send([event("e", at=1, id="early")])
    live.record_all()

    with pytest.raises(NotEvaluatedYet):
        replayed(named("early"))


def test_a_follower_that_still_waits_is_judged_as_if_its_leader_never_came(live: Live) -> None:
    saved(live, reactive("e"))
    one = sent(live, 1, follows="nobody")

    assert fates(one) == [(A, "fires")]


def test_without_the_event_there_is_nothing_to_replay(live: Live) -> None:
    with pytest.raises(EventNotFound):
        replayed(named("nothing"))


def test_more_than_can_be_judged_are_counted(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_replays, "MOST", 1)
    monkeypatch.setattr(event_replays, "SECONDS", -1.0)
    saved(live, reactive("e"), A)
    saved(live, reactive("e"), B)
    one = sent(live, 1)

    preview = event_replays.preview(one, now=NOW)

    assert (len(preview.candidates), preview.more) == (1, 1)
    assert preview.candidates[0].verdict.fate == "unknown"


def test_two_people_at_the_same_moment_fire_once(live: Live) -> None:
    one = sent(live, 1)
    saved(live, reactive("e"))

    def click(number: int) -> ReplayResult:
        try:
            return replayed(one, author=f"person {number}", key=str(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(click, range(4)))

    assert Firing.objects.count() == ActionRun.objects.count() == 1
    assert all(len(result.fired) + len(result.left) == 1 for result in results)


def test_a_deleted_automation_is_none(live: Live) -> None:
    saved(live, reactive("e"))
    one = sent(live, 1)
    Automation.objects.update(deleted=NOW)

    assert replayed(one, again=True) == ReplayResult([], [])
