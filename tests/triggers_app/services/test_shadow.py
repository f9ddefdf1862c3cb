"""Shadow mode end to end: the real evaluator records what would have happened, and does nothing."""

from typing import Any

import pytest

from events_app.domain.event import from_ms
from events_app.models import EventOutbox
from tests.menagerie import event, ms, named, reactive
from tests.triggers_app.live import NOW, Live, identified, live_ms
from triggers_app.models import ActionRun, Automation, Bucket, Firing
from triggers_app.services import authoring, firing_by_hand
from triggers_app.services.replaying import replay_differences

pytestmark = pytest.mark.django_db(transaction=True)
A = named("a")
SHADOW: dict[str, Any] = {"flint": {"shadow": True}, "actions": [{"type": "do-nothing"}]}
ACTING: dict[str, Any] = {"actions": [{"type": "do-nothing"}]}
TWO = identified(reactive("e", threshold=2, within=60))


def sent(live: Live, *times: float) -> None:
    for at in times:
        live.at(ms(at))
        live.send([event("e", at=at)])
    live.evaluate_all()


def test_in_shadow_it_fires_and_nothing_follows(live: Live) -> None:
    live.save(A, TWO, **SHADOW)
    sent(live, 1, 2)

    firing = Firing.objects.get()
    assert (firing.shadow, (firing.verdict or {})["fate"]) == (True, "fired")
    assert (ActionRun.objects.count(), EventOutbox.objects.count()) == (0, 0)


def test_without_it_the_same_acts_and_is_told_of(live: Live) -> None:
    live.save(A, TWO, **ACTING)
    sent(live, 1, 2)

    assert not Firing.objects.get().shadow
    assert (ActionRun.objects.count(), EventOutbox.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("before", "after"), [(SHADOW, ACTING), (ACTING, SHADOW)], ids=["to on", "to shadow"]
)
def test_a_window_that_was_filling_goes_on(
    live: Live, before: dict[str, Any], after: dict[str, Any]
) -> None:
    live.save(A, TWO, **before)
    sent(live, 1)
    live.save(A, TWO, **after)
    sent(live, 2)

    firing = Firing.objects.get()
    assert (firing.counted_total, firing.shadow) == (2, "flint" in after)
    assert ActionRun.objects.count() == (0 if "flint" in after else 1)


def test_a_crash_makes_no_firing_twice_and_a_replay_gives_the_same(live: Live) -> None:
    live.save(A, TWO, **SHADOW)
    sent(live, 1)
    live.evaluate(restart=True)
    sent(live, 2, 70)
    live.save(A, TWO, **ACTING)
    live.evaluate(restart=True)
    sent(live, 71)
    live.record_all()

    assert list(Firing.objects.order_by("fired").values_list("shadow", flat=True)) == [True, False]
    assert not replay_differences(from_ms(live_ms(0)), from_ms(live_ms(3600)))
    assert ActionRun.objects.count() == 1


def test_switching_keeps_the_ids_of_triggers_and_a_ceiling(live: Live) -> None:
    live.save(A, TWO, flint={"max_actions_per_minute": 3}, actions=[{"type": "do-nothing"}])
    sent(live, 1)

    authoring.shadow(A, True, author="eda", now=NOW)
    shadowed = Automation.objects.get()
    authoring.shadow(A, False, author="eda", now=NOW)
    live.evaluate_all()

    acting = Automation.objects.get()
    assert shadowed.document["flint"] == {"max_actions_per_minute": 3, "shadow": True}
    assert acting.document["flint"] == {"max_actions_per_minute": 3}
    assert (acting.version, acting.document["trigger"]["id"]) == (3, TWO["id"])
    assert Bucket.objects.count() == 1


def test_fired_by_hand_it_does_nothing_either(live: Live) -> None:
    live.save(A, TWO, **SHADOW)

    firing = firing_by_hand.fire(A, None, author="eda", key="1", now=NOW)

    assert (firing.shadow, firing.by_hand) == (True, "eda")
    assert (ActionRun.objects.count(), EventOutbox.objects.count()) == (0, 0)
