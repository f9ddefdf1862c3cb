"""Dispatchers side by side, and one that dies."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from runs_app.models import FlowRun
from tests.triggers_app.delivery.examples import NOW, a_deployment, an_automation, fired, run_of
from triggers_app.models import ActionRun
from triggers_app.services.dispatching import Dispatcher
from triggers_app.storage import outbox

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    pass


def run_dispatcher() -> int:
    try:
        return Dispatcher(clock=lambda: NOW, timer=time.monotonic).run().settled
    finally:
        connection.close()


def many(count: int) -> None:
    deployment, automation = a_deployment(), an_automation()
    for _ in range(count):
        fired(run_of(deployment), automation=automation)


def test_dispatchers_side_by_side_do_each_action_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triggers_app.services.dispatching.BATCH", 7)
    many(60)

    with ThreadPoolExecutor(3) as pool:
        settled = list(pool.map(lambda _: run_dispatcher(), range(3)))

    # What one holds the others skip; whoever finds nothing left goes, and a sweep comes later.
    assert sum(settled) + run_dispatcher() == 60
    assert FlowRun.objects.count() == 60
    assert not ActionRun.objects.filter(state="pending").exists()


def test_a_dispatcher_that_dies_before_its_commit_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many(3)

    def die(*_: Any, **__: Any) -> int:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(outbox, "finish_batch", die)
        run_dispatcher()

    assert FlowRun.objects.count() == 0
    assert run_dispatcher() == 3
    assert FlowRun.objects.count() == 3


def test_an_action_that_another_dispatcher_holds_is_skipped() -> None:
    many(1)

    with transaction.atomic():
        assert len(outbox.claim(10, now=NOW)) == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(run_dispatcher).result() == 0
