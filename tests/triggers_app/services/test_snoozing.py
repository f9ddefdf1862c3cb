"""Snoozes: nothing follows while they hold, they end by themselves, and a replay agrees."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events_app.domain.event import from_ms
from project.lib.problems import Invalid
from tests.menagerie import event, ms, named, proactive, reactive
from tests.triggers_app.live import Live, empty_tables, identified, live_ms
from triggers_app.models import ActionRun, Automation, Bucket, Firing, Snooze
from triggers_app.services import snoozing
from triggers_app.services.replaying import replay_differences

pytestmark = pytest.mark.django_db(transaction=True)
A = named("a")
ACTS: dict[str, Any] = {"actions": [{"type": "do-nothing"}]}


@pytest.fixture
def live() -> Iterator[Live]:
    with empty_tables() as client:
        yield Live(client)


def snooze(until: float, at: float, automation: UUID = A, **labels: str) -> Snooze:
    return snoozing.snooze(
        automation,
        labels,
        until=from_ms(live_ms(until)),
        author="ana",
        now=from_ms(live_ms(at)),
    )


def sent(live: Live, *at: float, key: str = "x") -> None:
    for second in at:
        live.at(ms(second))
        live.send([event("e", at=second, labels={"k": key})])
        live.evaluate_all()


def marks() -> list[int | None]:
    return list(Firing.objects.order_by("fired").values_list("snooze_id", flat=True))


def test_while_it_is_snoozed_its_firings_are_written_and_nothing_follows(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e")), **ACTS)
    sent(live, 1)
    held = snooze(60, at=2)
    sent(live, 3, 59, 60, 61)

    assert marks() == [None, held.pk, held.pk, None, None]
    assert ActionRun.objects.count() == 3
    assert not ActionRun.objects.filter(firing__snooze=held).exists()


def test_one_key_is_snoozed_and_the_others_act(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e", for_each=["k"])), **ACTS)
    live.evaluate_all()
    held = snooze(60, at=1, k="x")
    sent(live, 2, key="x")
    sent(live, 3, key="y")

    assert marks() == [held.pk, None]


def test_ended_by_a_person_it_acts_again_at_once(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e")), **ACTS)
    live.evaluate_all()
    held = snooze(60, at=1)
    sent(live, 2)
    snoozing.end(A, {}, author="bo", now=from_ms(live_ms(3)))
    sent(live, 4)

    assert marks() == [held.pk, None]
    assert Snooze.objects.order_by("id").values_list("author", "ends").last() == ("bo", True)


@pytest.mark.parametrize("restart", [False, True])
def test_a_replay_and_a_restart_mark_the_same(live: Live, restart: bool) -> None:
    live.at(ms(0))
    live.save(A, identified(proactive("e", for_each=["k"], within=60)), **ACTS)
    sent(live, 1, key="x")
    sent(live, 2, key="y")
    first = snooze(300, at=5, k="x")
    live.evaluate_all()
    live.snapshot()
    live.evaluate(restart=restart)
    live.at(ms(100))
    live.evaluate_all()
    sent(live, 110, key="x")
    snoozing.end(A, {"k": "x"}, author="ana", now=from_ms(live_ms(120)))
    live.evaluate(restart=restart)
    live.at(ms(400))
    live.evaluate_all()
    live.record_all()

    assert marks() == [first.pk, None, None]
    assert not replay_differences(from_ms(live_ms(0)), from_ms(live_ms(390)))
    assert not replay_differences(from_ms(live_ms(50)), from_ms(live_ms(390)))


def test_a_replay_tells_when_a_mark_is_missing(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e")), **ACTS)
    live.evaluate_all()
    snooze(60, at=1)
    sent(live, 2)
    live.record_all()
    Firing.objects.update(snooze=None)

    assert len(replay_differences(from_ms(live_ms(0)), from_ms(live_ms(90))).changed) == 1


def test_an_open_absence_is_marked_in_the_table(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(proactive("e", within=60)))
    live.save(named("b"), identified(reactive("e", threshold=9, within=60)))
    sent(live, 1)

    marked = dict(Bucket.objects.values_list("automation_id", "absence"))
    assert marked == {A: True, named("b"): False}


@pytest.mark.parametrize("seconds", [0, -1, 91 * 86_400])
def test_a_time_that_is_over_or_too_far_is_refused(live: Live, seconds: float) -> None:
    live.save(A, identified(reactive("e")))
    now = from_ms(live_ms(0))

    with pytest.raises(Invalid):
        snoozing.snooze(A, {}, until=now + timedelta(seconds=seconds), author="ana", now=now)


def test_what_is_deleted_cannot_be_snoozed(live: Live) -> None:
    with pytest.raises(Automation.DoesNotExist):
        snooze(60, at=0)
