"""What subscribers of `/api/events/out` cost, and whether they miss anything."""

import asyncio
import json
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bench import tree
from bench.client import Client, Row, frames_of, order_event, until


async def stream(client: Client, subscribers: int = 50, events: int = 2_000) -> list[Row]:
    """What does it cost to tell 50 subscribers of each event?

    The CPU of the whole tree while they listen, less that for as many events without them.
    """
    tag = uuid4().hex[:8]
    alone = await _cost(client, f"bench.{tag}.alone", events)
    name = f"bench.{tag}.created"
    listening = [asyncio.create_task(_hear(client, name, events)) for _ in range(subscribers)]
    await asyncio.sleep(2)
    shared = await _cost(client, name, events)
    heard = await asyncio.gather(*listening)
    missing = sum(events - len(ids) for ids in heard)
    return [
        ("stream: CPU per event and subscriber", (shared - alone) / subscribers, "µs"),
        ("stream: missing", missing, "events"),
    ]


async def _cost(client: Client, name: str, events: int) -> float:
    """CPU in µs per event, until it is recorded."""
    sent = [order_event(name, f"shop.{n}") for n in range(events)]
    begun = tree.cpu_seconds(client.pid)
    await client.send(frames_of(sent))
    await until(lambda: client.recorded(name), events)
    return (tree.cpu_seconds(client.pid) - begun) / events * 1e6


async def _hear(client: Client, name: str, events: int) -> set[str]:
    address = client.product.url.replace("http:", "ws:", 1) + "/api/events/out"
    heard: set[str] = set()
    prefect = Subprotocol("prefect")
    async with connect(address, subprotocols=[prefect], compression=None) as socket:
        await socket.send(json.dumps({"type": "auth", "token": client.product.key}))
        await socket.recv()
        await socket.send(json.dumps({"type": "filter", "filter": {"event": {"name": [name]}}}))
        while len(heard) < events:
            heard.add(json.loads(await socket.recv())["event"]["id"])
    return heard
