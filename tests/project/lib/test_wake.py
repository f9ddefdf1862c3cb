"""Wake-ups: heard once however often they were given, and never needed."""

import time
from collections.abc import Iterator

import pytest
import redis

from project.lib import redis_client, wake


@pytest.fixture(autouse=True)
def nobody_is_woken() -> Iterator[None]:
    broker = redis_client.broker()
    broker.delete("flint:wake:events.relay")
    yield
    broker.delete("flint:wake:events.relay")


def test_a_wake_up_is_heard_at_once_even_when_it_came_before() -> None:
    wake.wake(wake.RELAY, queue="actions")
    began = time.monotonic()

    assert wake.wait(wake.RELAY, 5.0)

    assert time.monotonic() - began < 2.0


def test_many_wake_ups_are_one() -> None:
    for _ in range(50):
        wake.wake(wake.RELAY, queue="actions")

    assert wake.wait(wake.RELAY, 0.05)
    assert not wake.wait(wake.RELAY, 0.05)


def test_a_duty_is_not_woken_by_another() -> None:
    wake.wake(wake.DISPATCH, queue="actions")

    assert not wake.wait(wake.RELAY, 0.05)


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(unix_socket_path="/nowhere/broker.sock")
    monkeypatch.setattr(redis_client, "broker", lambda: away)


@pytest.mark.usefixtures("no_broker")
def test_without_a_broker_nobody_is_woken_and_that_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not wake.wake(wake.RELAY, queue="actions")

    assert "its sweep will find the work" in caplog.text


@pytest.mark.usefixtures("no_broker")
def test_waiting_without_a_broker_takes_its_time_and_does_not_spin() -> None:
    began = time.monotonic()

    assert not wake.wait(wake.RELAY, 0.1)

    assert time.monotonic() - began >= 0.1


@pytest.mark.usefixtures("no_broker")
@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_who_is_late_already_does_not_wait(seconds: float) -> None:
    assert not wake.wait(wake.RELAY, seconds)
