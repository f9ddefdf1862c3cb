"""From the log into PostgreSQL."""

import itertools
from collections.abc import Callable

import psycopg
import pytest
import redis

from events_app.domain.position import START
from events_app.models import Event, EventCount, Reader, RejectedEvent
from events_app.services import recording
from events_app.stream import log
from tests.events_app.menagerie import NUL_IN_NAME, TWO_IN_A_FRAME, an_event

pytestmark = pytest.mark.usefixtures("clean_tables")


def turns(count: int) -> Callable[[], float]:
    """A clock that allows so many reads."""
    left = itertools.chain([0.001] * count, itertools.repeat(0.0))
    return lambda: next(left)


def test_events_and_offset_are_written_together(log_client: redis.Redis) -> None:
    for event in TWO_IN_A_FRAME:
        appended = log.append(log_client, [event])

    report = recording.record(log_client, seconds_left=turns(1))

    assert report.events == 2
    assert list(Event.objects.order_by("pk").values_list("id", flat=True)) == [
        event.id for event in TWO_IN_A_FRAME
    ]
    row = Reader.objects.get(name="record")
    assert (row.position_ms, row.position_seq) == appended.id


def test_every_field_is_read_back_as_it_came(log_client: redis.Redis) -> None:
    event = an_event(event="ü\\n\t", payload={"a": [1.5, None, '\\ " \n é']})
    appended = log.append(log_client, [event])
    assert appended.id

    recording.record(log_client, seconds_left=turns(1))

    row = Event.objects.get(id=event.id)
    assert row.pk == (*appended.id, 0)
    assert (row.occurred, row.event, row.resource_id) == (
        event.occurred,
        event.event,
        event.resource_id,
    )
    assert (row.resource, row.related, row.follows) == (event.resource, event.related, None)
    assert row.payload == bytes(event.payload).decode()


def test_an_event_that_postgresql_refuses_is_set_aside_and_the_rest_goes_on(
    log_client: redis.Redis,
) -> None:
    good = [an_event() for _ in range(9)]
    appended = log.append(log_client, [*good[:4], NUL_IN_NAME, *good[4:]])
    assert appended.id

    report = recording.record(log_client, seconds_left=turns(1))

    assert (report.events, report.rejected) == (9, 1)
    rejected = RejectedEvent.objects.get()
    assert (rejected.log_ms, rejected.log_seq, rejected.frame_index) == (*appended.id, 4)
    assert "0x00" in rejected.reason
    assert EventCount.objects.get().events == 9


def test_nothing_is_recorded_twice_by_the_next_lease(log_client: redis.Redis) -> None:
    log.append(log_client, TWO_IN_A_FRAME)
    recording.record(log_client, seconds_left=turns(1))
    log.append(log_client, [an_event()])

    report = recording.record(log_client, seconds_left=turns(1))

    assert report.events == 1
    assert Event.objects.count() == 3


def test_a_failing_database_leaves_the_offset_where_it_was(
    log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(log_client, TWO_IN_A_FRAME)
    monkeypatch.setattr("events_app.storage.recording._COPY", "COPY nowhere FROM STDIN")

    with pytest.raises(psycopg.errors.UndefinedTable):
        recording.record(log_client, seconds_left=turns(1))

    row = Reader.objects.get(name="record")
    assert (row.position_ms, row.position_seq) == START


def test_it_is_recorded_whether_the_log_knew_the_leader(log_client: redis.Redis) -> None:
    early = an_event(follows=TWO_IN_A_FRAME[0].id)
    log.append(log_client, [early])
    log.append(log_client, TWO_IN_A_FRAME)

    recording.record(log_client, seconds_left=turns(1))

    assert [event.id for event in Event.objects.filter(leader_unknown=True)] == [early.id]
