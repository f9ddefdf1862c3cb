"""One deadline for a whole exchange, wherever the other side is slow."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.triggers_app.delivery.server import serving
from tests.triggers_app.delivery.slow_server import Slow, slow_server
from triggers_app.delivery.calls import Call
from triggers_app.delivery.http import DEADLINE_SECONDS, OutgoingClient
from triggers_app.delivery.results import Delivered, Rejected, TryAgain
from triggers_app.services.sending import LEASE

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEADLINE = 0.5
PATIENCE = 4.0


@pytest.fixture
def client() -> Iterator[OutgoingClient]:
    outside = OutgoingClient(allow_private=True, jitter=lambda: 0.5, deadline_seconds=DEADLINE)
    yield outside
    outside.close()


@pytest.fixture
def patient() -> Iterator[OutgoingClient]:
    """For what has to be quicker than the deadline, on a busy machine, too."""
    outside = OutgoingClient(allow_private=True, jitter=lambda: 0.5, deadline_seconds=PATIENCE)
    yield outside
    outside.close()


def call(url: str, body: str = "x", **headers: str) -> Call:
    return Call(url, "POST", headers, body)


def timed(client: OutgoingClient, url: str, body: str = "x") -> tuple[Any, float]:
    began = time.monotonic()
    ending = client.send(call(url, body), key="k", tries=1, now=NOW)
    return ending, time.monotonic() - began


@pytest.mark.parametrize("slow", ["silent", "headers", "informational", "never reads"])
def test_a_slow_answer_ends_at_the_deadline(slow: Slow, client: OutgoingClient) -> None:
    with slow_server(slow) as server:
        ending, seconds = timed(client, server.url, body="x" * 16_000_000)

    assert isinstance(ending, TryAgain)
    assert ending.reason == "No answer within 0.5 s."
    assert DEADLINE <= seconds < DEADLINE + 2


def test_so_does_a_handshake(client: OutgoingClient) -> None:
    with slow_server("no handshake", scheme="https") as server:
        ending, seconds = timed(client, server.url)

    assert isinstance(ending, TryAgain)
    assert seconds < DEADLINE + 2


def test_so_does_looking_up_a_name(
    patient: OutgoingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    real = socket.getaddrinfo

    def slow(host: str, port: int, **more: Any) -> Any:
        if not more["flags"]:
            release.wait(30)
        return real(host, port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with serving() as server:
        waiting = [
            patient.submit(call("http://slow.invalid/"), key="k", tries=1, now=NOW)
            for _ in range(100)
        ]
        beside, seconds = timed(patient, server.url)
        endings = [future.result(10) for future in waiting]
    release.set()

    assert isinstance(beside, Delivered)
    assert seconds < PATIENCE
    assert {type(ending) for ending in endings} == {TryAgain}


def test_a_status_that_came_in_time_counts_however_long_its_text_takes(
    client: OutgoingClient,
) -> None:
    with slow_server("body") as server:
        ending, seconds = timed(client, server.url)

    assert isinstance(ending, Delivered)
    assert set(str(ending.result["response_body"])) == {"x"}
    assert seconds < DEADLINE + 2


def test_hundreds_of_slow_ones_hold_up_no_other(patient: OutgoingClient) -> None:
    with slow_server("silent") as slow, serving() as fast:
        for _ in range(300):
            patient.submit(call(slow.url), key="k", tries=1, now=NOW)
        ending, _ = timed(patient, fast.url)

    assert isinstance(ending, Delivered)


def test_a_lease_outlasts_every_exchange() -> None:
    assert LEASE.total_seconds() > 3 * DEADLINE_SECONDS


def test_an_own_user_agent_is_the_only_one(client: OutgoingClient) -> None:
    with serving() as server:
        client.send(call(server.url, **{"user-agent": "mine"}), key="k", tries=1, now=NOW)

    assert server.received[0][1]["user-agent"] == "mine"


@pytest.mark.parametrize(
    "url", ["http://nothing.invalid/", "http://a..b/", "http://" + "a" * 300 + ".org/"]
)
def test_a_name_that_there_is_not_is_told(url: str, client: OutgoingClient) -> None:
    ending, _ = timed(client, url)

    assert isinstance(ending, TryAgain | Rejected)
    assert ending.reason.startswith(("No answer", "It cannot be sent"))
