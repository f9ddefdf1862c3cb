"""Replay = live: the recorded log, with the versions as they applied, gives what happened."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
import redis
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from events_app.domain.event import Entry, from_ms
from tests.menagerie import event, ms, named, reactive
from tests.triggers_app.automation.engine.strategies import (
    ABSENCES,
    LAGGING,
    TRIGGERS,
    World,
    worlds,
)
from tests.triggers_app.live import Live, empty_tables, identified, live_ms
from triggers_app.models import Firing
from triggers_app.services import evaluating
from triggers_app.services.replaying import Differences, replay_differences

pytestmark = pytest.mark.django_db(transaction=True)
A = named("a")


@pytest.fixture
def live() -> Iterator[Live]:
    with empty_tables() as client:
        yield Live(client)


def differences(since: float = 0, until: float = 3600) -> Differences:
    return replay_differences(from_ms(live_ms(since)), from_ms(live_ms(until)))


def test_a_replay_gives_what_happened(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e", threshold=2, within=60)))
    live.evaluate_all()
    for at in (1, 2, 3, 4):
        live.at(ms(at))
        live.send([event("e", at=at)])
    live.evaluate_all()
    live.record_all()

    assert (Firing.objects.count(), differences().firings) == (1, 1)
    assert not differences()


def test_it_finds_what_is_missing_too_much_or_different(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e")))
    for at in (1, 2, 3):
        live.at(ms(at))
        live.send([event("e", at=at)])
    live.evaluate_all()
    live.record_all()
    first, second, third = Firing.objects.order_by("fired").values_list("pk", flat=True)
    Firing.objects.filter(pk=first).delete()
    Firing.objects.filter(pk=second).update(labels={"a": "b"})
    Firing.objects.filter(pk=third).update(id=named("another"))

    found = differences()

    assert [one.id for one in found.missing] == [named("another")]
    assert [one.id for one in found.extra] == [first, third]
    assert [(one.labels, other.labels) for one, other in found.changed] == [({"a": "b"}, {})]
    assert found


def played(client: redis.Redis, world: World, leases: list[str], size: int) -> tuple[int, int]:
    """Live through a world; after each step a lease as `leases` say.

    `slow`: a version is committed when the evaluator is beyond the point it was given. Half
    way a snapshot is taken. Returns the ends of the whole and of the first half.
    """
    live, snapshot_ms = Live(client), 0
    live.evaluate()
    with patch.object(evaluating, "MAX_EVENTS", size):
        for number, step in enumerate(world.steps):
            lease = leases[number % len(leases)]
            live.at(step.id.ms if isinstance(step, Entry) else step.log_ms)
            if isinstance(step, Entry):
                live.send(step.events)
            else:
                version = step.version
                document = None if version is None else version.trigger.model_dump(mode="json")
                enabled = version is None or version.enabled
                live.save(step.automation_id, document, enabled=enabled, slowly=lease == "slow")
            if lease != "none":
                live.evaluate(restart=lease == "restart")
            if number == len(world.steps) // 2:
                snapshot_ms = live.snapshot()
        live.at(world.until_ms)
        live.evaluate_all()
    live.record_all()
    return live.now_ms, snapshot_ms


LEASES = st.lists(
    st.sampled_from(["none", "none", "kept", "restart", "slow"]), min_size=1, max_size=6
)


def check(world: World, leases: list[str], size: int) -> None:
    with empty_tables() as client:
        until_ms, snapshot_ms = played(client, world, leases, size)

        whole = replay_differences(from_ms(0), from_ms(until_ms))
        rest = replay_differences(from_ms(snapshot_ms + 1), from_ms(until_ms))

        assert whole == Differences(Firing.objects.count(), [], [], [], from_snapshot=False)
        later = Firing.objects.filter(fired__gt=from_ms(snapshot_ms)).count()
        assert rest == Differences(later, [], [], [], from_snapshot=True)


FEW = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
)
SIZES = st.sampled_from([1, 2, 2000])


@given(world=worlds(), leases=LEASES, size=SIZES)
@FEW
def test_whatever_happens_a_replay_gives_the_same(
    world: World, leases: list[str], size: int
) -> None:
    check(world, leases, size)


@given(world=worlds(ABSENCES, LAGGING), leases=LEASES, size=SIZES)
@settings(FEW, max_examples=8)
def test_a_replay_knows_who_lagged_and_who_waited(
    world: World, leases: list[str], size: int
) -> None:
    check(world, leases, size)


@pytest.mark.slow
@given(
    world=st.one_of(
        worlds(max_size=25), worlds(st.one_of(ABSENCES, TRIGGERS), LAGGING, max_size=25)
    ),
    leases=LEASES,
    size=SIZES,
)
@settings(FEW, max_examples=300)
def test_whatever_happens_a_replay_gives_the_same_at_length(
    world: World, leases: list[str], size: int
) -> None:
    check(world, leases, size)
