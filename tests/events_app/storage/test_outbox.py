"""Our own events: written with their change, brought to the log."""

import pytest
import redis
from django.db import transaction

from events_app.domain.position import START
from events_app.models import EventOutbox
from events_app.services import relaying
from events_app.storage import outbox
from events_app.stream import log
from tests.events_app.menagerie import TWO_IN_A_FRAME, an_event

pytestmark = pytest.mark.usefixtures("clean_tables")


def in_the_log(client: redis.Redis) -> list[str]:
    read = log.read_or_advance(client, after=START, max_events=10_000, block_ms=0)
    return [event.event for entry in read.entries for event in entry.events]


def test_events_reach_the_log_in_the_order_in_which_they_were_written(
    log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH_EVENTS", 2)
    names = [f"e{n}" for n in range(5)]
    outbox.add([an_event(event=name) for name in names])

    relayed = relaying.relay(log_client)

    assert (relayed, in_the_log(log_client)) == (5, names)
    assert EventOutbox.objects.count() == 0


def test_an_event_whose_change_is_rolled_back_is_never_sent(log_client: redis.Redis) -> None:
    with transaction.atomic():
        outbox.add(TWO_IN_A_FRAME)
        transaction.set_rollback(True)

    assert relaying.relay(log_client) == 0


def test_a_crash_between_append_and_commit_sends_nothing_twice(
    log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.add(TWO_IN_A_FRAME)
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(outbox, "remove", lambda ids: 1 / 0)
        relaying.relay(log_client)

    assert relaying.relay(log_client) == 2
    assert in_the_log(log_client) == [event.event for event in TWO_IN_A_FRAME]


def test_a_full_log_leaves_the_events_in_the_outbox(log_client: redis.Redis) -> None:
    log_client.hset(log.META, "max_events", 1)
    outbox.add(TWO_IN_A_FRAME)

    with pytest.raises(log.LogFull):
        relaying.relay(log_client)

    assert EventOutbox.objects.count() == 2


def test_the_same_event_is_written_once() -> None:
    outbox.add(TWO_IN_A_FRAME)
    outbox.add(TWO_IN_A_FRAME)

    assert EventOutbox.objects.count() == 2
