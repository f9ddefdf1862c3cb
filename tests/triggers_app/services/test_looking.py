"""The look: what is due is found though nobody was woken, and it costs little when nothing is."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events_app.storage import outbox
from project.lib import redis_client, wake
from runs_app.models import FlowRun
from tests.events_app.menagerie import TWO_IN_A_FRAME
from tests.runs_app import examples as runs
from tests.triggers_app.delivery.examples import NOW, a_deployment, fired, run_of
from tests.triggers_app.services.test_redeploying import OWNER, create
from triggers_app.models import ActionRun, Automation
from triggers_app.services import authoring
from triggers_app.services.dispatching import Dispatcher
from triggers_app.services.looking import SELDOM_SECONDS, DueLook

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []

    def noted(task: str, **_: Any) -> bool:
        sent.append(task)
        return True

    monkeypatch.setattr(wake, "wake", noted)
    return sent


def a_look(*, now: Any = NOW, timer: Any = time.monotonic) -> DueLook:
    return DueLook(
        Dispatcher(clock=lambda: now, timer=time.monotonic),
        log_client=redis_client.client(),
        clock=lambda: now,
        timer=timer,
    )


def test_nothing_due_is_three_queries_and_wakes_nobody(woken: list[str]) -> None:
    look = a_look()
    look()  # the first also does what is seldom due

    with CaptureQueriesContext(connection) as queries:
        look()

    assert len(queries) == 3, [query["sql"] for query in queries]
    assert woken == []


def test_an_action_that_nobody_was_woken_for_is_carried_out(woken: list[str]) -> None:
    fired(run_of(a_deployment()))

    a_look()()

    assert FlowRun.objects.count() == 1
    assert "events.relay" in woken


def test_an_effect_that_is_due_is_sent_to_who_delivers(woken: list[str]) -> None:
    [run] = fired(run_of(a_deployment()))
    ActionRun.objects.filter(pk=run.pk).update(state="sending", request={})

    a_look()()

    assert woken == ["triggers.deliver"]


def test_events_in_the_outbox_wake_the_relay(woken: list[str]) -> None:
    outbox.add(TWO_IN_A_FRAME)

    a_look()()

    assert woken == ["events.relay"]


def test_runs_that_are_due_wake_executors(woken: list[str]) -> None:
    runs.a_run(runs.a_deployment(pool="flint"))

    a_look()()

    assert woken.count("runs.execute") == 1


def test_a_grace_that_is_over_is_ended(woken: list[str]) -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)

    a_look(now=NOW + timedelta(minutes=1))()

    assert Automation.objects.get(pk=row.pk).grace == "over"


def test_what_is_seldom_due_is_looked_for_every_few_seconds(
    woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.1, 0.2, 1.0, SELDOM_SECONDS + 1, SELDOM_SECONDS + 2])
    trimmed: list[object] = []
    monkeypatch.setattr("events_app.services.keeping.trim", trimmed.append)
    look = a_look(timer=lambda: next(seconds))

    look()
    look()
    look()

    assert len(trimmed) == 2
