"""How many slots of a limit are taken, and when to ask again."""

from datetime import UTC, datetime, timedelta

import pytest

from runs_app.domain.concurrency import SlotCount, mean_occupancy, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def count(**fields: float) -> SlotCount:
    return SlotCount(name="l", at=NOW, **{"limit": 4, **fields})  # type: ignore[arg-type]


def test_slots_without_a_lease_decay_and_those_of_leases_do_not() -> None:
    slots = count(counted=4, leased=1, decay_per_second=0.5)

    taken = [slots.taken(NOW + timedelta(seconds=seconds)) for seconds in (-5, 0, 1.9, 2, 5, 99)]

    assert taken == [5, 5, 5, 4, 3, 1]


@pytest.mark.parametrize(("slots", "room"), [(1, True), (2, True), (3, False)])
def test_there_is_room_up_to_the_limit(slots: int, room: bool) -> None:
    assert count(counted=1, leased=1).has_room(slots, NOW) is room


def test_one_waits_longer_behind_others_and_never_beyond_a_bound() -> None:
    assert count(decay_per_second=2.0).wait_seconds(1, NOW) == 0.5
    assert count(decay_per_second=2.0, denied=3).wait_seconds(1, NOW) == 2.0
    assert count(occupancy_seconds=8.0).wait_seconds(1, NOW) == 2.0
    assert count(occupancy_seconds=9999.0, denied=50).wait_seconds(1, NOW) == 30.0
    assert count(limit=0).wait_seconds(1, NOW) <= 30.0


def test_waits_are_spread() -> None:
    full = [count(occupancy_seconds=8.0)]

    waits = [retry_after(full, slots=1, now=NOW, chance=chance) for chance in (0.0, 0.5, 1.0)]

    assert waits == pytest.approx([1.4, 2.0, 2.6])


def test_the_mean_of_how_long_a_slot_is_held_follows_what_happens() -> None:
    mean = 2.0
    for _ in range(50):
        mean = mean_occupancy(mean, 10.0, limit=3)

    assert mean == pytest.approx(10.0, abs=0.1)
    assert mean_occupancy(2.0, 10.0, limit=0) == 10.0
