from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from events_app.models import Reader
from events_app.stream import log
from project.lib import redis_client


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
