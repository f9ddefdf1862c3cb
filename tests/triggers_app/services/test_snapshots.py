"""Snapshots: the windows at one position, once a day, as long as events are kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from events_app.domain.event import from_ms
from events_app.domain.position import StreamId
from events_app.models import Reader
from events_app.storage import partitions
from project.lib import database
from tests.menagerie import event, ms, named, reactive
from tests.triggers_app.live import Live, empty_tables, identified, live_ms
from triggers_app.models import ClosedBucket, Snapshot, SnapshotBucket, SnapshotVersion
from triggers_app.services import snapshots
from triggers_app.storage import history_snapshots

pytestmark = pytest.mark.django_db(transaction=True)
A = named("a")
NOON = from_ms(live_ms(43_200))
DAY = timedelta(days=1)


@pytest.fixture
def live() -> Iterator[Live]:
    with empty_tables() as client:
        yield Live(client)


def counting(live: Live) -> None:
    live.at(ms(0))
    live.save(A, identified(reactive("e", threshold=3, within=60)))
    live.at(ms(1))
    live.send([event("e", at=1)])
    live.evaluate_all()


def test_a_snapshot_holds_windows_versions_and_the_offset(live: Live) -> None:
    counting(live)

    assert snapshots.keep(now=NOON)

    reader = Reader.objects.get(name="evaluate")
    snapshot = Snapshot.objects.get()
    assert (snapshot.position_ms, snapshot.position_seq) == (
        reader.position_ms,
        reader.position_seq,
    )
    assert list(SnapshotVersion.objects.values_list("automation_id", "version", "loaded")) == [
        (A, 1, True)
    ]
    assert SnapshotBucket.objects.get().automation_id == A


def test_there_is_one_a_day(live: Live) -> None:
    counting(live)

    taken = [snapshots.keep(now=NOON + DAY * days) for days in (0, 0.2, 0.6, 1, 2)]

    assert [one is None for one in taken] == [False, True, False, True, False]


def test_none_is_taken_before_the_evaluator_ran(live: Live) -> None:
    assert snapshots.keep(now=NOON) is None


def test_it_is_read_back_for_one_automation(live: Live) -> None:
    counting(live)
    live.save(named("b"), identified(reactive("e", threshold=2, within=60), "other"))
    live.send([event("e", at=1, id="2")])
    live.evaluate_all()
    live.snapshot()

    with database.connect(application_name="flint test") as own:
        start = history_snapshots.newest_before(own, StreamId(live_ms(99), 0), automation_id=A)

    assert start
    assert start.versions == {A: (1, True)}
    assert [(one.automation_id, one.count) for one in start.windows] == [(A, 2)]


def test_followers_that_wait_come_along(live: Live) -> None:
    counting(live)
    live.send([event("e", at=1, id="follower", follows="leader")])
    live.evaluate_all()
    live.snapshot()

    with database.connect(application_name="flint test") as own:
        start = history_snapshots.newest_before(own, StreamId(live_ms(99), 0), automation_id=A)

    assert start and start.waiting_for == [named("leader")]


def test_what_was_decided_too_late_is_not_where_to_begin(live: Live) -> None:
    counting(live)
    live.at(ms(10))
    live.snapshot()

    with database.connect(application_name="flint test") as own:
        found = [
            history_snapshots.newest_before(own, StreamId(at, 0), settled_ms=at) is not None
            for at in (live_ms(9), live_ms(10))
        ]

    assert found == [False, True]


def test_snapshots_leave_with_the_events_but_one_before_the_oldest_day(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting(live)
    for days in range(4):
        snapshots.keep(now=NOON + DAY * days)
        Snapshot.objects.filter(taken=NOON + DAY * days).update(position_ms=ms(86_400 * days))
    ClosedBucket.objects.create(
        automation_id=A, trigger_id=A, key="", start_us=0, end_us=0, count=1, outcome="expired",
        closed_ms=ms(86_400 * 1),
    )  # fmt: skip
    # Other tests leave their days behind; here the fourth is the oldest.
    oldest = {partitions.day_of(ms(86_400 * 3))}
    monkeypatch.setattr(partitions, "existing", lambda connection: oldest)

    snapshots.keep(now=NOON + DAY * 3)

    assert [one.taken for one in Snapshot.objects.order_by("taken")] == [
        NOON + 2 * DAY,
        NOON + 3 * DAY,
    ]
    assert SnapshotBucket.objects.count() == SnapshotVersion.objects.count() == 2
    assert not ClosedBucket.objects.exists()
