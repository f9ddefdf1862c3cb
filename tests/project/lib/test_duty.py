"""Leases of duties: woken, looking by themselves, and going on without stores or broker."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from kombu.exceptions import OperationalError as BrokerError

from project.lib import duty, stopping, wake


class Sent:
    """Stands for a task: counts how often it was sent on, and fails as often as told."""

    name = "events.relay"

    def __init__(self, failures: int = 0) -> None:
        self.count = 0
        self.failures = failures

    def apply_async(self, **_: Any) -> None:
        self.count += 1
        if self.count <= self.failures:
            raise BrokerError("away")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OUTAGE_PAUSE_SECONDS", "STANDBY_PAUSE_SECONDS"):
        monkeypatch.setattr(duty, name, 0.001)
    monkeypatch.setattr(duty, "STANDBY_SECONDS", 0.01)


def a_duty(done: list[str], look: Callable[[], object] | None = None) -> duty.Duty:
    return duty.Duty(
        wake.RELAY,
        work=lambda: done.append("work"),
        look=look or (lambda: done.append("look")),
        look_every_seconds=60.0,
    )


def woken(monkeypatch: pytest.MonkeyPatch, *answers: bool) -> None:
    left = list(answers)
    monkeypatch.setattr(wake, "wait", lambda *_: left.pop(0) if left else False)


def test_it_looks_first_and_works_whenever_it_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    woken(monkeypatch, True, True)

    a_duty(done).run(0.05)

    assert done == ["look", "work", "work"]


def test_one_lease_of_a_duty_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    one = a_duty(done)
    task = Sent()

    with one.at_work:
        one.serve(task, seconds=0.01)

    assert (done, task.count) == ([], 0)


def test_a_lease_goes_on_by_itself_until_the_broker_takes_its_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    woken(monkeypatch)
    task = Sent(failures=2)

    a_duty(done).serve(task, seconds=0.005)

    assert (done, task.count) == (["look"] * 3, 3)


def test_an_outage_is_a_line_and_the_lease_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    woken(monkeypatch, True)
    done: list[str] = []

    def away() -> None:
        raise redis.ConnectionError("gone\nand more")

    a_duty(done, look=away).run(0.05)

    assert done == ["work"]
    assert [record.getMessage() for record in caplog.records] == [
        "Could not go on with events.relay: gone"
    ]


def test_a_standby_looks_again_until_the_owner_is_gone() -> None:
    answers = [False, False, True]
    task = Sent()

    duty.hold(task, lambda: answers.pop(0))

    assert task.count >= 1 and answers == []


def test_a_bug_in_a_lease_is_seen_and_the_next_lease_is_sent_all_the_same() -> None:
    task = Sent()

    def broken() -> bool:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        duty.hold(task, broken)

    assert task.count == 1


def test_a_worker_that_was_asked_to_stop_sends_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "stop_requested", lambda: True)
    task = Sent()
    done: list[str] = []

    duty.hold(task, lambda: True)
    a_duty(done).serve(task)

    assert SimpleNamespace(sent=task.count, done=done) == SimpleNamespace(sent=0, done=[])
