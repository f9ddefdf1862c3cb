"""/api/events/in of the running product, with a WebSocket client that knows nothing of it."""

import asyncio
import base64
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from accounts_app.models import Role
from events_app.api import sockets
from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


def an_event(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": "socket.test"},
        **changes,
    }


@contextmanager
def connected(product: Product, path: str = "/api/events/in") -> Iterator[ClientConnection]:
    url = product.url.replace("http", "ws", 1) + path
    with connect(url, subprotocols=[Subprotocol("prefect")], ping_interval=None) as socket:
        yield socket


@contextmanager
def authenticated(product: Product, token: str | None = None) -> Iterator[ClientConnection]:
    with connected(product) as socket:
        socket.send(json.dumps({"type": "auth", "token": token or product.key}))
        assert json.loads(socket.recv(5)) == {"type": "auth_success"}
        yield socket


def recorded(product: Product, name: str) -> list[dict[str, Any]]:
    with product.client() as client:
        body = {"filter": {"event": {"name": [name]}}, "limit": 50}
        found: list[dict[str, Any]] = client.post("/events/filter", json=body).json()["events"]
        return found


def closed_with(socket: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:
        socket.recv(12)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


@pytest.mark.parametrize("prefix", ["", "admin:"], ids=["key", "admin:key"])
def test_an_event_sent_before_the_pong_is_recorded(product: Product, prefix: str) -> None:
    name = f"socket.{uuid4().hex}"
    with authenticated(product, prefix + product.key) as socket:
        assert socket.subprotocol == "prefect"
        socket.send(json.dumps(an_event(name)))
        assert socket.ping().wait(5)

    wait_for(lambda: len(recorded(product, name)) == 1, seconds=10)


def test_the_pong_waits_for_the_log(product: Product) -> None:
    name = f"socket.{uuid4().hex}"
    with authenticated(product) as socket:
        redis = product.pids()["redis"]
        product.kill("redis", signal.SIGSTOP)
        try:
            socket.send(json.dumps(an_event(name)))
            pong = socket.ping()
            assert not pong.wait(0.7)
        finally:
            product.kill("redis", signal.SIGCONT)
        assert redis == product.pids()["redis"]
        assert pong.wait(10)

    wait_for(lambda: len(recorded(product, name)) == 1, seconds=10)


def test_closing_waits_for_the_log(product: Product) -> None:
    name = f"socket.{uuid4().hex}"
    with authenticated(product) as socket:
        for _ in range(500):
            socket.send(json.dumps(an_event(name)))
        socket.ping()

    with product.client() as client:
        body = {"filter": {"event": {"name": [name]}}, "limit": 1}
        wait_for(
            lambda: client.post("/events/filter", json=body).json()["total"] == 500, seconds=10
        )


def test_a_bad_frame_is_refused_alone_and_listed(product: Product) -> None:
    name = f"socket.{uuid4().hex}"
    with authenticated(product) as socket:
        socket.send(json.dumps(an_event(name)))
        socket.send('{"event": "no resource"}')
        socket.send(json.dumps(an_event(name)))
        refusal = json.loads(socket.recv(5))
        assert refusal["type"] == "error"
        assert "resource" in refusal["reason"]

    wait_for(lambda: len(recorded(product, name)) == 2, seconds=10)
    listed = product.manage(
        "shell", "-c", "from events_app.models import *; print(RejectedEvent.objects.last().body)"
    )
    assert "no resource" in listed.stdout


def test_an_oversized_event_is_refused_alone(product: Product) -> None:
    name = f"socket.{uuid4().hex}"
    with authenticated(product) as socket:
        socket.send(json.dumps(an_event(name, payload={"text": "x" * 1_600_000})))
        assert "1,500,000" in json.loads(socket.recv(5))["reason"]
        socket.send(json.dumps(an_event(name)))

    wait_for(lambda: len(recorded(product, name)) == 1, seconds=10)


def test_at_most_eight_refusals_are_told(product: Product) -> None:
    with authenticated(product) as socket:
        for _ in range(20):
            socket.send("junk")
        assert socket.ping().wait(5)

        told = 0
        with pytest.raises(TimeoutError):
            while socket.recv(0.3):
                told += 1
    assert told == 8


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ('{"type": "auth", "token": null}', "Unauthorized"),
        ('{"type": "auth", "token": "wrong"}', "Unauthorized"),
        ('{"type": "event"}', "Expected 'auth' message"),
        ("junk", "Expected 'auth' message"),
        ("[1]", "Expected 'auth' message"),
    ],
)
def test_without_a_key_nobody_gets_in(product: Product, first: str, reason: str) -> None:
    with connected(product) as socket:
        socket.send(first)

        code, text = closed_with(socket)

    assert code == 1008
    assert text.startswith(reason)


def test_a_viewer_may_not_send(product: Product) -> None:
    key = product.manage("createapikey", "socket viewer", "--role", "viewer").stdout.split()[-1]
    with connected(product) as socket:
        socket.send(json.dumps({"type": "auth", "token": key}))

        assert closed_with(socket)[0] == 1008


def test_an_unknown_socket_is_refused_at_the_upgrade(product: Product) -> None:
    begun = time.monotonic()
    with (
        pytest.raises(Exception, match="HTTP 403"),
        connected(product, "/api/work_pools/x/workers/connect"),
    ):
        pass
    assert time.monotonic() - begun < 5


@contextmanager
def upgraded(product: Product, **headers: str) -> Iterator[ClientConnection]:
    """As clients before 3.7 do: no subprotocol, no handshake."""
    url = product.url.replace("http", "ws", 1) + "/api/events/in"
    with connect(url, additional_headers=headers, ping_interval=None) as socket:
        yield socket


def test_the_header_of_the_upgrade_lets_in_who_knows_no_handshake(product: Product) -> None:
    name = f"socket.{uuid4().hex}"
    basic = base64.b64encode(f"admin:{product.key}".encode()).decode()
    with upgraded(product, Authorization=f"Basic {basic}") as socket:
        socket.send(json.dumps(an_event(name)))
        assert socket.ping().wait(5)

    wait_for(lambda: len(recorded(product, name)) == 1, seconds=10)


def test_a_wrong_header_is_refused_with_the_reason(product: Product) -> None:
    with upgraded(product, Authorization="Bearer wrong") as socket:
        assert closed_with(socket) == (1008, "Unauthorized: the token is not a valid key")


def test_without_header_and_handshake_nobody_gets_in(product: Product) -> None:
    with upgraded(product) as socket:
        socket.send(json.dumps(an_event("socket.nobody")))

        assert closed_with(socket) == (1008, "Expected 'auth' message")

    wait_for(lambda: "PREFECT_CLIENT_CUSTOM_HEADERS" in product.log, seconds=5)


@pytest.mark.parametrize(
    ("peer", "headers", "local"),
    [
        (("127.0.0.1", 1), {}, True),
        (("::1", 1), {}, True),
        (("192.0.2.7", 1), {}, False),
        (("127.0.0.1", 1), {b"x-forwarded-for": b"192.0.2.7"}, False),
        (("127.0.0.1", 1), {b"forwarded": b"for=192.0.2.7"}, False),
        (None, {}, False),
    ],
)
def test_only_this_machine_is_taken_without_a_key(
    peer: tuple[str, int] | None, headers: dict[bytes, bytes], local: bool, settings: Any
) -> None:
    scope = {"subprotocols": [], "headers": list(headers.items()), "client": peer}

    async def admitted() -> bool:
        return await sockets._admitted_by_upgrade(scope, Role.EDITOR)

    assert not asyncio.run(admitted())
    settings.FLINT_EVENTS_WITHOUT_KEY = True
    assert asyncio.run(admitted()) is local
