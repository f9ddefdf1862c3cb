"""/api/events/out of the running product, with a WebSocket client that knows nothing of it."""

import asyncio
import json
import os
import socket as network
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection
from websockets.typing import Subprotocol

from tests.events_app.api.test_socket_in import an_event, closed_with, connected
from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


@contextmanager
def subscribed(product: Product, **message: Any) -> Iterator[ClientConnection]:
    with connected(product, "/api/events/out") as socket:
        socket.send(json.dumps({"type": "auth", "token": f"admin:{product.key}"}))
        assert json.loads(socket.recv(5)) == {"type": "auth_success"}
        socket.send(json.dumps({"type": "filter", **message}))
        yield socket


def sent(product: Product, *names: str) -> None:
    with product.client() as client:
        answer = client.post("/events", json=[an_event(name) for name in names])
        assert answer.status_code == 204, answer.text


def heard(socket: ClientConnection, count: int) -> list[str]:
    messages = [json.loads(socket.recv(10)) for _ in range(count)]
    assert {message["type"] for message in messages} == {"event"}
    return [message["event"]["event"] for message in messages]


def test_what_was_and_what_comes(product: Product) -> None:
    name = uuid4().hex
    sent(product, f"{name}.1", f"{name}.2")
    with subscribed(product, filter={"event": {"prefix": [name]}}) as socket:
        assert heard(socket, 2) == [f"{name}.1", f"{name}.2"]

        sent(product, "another", f"{name}.3")

        assert heard(socket, 1) == [f"{name}.3"]


def test_an_event_is_told_as_prefects_server_does(product: Product) -> None:
    name = uuid4().hex
    with subscribed(product, filter={"event": {"name": [name]}}, backfill=False) as socket:
        assert socket.subprotocol == "prefect"
        # The subscription stands once the ping behind the filter is answered, and a moment.
        assert socket.ping().wait(5)
        wait_for(lambda: _told(product, socket, name), seconds=10)


def _told(product: Product, socket: ClientConnection, name: str) -> bool:
    event = an_event(name, payload={"amount": 2.5})
    with product.client() as client:
        client.post("/events", json=[event])
    try:
        told = json.loads(socket.recv(0.5))["event"]
    except TimeoutError:
        return False
    assert told.keys() == {
        "occurred", "event", "resource", "related", "payload", "id", "follows", "received",
    }  # fmt: skip
    assert (told["event"], told["payload"]) == (name, {"amount": 2.5})
    assert told["received"] >= told["occurred"][:10]
    return True


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"type": "nope"}, "Expected 'filter' message"),
        ({"type": "filter", "filter": {"bogus": 1}}, "Invalid filter: bogus: Extra inputs"),
    ],
)
def test_a_bad_filter_closes_with_the_reason(
    product: Product, message: dict[str, Any], reason: str
) -> None:
    with connected(product, "/api/events/out") as socket:
        socket.send(json.dumps({"type": "auth", "token": product.key}))
        socket.recv(5)
        socket.send(json.dumps(message))

        code, told = closed_with(socket)

    assert (code, told[: len(reason)]) == (1002, reason)


@pytest.mark.parametrize("token", [None, "wrong"])
def test_nobody_hears_anything_without_a_key(product: Product, token: str | None) -> None:
    with connected(product, "/api/events/out") as socket:
        socket.send(json.dumps({"type": "auth", "token": token}))

        assert closed_with(socket) == (1008, "Unauthorized: the token is not a valid key")


def test_a_viewer_may_listen_until_the_key_is_revoked(product: Product) -> None:
    name = uuid4().hex
    made = product.manage("createapikey", f"viewer-{name}", "--role", "viewer")
    key = next(word for word in made.stdout.split() if word.startswith("flint_"))
    with connected(product, "/api/events/out") as socket:
        socket.send(json.dumps({"type": "auth", "token": key}))
        assert json.loads(socket.recv(10)) == {"type": "auth_success"}
        socket.send(json.dumps({"type": "filter", "filter": {"event": {"name": [name]}}}))
        sent(product, name)
        assert heard(socket, 1) == [name]

        code = (
            "from accounts_app.models import ApiKey; from accounts_app.services import access;"
            "from project.lib.clock import utcnow;"
            f"access.revoke_key(ApiKey.objects.get(name='viewer-{name}').pk, now=utcnow())"
        )
        product.manage("shell", "-c", code)
        assert _ended(product, socket, name) == (
            1008,
            "Unauthorized: the key is not valid any more",
        )


def _ended(product: Product, socket: ClientConnection, name: str) -> tuple[int, str]:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        sent(product, name)
        try:
            socket.recv(0.3)
        except TimeoutError:
            continue
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            return closed.rcvd.code, closed.rcvd.reason
    raise AssertionError("It still hears")


def test_a_reader_that_takes_nothing_does_not_keep_the_others_waiting(product: Product) -> None:
    name = uuid4().hex
    wanted = {"event": {"name": [name]}}
    body = [an_event(name, payload={"text": "x" * 20_000}) for _ in range(100)]
    with subscribed(product, filter=wanted) as lazy, subscribed(product, filter=wanted) as eager:
        lazy.socket.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 4096)
        before = memory_of(product, "web")
        with product.client() as client:
            for number in range(20):
                for event in body:
                    event["id"] = str(uuid4())
                assert client.post("/events", json=body).status_code == 204
                assert len(heard(eager, 100)) == 100, number

        assert memory_of(product, "web") - before < 60 << 20


def memory_of(product: Product, process: str) -> int:
    statm = Path(f"/proc/{product.pids()[process]}/statm")
    return int(statm.read_text().split()[1]) * 4096


@pytest.mark.slow
def test_fifty_subscribers_miss_nothing_and_cost_little(product: Product) -> None:
    """At most 40 µs of CPU per event and subscriber on a machine of its own; here three times."""
    subscribers, events = 50, 1_000
    name = uuid4().hex
    body = [an_event(name, payload={"number": number}) for number in range(events)]

    async def numbers() -> list[int]:
        url = product.url.replace("http", "ws", 1) + "/api/events/out"
        async with connect(url, subprotocols=[Subprotocol("prefect")]) as socket:
            await socket.send(json.dumps({"type": "auth", "token": product.key}))
            await socket.recv()
            filter = {"event": {"name": [name]}}
            await socket.send(json.dumps({"type": "filter", "filter": filter}))
            told = [json.loads(await socket.recv()) for _ in body]
            return [each["event"]["payload"]["number"] for each in told]

    async def all_of_them() -> list[list[int]]:
        listening = [asyncio.create_task(numbers()) for _ in range(subscribers)]
        await asyncio.sleep(2)
        async with httpx.AsyncClient(base_url=f"{product.url}/api", timeout=60) as client:
            for start in range(0, events, 10):
                key = {"Authorization": f"Bearer {product.key}"}
                answer = await client.post("/events", json=body[start : start + 10], headers=key)
                assert answer.status_code == 204
        return await asyncio.gather(*listening)

    before = cpu_seconds(product, "web")
    found = asyncio.run(asyncio.wait_for(all_of_them(), 120))

    spent = cpu_seconds(product, "web") - before
    assert all(each == list(range(events)) for each in found)
    assert spent / events / subscribers < 120e-6, spent


def cpu_seconds(product: Product, process: str) -> float:
    stat = Path(f"/proc/{product.pids()[process]}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
