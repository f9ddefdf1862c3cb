from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from events_app.models import Reader
from events_app.stream import log
from project.lib import redis_client
from project.lib.clock import utcnow
from tests.events_app.menagerie import an_event
from tests.web import scene
from triggers_app.models import ActionRun
from triggers_app.services import pausing


@pytest.fixture(autouse=True)
def empty_log() -> None:
    redis_client.client().flushdb()


def test_strip_says_how_far_each_reader_is(viewer: Client, db: None) -> None:
    last = log.append_wakeup(redis_client.client())
    Reader.objects.create(name="record", position_ms=last.ms, position_seq=last.seq)
    Reader.objects.create(name="evaluate", position_ms=last.ms - 90_000, position_seq=0)

    html = viewer.get("/status/").content.decode()

    assert ("Recording up to date" in html, "Evaluating 1 min 30 s behind" in html) == (True, True)


def test_strip_is_unchanged_until_something_happens(
    fragment: Callable[[str], Any], db: None
) -> None:
    seen = fragment("/status/").content.decode().split("seen=")[1][:16]

    quiet = fragment(f"/status/?seen={seen}").status_code
    log.append_wakeup(redis_client.client())
    news = fragment(f"/status/?seen={seen}").status_code

    assert (quiet, news) == (204, 200)


def test_strip_says_how_much_arrives(viewer: Client, db: None) -> None:
    log.append(redis_client.client(), [an_event(id=UUID(int=n)) for n in (1, 2, 3)])

    assert "Receiving 3/min" in viewer.get("/status/").content.decode()


def test_strip_says_whether_actions_are_on_and_what_was_refused(viewer: Client, db: None) -> None:
    firing = scene.firing(scene.automation(), None)
    ActionRun.objects.filter(pk=scene.action(firing).pk).update(
        state=ActionRun.State.REJECTED, created=utcnow()
    )
    before = viewer.get("/status/").content.decode()

    pausing.stop_acting(author="eda", reason="", now=utcnow())
    after = viewer.get("/status/").content.decode()

    assert ("Actions on" in before, "1 refused action in 24 h" in before) == (True, True)
    assert "Actions paused" in after
