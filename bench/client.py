"""What every benchmark needs: a client of the public API, events, percentiles."""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.system import Product

Row = tuple[str, float, str]
PADDING = "the quick brown fox jumps over the lazy dog " * 4


def order_event(name: str, resource: str) -> dict[str, Any]:
    """An event of about 650 bytes, as shops send them."""
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {
            "prefect.resource.id": resource,
            "prefect.resource.name": resource,
            "region": "eu",
        },
        "related": [
            {
                "prefect.resource.id": "shop.customer.7",
                "prefect.resource.role": "customer",
                "tier": "gold",
            }
        ],
        "payload": {"amount": 99.5, "currency": "EUR", "items": [1, 2, 3], "note": PADDING},
    }


class Client:
    """The API of a running Flint. Asks again while it is away or asks for that (503)."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.http = httpx.AsyncClient(
            base_url=f"{product.url}/api",
            headers={"authorization": f"Bearer {product.key}", "content-type": "application/json"},
            timeout=60,
        )

    @property
    def pid(self) -> int:
        """Of `up`, the root of all processes that are measured."""
        assert self.product.process is not None
        return self.product.process.pid

    async def call(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        while True:
            answer = await self.http.request(method, path, content=content)
            if answer.status_code != 503:
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", 0.2)))
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def send(self, frames: Iterable[Sequence[dict[str, Any]]], *, senders: int = 4) -> float:
        """Post frames of events from several connections; seconds until the last answer."""
        bodies = iter([json.dumps(frame).encode() for frame in frames])
        begun = time.perf_counter()

        async def sender() -> None:
            for body in bodies:
                while (await self._post(body)) == 503:
                    await asyncio.sleep(0.2)

        await asyncio.gather(*(sender() for _ in range(senders)))
        return time.perf_counter() - begun

    async def send_by_socket(
        self, events: Sequence[dict[str, Any]], *, connections: int = 2
    ) -> float:
        """One event per frame, as Prefect's client sends; seconds until the last pong."""
        frames = [json.dumps(event) for event in events]
        address = self.product.url.replace("http:", "ws:", 1) + "/api/events/in"
        begun = time.perf_counter()

        async def sender(mine: Sequence[str]) -> None:
            prefect = Subprotocol("prefect")
            async with connect(address, subprotocols=[prefect], compression=None) as socket:
                await socket.send(json.dumps({"type": "auth", "token": self.product.key}))
                await socket.recv()
                for start in range(0, len(mine), 1_000):
                    for frame in mine[start : start + 1_000]:
                        await socket.send(frame)
                    await (await socket.ping())

        await asyncio.gather(*(sender(frames[n::connections]) for n in range(connections)))
        return time.perf_counter() - begun

    async def _post(self, body: bytes) -> int:
        try:
            answer = await self.http.post("/events", content=body)
        except httpx.TransportError:
            return 503  # a process was killed; ids make it safe to send again
        if answer.status_code not in (204, 503):
            answer.raise_for_status()
        return answer.status_code

    async def deployment(self, name: str) -> str:
        flow = await self.call("POST", "/flows/", {"name": name})
        made = await self.call("POST", "/deployments/", {"name": name, "flow_id": flow["id"]})
        return str(made["id"])

    async def automation(self, name: str, trigger: dict[str, Any], deployment: str) -> str:
        action = {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": deployment,
            "parameters": {"event": "{{ event.id }}"},
        }
        body = {"name": name, "trigger": trigger, "actions": [action]}
        return str((await self.call("POST", "/automations/", body))["id"])

    async def automations(self, triggers: Sequence[dict[str, Any]], deployment: str) -> list[str]:
        made: list[str] = []
        work = iter(enumerate(triggers))

        async def maker() -> None:
            for number, trigger in work:
                made.append(await self.automation(f"bench {number}", trigger, deployment))

        await asyncio.gather(*(maker() for _ in range(8)))
        return made

    async def delete(self, automations: Iterable[str]) -> None:
        work = iter(automations)

        async def deleter() -> None:
            for automation in work:
                await self.call("DELETE", f"/automations/{automation}")

        await asyncio.gather(*(deleter() for _ in range(4)))

    async def recorded(self, prefix: str) -> int:
        body = {"filter": {"event": {"prefix": [prefix]}}, "limit": 1}
        return int((await self.call("POST", "/events/filter", body))["total"])

    async def run_count(self, deployment: str) -> int:
        body = {"deployments": {"id": {"any_": [deployment]}}}
        return int(await self.call("POST", "/flow_runs/count", body))

    async def runs(self, deployment: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            body = {
                "deployments": {"id": {"any_": [deployment]}},
                "sort": "ID_DESC",
                "limit": 200,
                "offset": len(found),
            }
            page = await self.call("POST", "/flow_runs/filter", body)
            found += page
            if len(page) < 200:
                return found


async def until(ask: Callable[[], Awaitable[int]], wanted: int, *, seconds: float = 120) -> int:
    """Ask until the answer is `wanted`, or nothing has moved for `seconds`; the last answer."""
    moved, last = time.monotonic(), -1
    while True:
        answer = await ask()
        if answer != last:
            moved, last = time.monotonic(), answer
        if answer >= wanted or time.monotonic() - moved > seconds:
            return answer
        await asyncio.sleep(0.2)


def frames_of(events: Sequence[dict[str, Any]], size: int = 100) -> list[Sequence[dict[str, Any]]]:
    return [events[start : start + size] for start in range(0, len(events), size)]


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def percentile(values: Sequence[float], percent: int) -> float:
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
